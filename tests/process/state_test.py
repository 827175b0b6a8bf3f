#!/usr/bin/env python3
"""What a node keeps: nothing that was acknowledged is lost by kill -9, nothing is acknowledged that the disk refused,
what was revoked stays revoked over a restart, and no signal tears a node out of its end."""
import signal
import socket
import subprocess
import sys
import time

import small_disk
from local_overlay import wait_until
from scenario import Scenario, check
from sip_client import SipClient

DOMAIN = 'demo.example'
USERS = [f'user{i}' for i in range(12)]


class State(Scenario):
    def play(self):
        self.begin('ring of two')
        self.members = self.overlay(2, name=DOMAIN)
        self.home, self.other = self.members.nodes
        self.members.run('user', 'import', '-', '--dir', self.members.authority,
                         stdin=''.join(f'{user},{user}-secret,{self.home.name}\n' for user in USERS))
        self.members.admit_name(self.home)
        self.members.start()
        self.revoked_stays_revoked()
        self.killed_at_any_time()
        self.full_disk()
        self.read_only()
        self.address_in_use()
        self.signals()

    def register(self, user, node=None):
        client = SipClient(user, DOMAIN, f'{user}-secret', (node or self.home).port(2))
        try:
            return client.register()[-1]
        finally:
            client.close()

    def bound(self):
        shown = self.home.query('registrations')['registrations']
        return {entry['aor'].split('@')[0] for entry in shown if entry['contacts']}

    def answers(self, node):
        wait_until(lambda: node.query('status', check=False), 20, f'{node.name} answers')

    def settled(self, node):
        """Until a node knows whether others are there it takes no registrations."""
        wait_until(lambda: node.state() not in (None, 'joining'), 40, f'{node.name} has found the others, or nobody')

    def restart(self, node):
        node.stop(signal.SIGKILL)
        node.start()
        self.settled(node)

    def sequence(self, node):
        status = node.query('status', check=False)
        return status['document_sequence'] if status else None

    def revoked_stays_revoked(self):
        self.begin('a newer document')
        self.members.run('user', 'remove', USERS.pop(), '--dir', self.members.authority)
        self.members.admit_name(self.home)
        self.members.join(self.home)
        check(self.home.stop() == 0, 'the node did not end well')
        self.home.start()
        wait_until(lambda: self.sequence(self.other) == 2, 30, 'the other node hears of the new document')
        self.begin('its restart, alone')
        self.home.stop()
        self.other.stop(signal.SIGKILL)
        self.other.start()
        self.answers(self.other)
        check(self.sequence(self.other) == 2, f'it has fallen back to document {self.sequence(self.other)}')
        self.say('document 2 is in force again, though nobody was there to say so')

    def killed_at_any_time(self):
        """Killed right after an answer, again and again."""
        self.begin('kill -9 after each answer')
        self.home.start()
        self.settled(self.home)
        promised, answers = set(), []
        for user in USERS[:5]:
            answers.append(self.register(user))
            self.restart(self.home)
            if answers[-1] == 200:
                promised.add(user)
            check(promised <= self.bound(), f'acknowledged and lost: {promised - self.bound()}')
        check(len(promised) > 2, f'most are refused: {answers}')
        self.say(f'{len(promised)} registrations, each there after kill -9')
        self.begin('kill -9 after a store')
        node_id = self.home.query('status')['node_id']
        name = f'{USERS[0]}@{DOMAIN}'
        for i in range(3):
            self.home.query('store', name, 'SIP-REGISTRATION', f'value {i}', '600', node_id)
            self.restart(self.home)
            values = [bytes.fromhex(value['value']).decode(errors='replace')
                      for value in self.home.query('fetch', name, 'SIP-REGISTRATION')['values']]
            check(f'value {i}' in values, f'value {i} was acknowledged and is not in {values}')
        self.other.stop()
        self.home.stop()

    def full_disk(self):
        disk = small_disk.small_disk(self.home)
        try:
            self.begin(f'a full disk: {disk.name}')
            self.say(disk.name)
            self.home.start()
            self.settled(self.home)
            before = self.bound()
            disk.fill(self.home)
            answers = {user: self.register(user) for user in USERS[6:]}
            refused = {user for user, status in answers.items() if status >= 500}
            taken = {user for user, status in answers.items() if status == 200}
            check(refused | taken == set(answers), f'neither taken nor refused: {answers}')
            check(refused, 'the disk was never full')
            check(not refused & self.bound(), 'refused, and bound all the same')
            self.say(f'{len(refused)} refused, {len(taken)} taken')
            self.names_the_problem()
            self.begin('kill -9 on the full disk')
            self.restart(self.home)
            check(before | taken <= self.bound(), f'lost: {(before | taken) - self.bound()}')
            self.begin('room again')
            disk.free(self.home)
            for user in refused:
                check(self.register(user) == 200, f'{user} is still refused')
            codes = [problem['code'] for problem in self.home.query('status')['problems']]
            check('state-not-written' not in codes, f'problems are still {codes}')
            self.home.stop()
        finally:
            self.home.stop(signal.SIGKILL)
            self.home.prefix = []
            disk.end()

    def names_the_problem(self):
        result = subprocess.run([self.options.binary, 'status', '--socket', self.home.socket],
                                capture_output=True, text=True, timeout=10)
        check(result.returncode == 1, f'status ended with {result.returncode}')
        check('problem: state-not-written: ' in result.stdout, f'status does not name it: {result.stdout}')
        self.say(next(line for line in result.stdout.splitlines() if 'state-not-written' in line))
        lines = [line for line in self.home.log().splitlines() if 'state_not_written' in line]
        check(len(lines) == 1, f'the log names it {len(lines)} times, not once')

    def read_only(self):
        self.begin('a state folder that cannot be written')
        prefix, undo = small_disk.read_only(self.home)
        try:
            result = subprocess.run([*prefix, self.options.binary, 'node', '--config', self.home.config],
                                    capture_output=True, text=True, timeout=20)
        finally:
            undo()
        said = result.stderr.strip()
        check(result.returncode == 1, f'exit code {result.returncode}: {said}')
        check(self.home.state_dir in said and 'cannot be written' in said, f'it does not say so: {said}')
        self.say(said.splitlines()[-1])

    def address_in_use(self):
        self.begin('an address that another program has')
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind((self.members.ip, self.home.port(0)))
            result = subprocess.run([self.options.binary, 'node', '--config', self.home.config],
                                    capture_output=True, text=True, timeout=20)
        said = result.stderr.strip()
        check(result.returncode == 2, f'exit code {result.returncode}: {said}')
        check(f'link.listen {self.home.link_address}: the address is in use' in said, f'it does not say so: {said}')
        self.say(said.splitlines()[-1])

    def signals(self):
        """From the first signal to the end of the process, at whatever moment the next ones come."""
        self.begin('signals while it ends')
        for pause in (0, 0.001, 0.01, 0.03):
            self.home.start()
            self.answers(self.home)
            deadline = time.monotonic() + 15
            process = self.home.process
            process.send_signal(signal.SIGTERM)
            if pause == 0.03:
                process.wait(15)  # in order
            while process.poll() is None and time.monotonic() < deadline:
                process.send_signal(signal.SIGTERM)
                time.sleep(pause)
            code = self.home.stop(signal.SIGKILL)
            check(code == 0, f'ended with {code}')


if __name__ == '__main__':
    sys.exit(State.main())
