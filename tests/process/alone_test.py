#!/usr/bin/env python3
"""A node whose neighbours all die goes on as registrar and proxy of its own phones."""
import signal
import subprocess
import sys
import time

from local_overlay import wait_until
from scenario import Scenario, check

USERS = ('carol', 'dave', 'erin', 'frank')


class Alone(Scenario):
    def play(self):
        self.begin('ring of three')
        overlay = self.overlay(3)
        self.left = overlay.nodes[2]
        for user in USERS:
            overlay.add_user(user, f'{user}-secret', [self.left])
        overlay.start()
        self.carol = self.phone('carol', self.left, 440, contact='dave')
        self.dave = self.phone('dave', self.left, 660)

        self.begin('the two others killed')
        for node in overlay.nodes[:2]:
            node.stop(signal.SIGKILL)
        killed = time.monotonic()
        self.phones_work('right away', 'erin', 550)

        self.begin('isolated')
        wait_until(lambda: self.left.state() == 'isolated', 60, 'the node sees that it is alone')
        self.say(f'isolated {time.monotonic() - killed:.1f} s after the others died')
        self.phones_work('isolated', 'frank', 880)
        self.names_the_problem()

    def phones_work(self, when, newcomer, hertz):
        self.begin(f'{when}: call')
        self.call(self.carol, self.dave)
        self.begin(f'{when}: message')
        self.carol.send_message(f'nobody but us, {when}')
        self.dave.wait_message(f'nobody but us, {when}')
        self.begin(f'{when}: {newcomer} registers')
        began = time.monotonic()
        phone = self.phone(newcomer, self.left, hertz)
        self.say(f'{newcomer} registered in {time.monotonic() - began:.1f} s')
        self.begin(f'{when}: call to {newcomer}')
        self.call(self.dave, phone)

    def names_the_problem(self):
        self.begin('status')
        result = subprocess.run([self.options.binary, 'status', '--socket', self.left.socket],
                                capture_output=True, text=True, timeout=10)
        check(result.returncode == 1, f'status ended with {result.returncode}, not 1')
        codes = [problem['code'] for problem in self.left.query('status')['problems']]
        check(codes == ['isolated'], f'problems are {codes}')
        check('isolated' in result.stdout, 'status for people does not say isolated')


if __name__ == '__main__':
    sys.exit(Alone.main())
