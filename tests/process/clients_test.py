#!/usr/bin/env python3
"""Other phones than baresip, with the habits that phones have: Linphone, and SIPp playing what is met in the field.

Each is behind another node than who it calls. Needs linphonec and sipp, and fails without.
"""
import os
import shutil
import subprocess
import sys

import processes
from linphone import Linphone
from local_overlay import wait_until
from scenario import HEARD_BYTES, Scenario, check

DOMAIN = 'demo.example'
SIPP_SECONDS = 30
CALLS = 10  # so that what races has several chances
INSTANCES = {'dave': 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'erin': '00000000-0000-1000-8000-aabbccddeeff'}


class Sipp:
    """One run of a scenario; what it sent and received is in the folder."""

    def __init__(self, test, name, node, user, callee=None, port=None, calls=1):
        self.name = f'{name} of {user}'
        self.folder = os.path.join(test.folder, f'sipp-{len(test.processes)}-{name}')
        os.makedirs(self.folder)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sipp', f'{name}.xml')
        words = ['sipp', node.sip_address, '-sf', script, '-i', '127.0.0.1', '-p', str(port), '-m', str(calls),
                 '-r', str(CALLS * 4), '-l', str(calls), '-au', user, '-ap', f'{user}-secret', '-s', callee or user,
                 '-key', 'me', user, '-key', 'domain', DOMAIN, '-key', 'instance', INSTANCES[user],
                 '-nostdin', '-timeout', str(SIPP_SECONDS), '-timeout_error', '-trace_msg', '-trace_err',
                 '-mp', str(test.options.base_port + 600 + 10 * len(test.processes))]
        with open(f'{self.folder}/screen', 'w') as screen:
            self.process = processes.start(words, stdin=subprocess.DEVNULL, stdout=screen, stderr=subprocess.STDOUT,
                                           cwd=self.folder)
        test.processes.append(self.process)

    def wait(self):
        code = self.process.wait(SIPP_SECONDS + 10)
        check(code == 0, f'{self.name}: exit code {code}, see {self.folder}')


class Clients(Scenario):
    def play(self):
        self.begin('ring of three')
        for program, package in (('linphonec', 'linphone-cli'), ('sipp', 'sip-tester')):
            check(shutil.which(program), f'{program} is missing: scripts/setup test installs {package}')
        overlay = self.overlay(3, name=DOMAIN)
        self.near, _, self.far = overlay.nodes
        for user, node in (('carol', self.near), ('dave', self.near), ('bob', self.far), ('erin', self.far)):
            overlay.add_user(user, f'{user}-secret', [node])
        overlay.start()
        self.linphone()
        self.sipp()

    def linphone(self):
        self.begin('linphonec registers')
        base = self.options.base_port
        carol = Linphone(os.path.join(self.folder, 'carol'), 'carol', DOMAIN, 'carol-secret', self.near.sip_address,
                         base + 500, base + 510, 440)
        self.phones.append(carol)
        carol.start()
        bob = self.phone('bob', self.far, 660)
        carol.wait_registered()
        self.begin('linphonec calls baresip')
        carol.command(f'call {bob.aor}')
        bob.wait_event('CALL_ESTABLISHED', 20)
        self.talk(carol, bob)
        carol.command('terminate')
        bob.wait_event('CALL_CLOSED', 10)
        carol.wait_released(1)
        self.heard(carol, bob)
        self.begin('baresip calls linphonec')
        for phone in (carol, bob):
            phone.forget_recordings()
        bob.command('dial', carol.aor)
        bob.wait_event('CALL_ESTABLISHED', 20)
        self.talk(carol, bob)
        bob.command('hangup')
        bob.wait_event('CALL_CLOSED', 10)
        carol.wait_released(2)
        self.heard(bob, carol)

    def talk(self, one, other):
        wait_until(lambda: min(one.recorded_bytes(), other.recorded_bytes()) > HEARD_BYTES, 20,
                   f'audio between {one.user} and {other.user}')

    def heard(self, caller, callee):
        check(callee.heard(caller.hertz), f'{callee.user} does not hear {caller.user}')
        check(caller.heard(callee.hertz), f'{caller.user} does not hear {callee.user}')
        self.say(f'call {caller.user} to {callee.user}: tone heard both ways')

    def sipp(self):
        self.begin('sipp registers')
        ports = {'dave': self.options.base_port + 520, 'erin': self.options.base_port + 530}
        for user, node in (('dave', self.near), ('erin', self.far)):
            Sipp(self, 'register', node, user, port=ports[user]).wait()
        self.say('REGISTER with digest and +sip.instance: 200, the instance in its Contact')
        for calling, called in (('uac_bye_after_ack', 'uas_either_order'), ('uac_bye_before_ack', 'uas_either_order'),
                                ('uac_is_hung_up', 'uas_hangs_up')):
            self.begin(f'sipp: {calling}, {called}')
            callee = Sipp(self, called, self.far, 'erin', 'dave', ports['erin'], CALLS)
            caller = Sipp(self, calling, self.near, 'dave', 'erin', ports['dave'], CALLS)
            caller.wait()
            callee.wait()
            self.say(f'{calling} with {called}: {CALLS} calls')


if __name__ == '__main__':
    sys.exit(Clients.main())
