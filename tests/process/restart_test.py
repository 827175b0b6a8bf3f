#!/usr/bin/env python3
"""A node that is killed comes back with its phones; a node that is told to leave leaves nothing behind."""
import hashlib
import signal
import sys
import time

from local_overlay import wait_until
from scenario import Scenario, check

DOMAIN = 'demo.example'


def just_above(aor):
    """The Node-ID that makes a node responsible for what is stored under this address of record."""
    return f'{int.from_bytes(hashlib.sha1(aor.encode()).digest()[:16], "big") + 1:032x}'


class Restart(Scenario):
    def play(self):
        self.begin('ring of four')
        # node2 has no phones, and bob's record is its own to keep.
        keeper = just_above(f'bob@{DOMAIN}')
        ids = [f'{(int(keeper, 16) + i * 2**126) % 2**128:032x}' for i in (2, 3, 0, 1)]
        overlay = self.overlay(4, node_ids=ids, name=DOMAIN)
        self.observer, self.home, self.keeper, self.far = overlay.nodes
        overlay.add_user('alice', 'alice-secret', [self.home])
        overlay.add_user('bob', 'bob-secret', [self.far])
        overlay.start()
        self.alice = self.phone('alice', self.home, 440)
        self.bob = self.phone('bob', self.far, 660)
        self.killed_and_restarted(overlay)
        self.told_to_leave(overlay)

    def killed_and_restarted(self, overlay):
        self.begin('kill -9 and restart')
        before = self.bindings()
        check(len(before) == 1 and before[0]['contacts'],
              f'alice is not registered: {before}')
        self.home.stop(signal.SIGKILL)
        began = time.monotonic()
        self.home.start()
        after = wait_until(lambda: self.bindings(check=False), 20, 'the node answers again')
        check(after == before, f'registrations were {before} and are {after}')
        check(self.home.query('counters')['registrar_registers'] == 0, 'the phone has registered again: nothing shown')
        self.say(f'same bindings {time.monotonic() - began:.1f} s after the start')
        overlay.wait_ring(30)
        self.say(f'ring of four again after {time.monotonic() - began:.1f} s')
        self.begin('call to the restarted node')
        self.call(self.bob, self.alice)

    def bindings(self, check=True):
        """What is registered, without the time that is left of it."""
        shown = self.home.query('registrations', check=check)
        if shown is None:
            return None
        for contact in (contact for user in shown['registrations'] for contact in user['contacts']):
            del contact['expires_in_s']
        return shown['registrations']

    def told_to_leave(self, overlay):
        self.begin('lookup before the leave')
        found = self.lookup('bob')
        check(found['by'] == self.keeper.node_id, f'{overlay.name_of(found["by"])} keeps the record, not node2')
        self.begin('SIGTERM')
        began = time.monotonic()
        code = self.keeper.stop(signal.SIGTERM)
        check(code == 0, f'exit code {code}')
        self.say(f'left with exit code 0 in {time.monotonic() - began:.1f} s')
        rest = [node for node in overlay.nodes if node is not self.keeper]
        overlay.wait_ring(10, rest)
        self.say(f'ring of three {time.monotonic() - began:.1f} s after the signal')
        self.begin('lookup after the leave')
        found = self.lookup('bob')
        check(found['by'] != self.keeper.node_id, 'the record is still said to be with the node that left')
        self.say(f'bob is kept by {overlay.name_of(found["by"])} now')
        self.begin('call after the leave')
        self.call(self.alice, self.bob)

    def lookup(self, user):
        found = self.observer.query('lookup', f'sip:{user}@{DOMAIN}')
        check(found['nodes'] == [self.far.node_id], f'{user} is said to be at {found["nodes"]}')
        return found


if __name__ == '__main__':
    sys.exit(Restart.main())
