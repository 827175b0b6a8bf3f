#!/usr/bin/env python3
"""The demo: eight peers on this machine, two softphones, one call across the overlay, one message.

Called by scripts/demo. Its last lines are key=value and end with DEMO OK or DEMO FAILED step=…
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from baresip import Baresip, PhoneError  # noqa: E402
from local_overlay import LocalOverlay, OverlayError, wait_until  # noqa: E402

PEERS = 8
RTP_PACKETS = 100
ALICE_HERTZ, BOB_HERTZ = 440, 660
# All peers in one sixteenth of the ring, in the order they join, so that both long links of each lead to the first of
# them: with two successors a message then really crosses several peers, even in an overlay as small as this.
NODE_IDS = [f'1{i:x}' + '5a' * 15 for i in range(PEERS)]


class Demo:
    def __init__(self, options):
        self.options = options
        self.ip = '::1' if options.ipv6 else '127.0.0.1'
        self.folder = options.folder or tempfile.mkdtemp(prefix='chordial-demo-')
        self.step = 'start'
        self.phones = []
        self.overlay = None
        self.lines = []

    def say(self, text):
        print(text, flush=True)

    def tell(self, line):
        self.lines.append(line)

    def run(self):
        self.step = 'ring'
        self.say(f'An overlay of {PEERS} peers, each its own process; state and logs in {self.folder}')
        self.overlay = LocalOverlay(
            self.options.binary, self.folder, PEERS, self.options.base_port, ip=self.ip, node_ids=NODE_IDS,
            create_options=['--successors', '2', '--fingers', '2', '--full-mesh', 'off'],
            keep_keys=self.options.keylog, outlives_us=self.options.keep).create()
        self.overlay.add_user('alice', 'alice-secret', self.overlay.nodes)
        self.overlay.add_user('bob', 'bob-secret', self.overlay.nodes)
        self.overlay.start(one_by_one=True)
        self.tell(f'ring=ok peers={PEERS}')
        self.say('The ring stands; waiting for the links of the joins to go')
        near, far = wait_until(self.distant_pair, 40, 'two nodes three links apart')
        self.register(near, far)
        self.call(far)
        self.message()

    def distant_pair(self):
        """Two nodes whose messages cross at least two others, by the answer's way back."""
        for near in self.overlay.nodes:
            for far in self.overlay.nodes:
                if near is far:
                    continue
                answer = near.query('ping', far.node_id, check=False)
                if answer and answer['hops'] >= 3:
                    return near, far
        return None

    def register(self, near, far):
        self.step = 'register'
        domain = self.overlay.name
        base = self.options.base_port + 200
        self.say(f'Two baresip phones: alice behind {near.name}, bob behind {far.name}')
        self.alice = Baresip(os.path.join(self.folder, 'alice'), 'alice', domain, 'alice-secret',
                             near.sip_address, base, base + 100, f'{base + 200}-{base + 299}', ALICE_HERTZ,
                             ip=self.ip, contact=f'sip:bob@{domain}', outlives_us=self.options.keep)
        self.bob = Baresip(os.path.join(self.folder, 'bob'), 'bob', domain, 'bob-secret',
                           far.sip_address, base + 10, base + 110, f'{base + 300}-{base + 399}', BOB_HERTZ,
                           ip=self.ip, answer='auto', outlives_us=self.options.keep)
        self.phones = [self.alice, self.bob]
        for phone in self.phones:
            phone.start()
        for phone in self.phones:
            phone.wait_registered()
        self.tell('registered=2 auth=digest')

    def call(self, far):
        self.step = 'call'
        self.say('alice calls sip:bob@' + self.overlay.name)
        began = time.monotonic()
        self.alice.command('dial', f'sip:bob@{self.overlay.name}')
        self.alice.wait_event('CALL_ESTABLISHED', 15)
        setup_ms = int((time.monotonic() - began) * 1000)
        invites = far.query('routes')['invites']
        if not invites:
            raise OverlayError(f'{far.name} saw no INVITE in the tunnel')
        path = invites[-1]['path']
        if len(path) < 4:
            raise OverlayError(f'the INVITE crossed {len(path) - 2} intermediate peers, not two')
        self.tell(f'call=answered setup_ms={setup_ms} path='
                  + '>'.join(self.overlay.name_of(node) for node in path))
        self.step = 'audio'
        seconds = (RTP_PACKETS + 60) * 0.02
        wait_until(lambda: time.monotonic() - began > seconds + setup_ms / 1000, 30, 'audio')
        self.alice.command('hangup')
        self.bob.wait_event('CALL_CLOSED', 10)
        alice_sent, alice_received = self.alice.rtp_packets()
        bob_sent, bob_received = self.bob.rtp_packets()
        heard = self.alice.heard(BOB_HERTZ) and self.bob.heard(ALICE_HERTZ)
        self.tell(f'rtp alice_sent={alice_sent} alice_received={alice_received} bob_sent={bob_sent} '
                  f'bob_received={bob_received} tone={"heard" if heard else "missing"}')
        if not heard or min(alice_received, bob_received) < RTP_PACKETS:
            raise PhoneError(self.lines[-1])

    def message(self):
        self.step = 'message'
        self.alice.send_message('hello from the other side')
        self.bob.wait_message('hello from the other side')
        self.tell('message=delivered')

    def end(self):
        for phone in self.phones:
            phone.stop()
        codes = self.overlay.stop() if self.overlay else []
        left = sum(1 for node in (self.overlay.nodes if self.overlay else []) if node.running())
        if any(codes):
            self.say(f'exit codes of the nodes: {codes}')
        self.tell(f'processes_left={left}')
        return left == 0 and all(code in (0, None) for code in codes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--binary', required=True)
    parser.add_argument('--ipv6', action='store_true')
    parser.add_argument('--keep', action='store_true', help='leave the overlay and its files')
    parser.add_argument('--keylog', action='store_true', help='keep the DTLS secrets for Wireshark')
    parser.add_argument('--folder')
    parser.add_argument('--base-port', type=int, default=25000)
    demo = Demo(parser.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = None
    try:
        demo.run()
    except (OverlayError, PhoneError, OSError, subprocess.SubprocessError, KeyboardInterrupt) as error:
        failed = demo.step
        demo.say(f'{demo.step}: {error!r}')
    except BaseException:
        demo.end()
        raise
    if demo.options.keep and not failed:
        demo.say('The overlay goes on running; end it with:')
        demo.say('  kill ' + ' '.join(str(p.pid) for p in demo.phones)
                 + ' ' + ' '.join(str(node.process.pid) for node in demo.overlay.nodes))
        demo.say('Ask a node: build/release/bin/chordial status --socket ' + demo.overlay.nodes[0].socket)
        for line in demo.lines:
            demo.say(line)
        print('DEMO OK')
        return 0
    if not demo.end() and not failed:
        failed = 'end'
    if not failed:
        demo.say('Where to look next: scripts/demo --keep leaves it running, with what to ask it;')
        demo.say('README.md, "An overlay of your own"; docs/ARCHITECTURE.md.')
    for line in demo.lines:
        demo.say(line)
    if failed:
        print(f'DEMO FAILED step={failed}')
        return 1
    if not demo.options.folder:
        shutil.rmtree(demo.folder, ignore_errors=True)
    print('DEMO OK')
    return 0


if __name__ == '__main__':
    sys.exit(main())
