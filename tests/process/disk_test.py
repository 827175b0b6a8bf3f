#!/usr/bin/env python3
"""An overlay in which the disk of one node is full, or fails: that node promises nothing it cannot keep and says so,
its phones and those of other nodes call each other, also after kill -9, and it goes on by itself when there is room."""
import resource
import signal
import sys

from local_overlay import wait_until
from restart_test import DOMAIN, just_above
from scenario import Scenario, check
from sip_phone import SipPhone
from small_disk import small_disk

PROBLEM = 'state-not-written'


class Disk(Scenario):
    def play(self):
        self.begin('ring of three')
        # The full node is responsible for dave's record, whose phone is elsewhere.
        keeper = just_above(f'dave@{DOMAIN}')
        ids = [f'{(int(keeper, 16) + i * 2**126) % 2**128:032x}' for i in (1, 2, 0)]
        self.members = self.overlay(3, node_ids=ids, name=DOMAIN)
        self.first, self.other, self.home = self.members.nodes
        for user in ('alice', 'carol', 'erin', 'grace'):
            self.members.add_user(user, f'{user}-secret', [self.home])
        for user in ('bob', 'dave', 'frank'):
            self.members.add_user(user, f'{user}-secret', [self.other])
        for node in self.members.nodes:
            self.members.join(node)
        self.disk = small_disk(self.home)
        self.say(self.disk.name)
        for node in self.members.nodes:
            node.start()
        self.members.wait_ring()
        self.alice, self.bob = self.client('alice', self.home), self.client('bob', self.other)
        for client in (self.alice, self.bob):
            check(client.register() == [401, 200], f'{client.user} cannot register')
        self.full()
        self.restarted_while_full()
        self.failing()

    def end(self):
        super().end()
        for part in list(self.__dict__.values()):
            if isinstance(part, SipPhone):
                part.close()
        if hasattr(self, 'disk'):
            self.disk.end()

    def client(self, user, node):
        return SipPhone(user, DOMAIN, f'{user}-secret', node.port(2))

    def full(self):
        self.begin('disk full')
        self.carol = self.client('carol', self.home)
        self.disk.fill(self.home)
        self.refused(self.carol)
        self.names_the_problem('full')
        self.others_go_on()
        self.begin('room again')
        self.disk.free(self.home)
        self.well_again(self.carol)

    def refused(self, newcomer):
        for _ in range(2):
            statuses = newcomer.register()
            check(statuses[0] == 401 and statuses[-1] in (500, 503), f'REGISTER is answered {statuses}')
        check(newcomer.user not in self.bound(), f'{newcomer.user} is registered all the same')
        self.say(f'REGISTER of {newcomer.user}: {statuses}')

    def names_the_problem(self, word):
        problems = [problem for problem in self.home.query('status')['problems'] if problem['code'] == PROBLEM]
        check(problems and word in problems[0]['text'], f'status does not name it: {self.home.query("status")}')
        lines = [line for line in self.home.log().splitlines() if 'state_not_written' in line]
        check(lines and ' error ' in lines[-1] and word in lines[-1], f'the log says {lines}')
        self.say(f'status: {problems[0]["text"]}; {problems[0]["action"]}')

    def bound(self):
        kept = wait_until(lambda: self.home.query('registrations', check=False), 20, 'registrations')
        return sorted(entry['aor'].split('@')[0] for entry in kept['registrations'] if entry['contacts'])

    def others_go_on(self):
        """Its own phones are called, and those of others register, also where this node keeps their record."""
        self.begin('others, while the disk refuses')
        self.call(self.bob, self.alice)
        self.call(self.alice, self.bob)
        for user in ('dave', 'frank'):
            client = self.client(user, self.other)
            try:
                statuses = client.register()
                check(statuses[-1] == 200, f'{user} registers elsewhere: {statuses}')
                found = self.first.query('lookup', client.aor)
                check(found['nodes'] == [self.other.node_id], f'{user} is said to be at {found["nodes"]}')
                check(user != 'dave' or found['by'] == self.home.node_id, 'dave is not with the full node')
                client.register(expires=0)
            finally:
                client.close()
        self.say('dave and frank register at another node')

    def call(self, caller, callee):
        dialog = caller.call(callee.aor)
        wait_until(lambda: dialog.call_id in callee.answered, 10, f'{callee.user} gets the ACK of {caller.user}')
        caller.hang_up(dialog)
        self.say(f'{caller.user} calls {callee.user}: answered')

    def well_again(self, newcomer):
        wait_until(lambda: newcomer.register()[-1] == 200, 10, f'{newcomer.user} registers')
        wait_until(lambda: not self.home.query('status')['problems'], 10, 'no problems')
        check('state_written_again' in self.home.log(), 'the log does not say that it is over')
        self.say(f'{newcomer.user} is registered; status has no problems')

    def restarted(self):
        before = self.bound()
        self.home.stop(signal.SIGKILL)
        self.home.start()
        after = self.bound()
        check(after == before, f'bound were {before} and are {after}')
        self.members.wait_ring(30)
        self.call(self.bob, self.alice)
        self.say(f'restarted: {", ".join(after)} still bound')

    def restarted_while_full(self):
        self.begin('kill -9 and restart, disk full')
        self.disk.fill(self.home)
        self.restarted()
        self.erin = self.client('erin', self.home)
        self.refused(self.erin)
        self.names_the_problem('full')
        self.disk.free(self.home)
        self.well_again(self.erin)

    def failing(self):
        """No file may grow: as on a disk that fails."""
        self.begin('disk fails')
        self.grace = self.client('grace', self.home)
        pid = self.home.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
        self.refused(self.grace)
        self.names_the_problem('disk')
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        self.well_again(self.grace)
        self.begin('kill -9 and restart')
        self.restarted()


if __name__ == '__main__':
    sys.exit(Disk.main())
