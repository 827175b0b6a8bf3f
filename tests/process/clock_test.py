#!/usr/bin/env python3
"""The clock of a node's machine is set back an hour: the node goes on, and so do those who talk to it.

Needs libfaketime (package faketime), and fails without.
"""
import glob
import signal
import subprocess
import sys

from local_overlay import wait_until
from scenario import Scenario, check
from sip_phone import SipPhone

DOMAIN = 'demo.example'
HOUR_S = 3600


class Clock(Scenario):
    def play(self):
        self.begin('ring of three')
        libraries = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')
        check(libraries, 'libfaketime is missing: scripts/setup test installs the package faketime')
        overlay = self.overlay(3, name=DOMAIN)
        _, self.other, self.home = overlay.nodes
        for user in ('alice', 'carol', 'dave'):
            overlay.add_user(user, f'{user}-secret', [self.home])
        overlay.add_user('bob', 'bob-secret', [self.other])
        self.offset = f'{self.folder}/offset'
        self.set_clock(0)
        self.home.prefix = ['env', f'LD_PRELOAD={libraries[0]}', f'FAKETIME_TIMESTAMP_FILE={self.offset}',
                            'FAKETIME_NO_CACHE=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'FAKETIME_DONT_RESET=1']
        self.overlay_ = overlay
        overlay.start()
        self.alice, self.bob = self.client('alice', self.home), self.client('bob', self.other)
        for client in (self.alice, self.bob):
            check(client.register() == [401, 200], f'{client.user} cannot register')
        check(self.problems() == [], f'problems before: {self.problems()}')
        self.set_back()
        self.restarted()
        self.set_right()

    def end(self):
        super().end()
        for client in list(self.__dict__.values()):
            if isinstance(client, SipPhone):
                client.close()

    def client(self, user, node):
        return SipPhone(user, DOMAIN, f'{user}-secret', node.port(2))

    def set_clock(self, seconds):
        with open(self.offset, 'w') as out:
            out.write(f'{seconds:+d}')

    def problems(self):
        return [problem['code'] for problem in self.home.query('status')['problems']]

    def bound(self):
        kept = wait_until(lambda: self.home.query('registrations', check=False), 20, 'registrations')
        return {entry['aor']: entry['contacts'][0] for entry in kept['registrations'] if entry['contacts']}

    def set_back(self):
        self.begin('set back an hour')
        before = self.bound()
        self.set_clock(-HOUR_S)
        wait_until(lambda: self.problems() == ['clock'], 10, 'status names the clock')
        status = self.home.query('status')
        check(abs(status['clock']['offset_ms'] - HOUR_S * 1000) < 5000, f'offset: {status["clock"]}')
        result = subprocess.run([self.options.binary, 'status', '--socket', self.home.socket],
                                capture_output=True, text=True, timeout=10)
        check(result.returncode == 1 and 'clock' in result.stdout, f'status: {result.returncode}, {result.stdout}')
        self.say(status['problems'][0]['text'])
        check(self.bound().keys() == before.keys(), f'bound were {before} and are {self.bound()}')
        self.begin('calls after that')
        self.call(self.bob, self.alice)
        self.call(self.alice, self.bob)
        self.begin('registrations after that')
        self.carol = self.client('carol', self.home)
        self.registers(self.carol)
        self.alice.close()
        self.alice = self.client('alice', self.home)  # her record again, with another phone
        self.registers(self.alice)

    def registers(self, client):
        statuses = client.register()
        check(statuses == [401, 200], f'REGISTER of {client.user} is answered {statuses}')
        found = self.other.query('lookup', client.aor)
        check(found['nodes'] == [self.home.node_id], f'{client.user} is said to be at {found["nodes"]}')
        self.call(self.bob, client)

    def call(self, caller, callee):
        dialog = caller.call(callee.aor)
        wait_until(lambda: dialog.call_id in callee.answered, 10, f'{callee.user} gets the ACK of {caller.user}')
        caller.hang_up(dialog)
        self.say(f'{caller.user} calls {callee.user}: answered')

    def restarted(self):
        self.begin('kill -9 and restart, clock still an hour back')
        before = self.bound()
        self.home.stop(signal.SIGKILL)
        self.home.start()
        after = self.bound()
        check(after.keys() == before.keys(), f'bound were {before} and are {after}')
        self.overlay_.wait_ring(30)
        self.call(self.bob, self.carol)
        self.dave = self.client('dave', self.home)
        self.registers(self.dave)

    def set_right(self):
        self.begin('set right')
        self.set_clock(0)
        wait_until(lambda: self.problems() == [], 10, 'no problem any more')
        self.call(self.bob, self.dave)


if __name__ == '__main__':
    sys.exit(Clock.main())
