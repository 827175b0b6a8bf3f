#!/usr/bin/env python3
"""Wireshark as judge: the demo's call is captured, decrypted by the key log, and dissected as RELOAD.

Needs root, dumpcap and tshark, and fails without them: a judge who was not there has judged nothing.
"""
import argparse
import collections
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import processes
from baresip import PhoneError
from demo import PEERS, Demo
from local_overlay import OverlayError, wait_until
from scenario import TestFailure, check

APPLICATION_DATA = '23'
PING_ANSWER = '24'
INVITE = b'INVITE sip:bob@'.hex()
# What the dissector, written after a draft, cannot know: the final version number, and our own extension (the tunnel).
KNOWN_UNKNOWN = (re.compile(r'version \(uint8\): Unknown \(0x0a\)$'),
                 re.compile(r'type \(MessageExtensionType\): Unknown \(61521\)$'))
FIELDS = ('frame.number', 'frame.protocols', 'udp.srcport', 'udp.dstport', 'dtls.record.content_type',
          'reload_framing.type', 'reload.forwarding.trans_id', 'reload.message.code', 'reload_framing.message.data')

Frame = collections.namedtuple('Frame', 'number protocols source destination records framing transactions codes data')


class ObservedDemo(Demo):
    """The demo, which also notes the links that stand after its message."""

    def message(self):
        super().message()
        self.links = {node.number: [int(peer['address'].rsplit(':', 1)[1]) for peer in node.query('peers')['peers']]
                      for node in self.overlay.nodes}

    def path(self):
        line = next(line for line in self.lines if line.startswith('call='))
        return [int(name.removeprefix('node')) for name in line.split('path=')[1].split('>')]


