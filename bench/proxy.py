#!/usr/bin/env python3
"""CPU of a registration, a digest registration and a call through one node, and through Kamailio, in one run.

Both users of a call are on the node. Rounds alternate between the two programs, so that a noisy machine is noisy to both;
the medians and their ratio are printed. Needs kamailio and a SIP load generator that prints cpu_us_per_op=… for a
process (--load PATH), and root or not, as it listens on high ports only.

    bench/proxy.py --binary build/release/bin/chordial --load PATH --kamailio-config PATH [--rounds 5]
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'process'))
from local_overlay import LocalOverlay, wait_until  # noqa: E402

USERS = 200
OPERATIONS = {'reg': 20000, 'regauth': 10000, 'call': 5000}


class Kamailio:
    name = 'kamailio'

    def __init__(self, config, folder, port, auth):
        self.port = port
        self.domain = '127.0.0.1'
        text = open(config).read()
        for key, value in (('@PORT@', str(port)), ('@CHILDREN@', '1'), ('@ADDR@', '127.0.0.1')):
            text = text.replace(key, value)
        self.config = os.path.join(folder, f'kamailio-{port}.cfg')
        with open(self.config, 'w') as out:
            out.write(text)
        self.folder = os.path.join(folder, f'run-{port}')
        os.makedirs(self.folder)
        self.pid_file = os.path.join(folder, f'kamailio-{port}.pid')
        self.auth = auth

    def start(self):
        command = ['kamailio', '-DD', '-E', '-x', 'tlsf', '-X', 'tlsf', '-f', self.config, '-m', '512', '-M', '32',
                   '-Y', self.folder, '-P', self.pid_file] + (['-A', 'WITH_AUTH'] if self.auth else [])
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: os.path.exists(self.pid_file) and os.path.getsize(self.pid_file), 10, 'kamailio')
        self.pid = int(open(self.pid_file).read())

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class OurNode:
    name = 'chordial'

    def __init__(self, binary, folder, base_port, auth):
        self.overlay = LocalOverlay(binary, os.path.join(folder, f'overlay-{base_port}'), 1, base_port)
        os.makedirs(self.overlay.folder)
        self.port = self.overlay.nodes[0].port(2)
        self.domain = '127.0.0.1'
        self.auth = auth

    def start(self):
        overlay, node = self.overlay, self.overlay.nodes[0]
        overlay.create()
        users = os.path.join(overlay.folder, 'users.csv')
        with open(users, 'w') as out:
            out.writelines(f'u{i},secret,{node.name}\n' for i in range(USERS))
        overlay.run('user', 'import', users, '--dir', overlay.authority)
        overlay.admit_name(node)
        overlay.join(node)
        if not self.auth:
            text = open(node.config).read()
            text = re.sub(r'(?m)^\[sip\]$', '[sip]\ntrusted_addresses = ["127.0.0.1"]', text)
            with open(node.config, 'w') as out:
                out.write(text)
        with open(node.config, 'a') as out:
            out.write('\n[limits]\ntransactions_max = 1048576\n')  # the RFC keeps each for 32 s, at any rate
        node.start()
        overlay.wait_ring(20)
        self.pid = node.process.pid

    def stop(self):
        self.overlay.stop()


def measure(load, server, mode, count):
    result = subprocess.run(
        [load, '--pid', str(server.pid), '--port', str(server.port), '--mode', mode, '--users', str(USERS), '--n',
         str(count), '--window', '32', '--domain', server.domain, '--label', server.name],
        capture_output=True, text=True, timeout=180)
    found = re.search(r'ok=(\d+) failed=(\d+).*?cpu_us_per_op=([\d.]+)', result.stdout)
    if not found or int(found.group(2)) > 0 or int(found.group(1)) < count:
        sys.exit(f'{server.name} {mode}: {result.stdout.strip()} {result.stderr.strip()}')
    return float(found.group(3))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--binary', required=True)
    parser.add_argument('--load', required=True)
    parser.add_argument('--kamailio-config', required=True)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--json', action='store_true')
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='chordial-bench-')
    servers = {}
    figures = {}
    try:
        for auth in (False, True):
            servers[auth] = (Kamailio(options.kamailio_config, folder, 29100 + auth, auth),
                             OurNode(options.binary, folder, 29200 + 100 * auth, auth))
            for server in servers[auth]:
                server.start()
        for server in servers[False]:
            measure(options.load, server, 'reg', USERS)  # everybody is registered before the first call
        for _ in range(options.rounds):
            for mode, count in OPERATIONS.items():
                for server in servers[mode == 'regauth']:
                    figures.setdefault((mode, server.name), []).append(measure(options.load, server, mode, count))
    finally:
        for pair in servers.values():
            for server in pair:
                if hasattr(server, 'pid'):
                    server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    rows = []
    for mode in OPERATIONS:
        ours = statistics.median(figures[mode, 'chordial'])
        theirs = statistics.median(figures[mode, 'kamailio'])
        rows.append({'work': mode, 'chordial_us': ours, 'kamailio_us': theirs, 'ratio': round(ours / theirs, 2)})
    if options.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            print('{work:8} chordial {chordial_us:7.1f} us   kamailio {kamailio_us:7.1f} us   ratio {ratio:.2f}'.format(**row))


if __name__ == '__main__':
    main()
