#!/usr/bin/env python3
"""What must not pass: a wrong password, a foreign or expired certificate, another's From, values against the rules."""
import re
import subprocess
import sys

from foreign_link import ForeignLink
from local_overlay import wait_until
from scenario import Scenario, check
from sip_client import SipClient

DOMAIN = 'demo.example'


class Refusal(Scenario):
    def play(self):
        self.begin('ring of two')
        self.members = self.overlay(2, name=DOMAIN)
        self.home, self.other = self.members.nodes
        for user in ('alice', 'mallory'):
            self.members.add_user(user, f'{user}-secret', [self.home])
        self.members.add_user('bob', 'bob-secret', [self.other])
        self.members.start()
        self.wrong_password()
        self.from_of_another()
        self.values_against_the_rules()
        self.foreign_node()

    def client(self, user, password=None, node=None):
        return SipClient(user, DOMAIN, password or f'{user}-secret', (node or self.home).port(2))

    def bound(self, node):
        return [entry['aor'] for entry in node.query('registrations')['registrations'] if entry['contacts']]

    def wrong_password(self):
        self.begin('wrong password')
        statuses = self.client('mallory', password='guessed').register()
        check(statuses[0] == 401 and statuses[-1] in (401, 403), f'a wrong password is answered {statuses}')
        phone = self.phone('mallory', self.home, 440, password='guessed', wait=False)
        shown = phone.wait_log(r'\b(401|403)\b', 15).group(1)
        check(self.bound(self.home) == [], f'registered all the same: {self.bound(self.home)}')
        check(self.home.query('counters')['registrar_users'] == 0, 'the registrar keeps something')
        self.say(f'wrong password: {statuses}, baresip shows {shown}, nothing registered')
        phone.stop()
        statuses = self.client('mallory').register()
        check(statuses == [401, 200], f'the right password is answered {statuses}')

    def from_of_another(self):
        self.begin('From of another')
        bob = self.phone('bob', self.other, 660)
        alice = self.client('alice')
        check(alice.register() == [401, 200], 'alice cannot register')
        self.members.wait_ring()
        statuses = alice.message(bob.aor, 'honest')
        check(statuses[-1] in (200, 202), f'her own From is answered {statuses}')
        bob.wait_message('honest')
        for sender in (bob.aor, f'sip:mallory@{DOMAIN}', 'sip:president@elsewhere.example'):
            statuses = alice.message(bob.aor, 'forged', sender=sender)
            check(statuses[-1] == 403, f'From {sender} is answered {statuses}')
            self.say(f'alice says From {sender}: {statuses}')

    def refused_store(self, what, error, *words):
        result = subprocess.run([self.options.binary, 'store', *words, '--socket', self.home.socket],
                                capture_output=True, text=True, timeout=60)
        said = result.stderr.strip()
        check(result.returncode == 1, f'{what}: exit code {result.returncode}: {said}')
        check(error in said, f'{what}: does not name {error}: {said}')
        self.say(f'{what}: exit 1, {said}')

    def values_against_the_rules(self):
        self.begin('store')
        alice = f'alice@{DOMAIN}'
        self.refused_store('unknown Kind', 'Error_Unknown_Kind', alice, '0xf00000aa', 'x', '60')
        self.refused_store('oversized value', 'Error_Data_Too_Large', alice, 'SIP-REGISTRATION', 'x' * 20000, '60',
                           self.home.node_id)
        self.refused_store("another's resource", 'Error_Forbidden', f'bob@{DOMAIN}', 'SIP-REGISTRATION', 'x', '60',
                           self.home.node_id)

    def certificates(self, foreign):
        """A stranger at the link socket: taken with a good certificate, so that the refusals are for the bad ones."""
        self.begin('certificates at the link socket')
        node_id = '5a' * 16
        own, other = self.members.authority, foreign.authority
        for what, authority, days, alert in (('good', own, 30, None), ('expired', own, -1, 'certificate expired'),
                                             ('of another authority', other, 30, r'unknown ca|bad certificate|'
                                              'certificate unknown')):
            knocking = ForeignLink(f'{self.folder}/knock-{what.split()[0]}', DOMAIN, node_id, authority, days)
            made, failed, said = knocking.knock(self.home)
            if alert is None:
                check((made, failed) == (1, 0), f'a good certificate is refused: {said}')
                self.say('good certificate: taken')
                continue
            check((made, failed) == (0, 1), f'a certificate {what} is taken')
            found = re.search(rf'alert ({alert})', said)
            check(found, f'certificate {what}: no alert {alert} in: {said}')
            self.say(f'certificate {what}: alert {found.group(1)}')

    def foreign_node(self):
        """The same overlay name, but another authority: its node is sent to our first node and gets no link."""
        foreign = self.overlay(2, subfolder='foreign', base_port=self.options.base_port + 100, name=DOMAIN,
                               create_options=['--bootstrap', self.home.link_address])
        self.certificates(foreign)
        self.begin('node of another overlay')
        stranger = foreign.nodes[1]
        foreign.join(stranger).start()

        def refused():
            with open(stranger.log_path) as log:
                return [line.strip() for line in log if 'link_refused' in line]

        said = wait_until(refused, 20, 'the log names the reason')[0]
        check(f'remote={self.home.link_address} begun_by="us"' in said, f'it does not say whom it asked: {said}')
        self.say(said)
        passive = f'link_refused remote={stranger.link_address} begun_by="remote"'
        wait_until(lambda: passive in self.home.log(), 10, 'the side that was asked logs it too')
        check(stranger.state() in ('joining', 'isolated'), f'the stranger is {stranger.state()}')
        check(stranger.query('peers')['peers'] == [], 'the stranger has a link')
        for node in self.members.nodes:
            linked = [peer['address'] for peer in node.query('peers')['peers']]
            check(stranger.link_address not in linked, f'{node.name} has a link to the stranger')
        problems = stranger.query('status')['problems']
        check(problems and self.home.link_address in problems[0]['text'], f'what it tried is not told: {problems}')
        self.say(problems[0]['text'])


if __name__ == '__main__':
    sys.exit(Refusal.main())