class Capture:
    def __init__(self, folder, first_port, last_port):
        self.file = os.path.join(folder, 'capture.pcapng')
        self.log = os.path.join(folder, 'dumpcap.log')
        with open(self.log, 'w') as log:
            self.process = processes.start(
                ['dumpcap', '-q', '-B', '16', '-i', 'lo', '-f', f'udp portrange {first_port}-{last_port}',
                 '-w', self.file], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        wait_until(lambda: self.process.poll() is not None
                   or os.path.exists(self.file) and os.path.getsize(self.file) > 0, 15, 'dumpcap')
        check(self.process.poll() is None, f'dumpcap ended: {open(self.log).read().strip()}')

    def stop(self):
        processes.end(self.process, signal.SIGINT)

    def dropped(self):
        found = re.search(r'received/dropped on interface .*: \d+/(\d+)', open(self.log).read())
        check(found, 'dumpcap does not say what it dropped')
        return int(found.group(1))


class Judge:
    def __init__(self, capture, keylog, link_ports):
        self.link_ports = link_ports
        self.command = ['tshark', '-r', capture, '-o', f'tls.keylog_file:{keylog}']
        for port in link_ports:
            self.command += ['-d', f'udp.port=={port},dtls']

    def tshark(self, *words):
        result = subprocess.run([*self.command, *words], capture_output=True, text=True, timeout=90)
        check(result.returncode == 0, f'tshark: {result.stderr.strip()}')
        return result.stdout.splitlines()

    def frames(self):
        words = ['-Y', ' || '.join(f'udp.port=={port}' for port in self.link_ports), '-T', 'fields']
        for field in FIELDS:
            words += ['-e', field]
        for line in self.tshark(*words):
            number, protocols, source, destination, *lists = line.split('\t')
            yield Frame(int(number), protocols.split(':'), int(source), int(destination),
                        *[values.split(',') if values else [] for values in lists])

    def complaints(self):
        """What the dissector calls malformed or worth an expert's word, among everything on the link ports."""
        return self.tshark('-Y', '_ws.malformed || _ws.expert', '-T', 'fields', '-e', 'frame.number',
                           '-e', '_ws.expert.message', '-e', 'frame.protocols')

    def unknown(self):
        lines = (line.strip() for line in self.tshark('-O', 'reload,reload-framing'))
        return sorted({line for line in lines if 'Unknown' in line
                       and not any(known.search(line) for known in KNOWN_UNKNOWN)})


def judge_frames(frames):
    check(frames, 'nothing was captured on the link ports')
    in_clear = [frame.number for frame in frames if 'dtls' not in frame.protocols]
    check(not in_clear, f'frames on link ports that are no DTLS: {in_clear[:10]}')
    application = [frame for frame in frames if APPLICATION_DATA in frame.records]
    check(application, 'no application data was captured')
    opaque = [frame.number for frame in application
              if len(frame.framing) < frame.records.count(APPLICATION_DATA)]
    check(not opaque, f'application data that is no RELOAD framing: frames {opaque[:10]}')
    strange = [frame.number for frame in application
               if 'data' in frame.protocols[frame.protocols.index('dtls'):] and 'reload' not in frame.protocols]
    check(not strange, f'bytes inside DTLS that nobody dissected: frames {strange[:10]}')
    messages = sum(len(frame.transactions) for frame in application)
    check(messages > 100, f'only {messages} RELOAD messages')
    print(f'dtls_frames={len(frames)} application_data={sum(f.records.count(APPLICATION_DATA) for f in application)} '
          f'framing={sum(len(f.framing) for f in application)} reload_messages={messages}')
    return application


def judge_links(application, demo, port_of):
    seen = {frozenset((frame.source, frame.destination)) for frame in application if frame.transactions}
    expected = {frozenset((port_of[number], port)) for number, ports in demo.links.items() for port in ports}
    check(len(demo.links) == PEERS and all(demo.links.values()), 'a peer without links')
    missing = [sorted(link) for link in expected - seen]
    check(not missing, f'links that carry no RELOAD in the capture: {missing}')
    print(f'links={len(expected)} all_seen=yes')


def judge_path(application, path, port_of):
    """The request with the INVITE on every link of the path, one after the other, and its answer on the way back."""
    hops = [(port_of[a], port_of[b]) for a, b in zip(path, path[1:])]
    carriers = [frame for frame in application
                if (frame.source, frame.destination) == hops[0] and any(INVITE in data for data in frame.data)]
    check(carriers, f'no INVITE leaves node{path[0]} towards node{path[1]}')
    first = carriers[-1]
    place = next(i for i, data in enumerate(first.data) if INVITE in data)
    transaction = first.transactions[place]
    last = 0
    for source, destination in hops:
        found = [frame.number for frame in application if (frame.source, frame.destination) == (source, destination)
                 and transaction in frame.transactions and any(INVITE in data for data in frame.data)]
        check(found, f'transaction {transaction} with the INVITE is not on {source}>{destination}')
        check(found[0] > last, f'{source}>{destination} carries it before the link in front of it')
        last = found[0]
    for source, destination in reversed(hops):
        found = [frame for frame in application if (frame.source, frame.destination) == (destination, source)
                 and transaction in frame.transactions and PING_ANSWER in frame.codes]
        check(found, f'the answer to {transaction} is not on {destination}>{source}')
    print(f'invite_transaction={transaction} links={len(hops)} path={">".join(f"node{n}" for n in path)} answered=yes')


def judge(demo, capture):
    port_of = {node.number: node.port(0) for node in demo.overlay.nodes}
    wireshark = Judge(capture.file, os.path.join(demo.folder, 'keylog'), list(port_of.values()))
    dropped = capture.dropped()
    check(dropped == 0, f'dumpcap lost {dropped} packets: the capture proves nothing')
    application = judge_frames(list(wireshark.frames()))
    judge_links(application, demo, port_of)
    judge_path(application, demo.path(), port_of)
    complaints = wireshark.complaints()
    check(not complaints, f'the dissector complains: {complaints[:5]}')
    unknown = wireshark.unknown()
    check(not unknown, f'the dissector does not know: {unknown[:5]}')
    print('malformed=0 unknown=0')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--binary', required=True)
    parser.add_argument('--base-port', type=int, required=True)
    parser.add_argument('--folder')
    options = parser.parse_args()
    for program in ('dumpcap', 'tshark'):
        if not shutil.which(program):
            print(f'FAILED {program} is not installed (Debian: tshark, wireshark-common)')
            return 1
    if os.geteuid() != 0:
        print('FAILED this test captures on the loopback interface: run it as root')
        return 1
    kept = options.folder is not None
    options.folder = options.folder or tempfile.mkdtemp(prefix='chordial-capture-')
    os.makedirs(options.folder, exist_ok=True)
    options.ipv6, options.keylog, options.keep = False, True, False
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo, capture, failed = ObservedDemo(options), None, None
    try:
        capture = Capture(options.folder, options.base_port, options.base_port + 10 * PEERS - 1)
        try:
            demo.run()
        finally:
            demo.end()
            capture.stop()
        judge(demo, capture)
    except (TestFailure, OverlayError, PhoneError, OSError, subprocess.TimeoutExpired, KeyboardInterrupt) as error:
        failed = f'{demo.step}: {error or repr(error)}'
    if failed:
        print(f'FAILED {failed}\nlogs and capture are in {options.folder}')
        return 1
    if not kept:
        shutil.rmtree(options.folder, ignore_errors=True)
    print('OK')
    return 0


if __name__ == '__main__':
    sys.exit(main())
