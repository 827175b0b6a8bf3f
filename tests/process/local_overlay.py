"""An overlay of real chordial processes on this machine, made by the commands an operator uses."""
import json
import os
import signal
import subprocess
import time

import processes


class OverlayError(Exception):
    pass


def wait_until(condition, seconds, what):
    """Calls `condition` until it returns something true, and returns that; raises after the bound."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise OverlayError(f'{what}: not within {seconds} s')
        time.sleep(0.05)


class LocalNode:
    def __init__(self, overlay, name, number, node_id=None):
        self.overlay = overlay
        self.name = name
        self.number = number
        self.node_id = node_id
        self.folder = os.path.join(overlay.folder, name)
        self.config = os.path.join(self.folder, 'node.toml')
        self.socket = os.path.join(self.folder, 'control.sock')
        self.state_dir = os.path.join(self.folder, 'state')
        self.log_path = os.path.join(self.folder, 'log')
        self.keylog = os.path.join(overlay.folder, 'keylog')
        self.prefix = []  # of the command that starts it
        self.process = None

    def port(self, offset):
        return self.overlay.base_port + 10 * self.number + offset

    def address(self, offset):
        ip = self.overlay.ip
        return f'[{ip}]:{self.port(offset)}' if ':' in ip else f'{ip}:{self.port(offset)}'

    @property
    def link_address(self):
        return self.address(0)

    @property
    def sip_address(self):
        return self.address(2)

    def start(self):
        command = [*self.prefix, self.overlay.binary, 'node', '--config', self.config]
        if self.overlay.keep_keys:
            command += ['--keylog', self.keylog]
        with open(self.log_path, 'a') as log:
            self.process = processes.start(command, outlives_us=self.overlay.outlives_us,
                                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        return self

    def log(self):
        with open(self.log_path, errors='replace') as log:
            return log.read()

    def query(self, *words, check=True):
        """The JSON result of one query command, or None where it is not well and `check` is off."""
        result = subprocess.run(
            [self.overlay.binary, *words, '--socket', self.socket, '--json'],
            capture_output=True, text=True, timeout=60)
        if result.stdout.strip():
            return json.loads(result.stdout)
        if check:
            raise OverlayError(f'{self.name}: {" ".join(words)}: {result.stderr.strip()}')
        return None

    def state(self):
        status = self.query('status', check=False)
        return status['state'] if status else None

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, how=signal.SIGTERM, seconds=10):
        """Ends the process; by force after the bound. The exit code comes back."""
        if self.process is None:
            return None
        code = processes.end(self.process, how, seconds)  # a second signal would end it at once
        self.process = None
        return code


class LocalOverlay:
    """`node_ids`: one for each node, or None for random ones."""

    def __init__(self, binary, folder, nodes, base_port, name='demo.example', ip='127.0.0.1',
                 node_ids=None, create_options=(), keep_keys=False, outlives_us=False):
        self.binary = binary
        self.folder = folder
        self.base_port = base_port
        self.name = name
        self.ip = ip
        self.keep_keys = keep_keys
        self.outlives_us = outlives_us
        self.authority = os.path.join(folder, 'authority')
        self.nodes = [LocalNode(self, f'node{i}', i, node_ids[i] if node_ids else None)
                      for i in range(nodes)]
        self.create_options = list(create_options)

    def run(self, *words, stdin=None):
        result = subprocess.run([self.binary, *words], input=stdin, capture_output=True, text=True,
                                timeout=60)
        if result.returncode != 0:
            raise OverlayError(f'chordial {" ".join(words)}: {result.stderr.strip()}')
        return result.stdout

    def create(self):
        self.run('overlay', 'create', self.name, '--dir', self.authority, '--no-ice',
                 '--bootstrap', self.nodes[0].link_address, *self.create_options)
        for node in self.nodes:
            self.admit_name(node)
        return self

    def admit_name(self, node):
        words = ['overlay', 'admit', node.name, '--dir', self.authority,
                 '--out', self.join_file(node)]
        if node.node_id:
            words += ['--node-id', node.node_id]
        self.run(*words)

    def join_file(self, node):
        return os.path.join(self.folder, f'{node.name}.join')

    def add_user(self, user, password, nodes):
        self.run('user', 'add', user, '--dir', self.authority,
                 '--nodes', ','.join(node.name for node in nodes), stdin=password + '\n')
        for node in nodes:
            self.admit_name(node)

    def join(self, node):
        os.makedirs(node.folder, exist_ok=True)
        words = ['join', self.join_file(node), '--config', node.config, '--state-dir', node.state_dir,
                 '--socket', node.socket, '--listen-link', node.link_address,
                 '--listen-application', node.address(1), '--listen-sip', node.sip_address]
        if node.number == 0:
            words.append('--first')
        self.run(*words)
        return node

    def start(self, seconds=30, one_by_one=False):
        """`one_by_one`: each joins a ring that stands, so that no link is left over from busier times."""
        for i, node in enumerate(self.nodes):
            self.join(node).start()
            if one_by_one:
                self.wait_ring(seconds, self.nodes[:i + 1])
        self.wait_ring(seconds)
        return self

    def wait_ring(self, seconds=30, nodes=None):
        """Every node is a member, and the successors make one circle of all of them."""
        members = nodes or self.nodes

        def one_ring():
            successor = {}
            for node in members:
                if not node.running():
                    raise OverlayError(f'{node.name} ended: see {node.log_path}')
                status = node.query('status', check=False)
                if not status or status['state'] not in ('ring', 'mesh') or not status['successors']:
                    return len(members) == 1 and status and status['state'] in ('ring', 'mesh')
                successor[status['node_id']] = status['successors'][0]
                node.node_id = status['node_id']
            at, seen = next(iter(successor)), set()
            while at in successor and at not in seen:
                seen.add(at)
                at = successor[at]
            return len(seen) == len(members)

        wait_until(one_ring, seconds, f'a ring of {len(members)}')

    def name_of(self, node_id):
        for node in self.nodes:
            if node.node_id == node_id:
                return node.name
        return node_id

    def stop(self):
        """Every node is told first and waited for then, so that they end together."""
        for node in self.nodes:
            if node.running():
                node.process.send_signal(signal.SIGTERM)
        return [node.stop(None) for node in self.nodes]
