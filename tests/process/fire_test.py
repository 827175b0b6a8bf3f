#!/usr/bin/env python3
"""The demo's overlay under fire: each of its peers is killed with kill -9 and started again, one is stopped for half
a minute; whoever lives is served meanwhile, and whoever comes back has what he was promised."""
import concurrent.futures
import itertools
import signal
import sys
import time

from demo import NODE_IDS, PEERS
from local_overlay import OverlayError, wait_until
from scenario import Scenario, check
from sip_phone import SipPhone

DOMAIN = 'demo.example'
VISITOR = 'visitor'
REGISTER_S = 40  # a phone gives up after 32 s, and comes again
NOTICED_S = 40   # until nobody is asked any more who is dead
BACK_S = 30
STOPPED_S = 30


class Fire(Scenario):
    def play(self):
        self.begin(f'ring of {PEERS}')
        self.members = self.overlay(PEERS, node_ids=NODE_IDS, name=DOMAIN, create_options=[
            '--successors', '2', '--fingers', '2', '--full-mesh', 'off'])
        for node in self.members.nodes:
            self.members.add_user(f'user{node.number}', f'user{node.number}-secret', [node])
        self.members.add_user(VISITOR, f'{VISITOR}-secret', self.members.nodes)
        self.members.start()
        self.clients = [self.client(f'user{node.number}', node) for node in self.members.nodes]
        self.together(self.expect_registered, self.clients)
        self.worst = {}
        self.serves('before the first shot', self.members.nodes)
        for node in self.members.nodes:
            self.killed(node)
        self.stopped(self.members.nodes[3])
        self.say('worst: ' + ', '.join(f'{what} {seconds:.1f} s' for what, seconds in self.worst.items()))

    def end(self):
        for client in getattr(self, 'clients', []):
            client.close()
        super().end()

    def client(self, user, node):
        return SipPhone(user, DOMAIN, f'{user}-secret', node.port(2))

    def expect_registered(self, client):
        """What a phone does: 500 or 503 means later."""
        def registered():
            statuses = client.register()
            check(statuses[-1] in (200, 500, 503), f'REGISTER of {client.user} is answered {statuses}')
            return statuses[-1] == 200

        wait_until(registered, REGISTER_S, f'{client.user} registers')

    def together(self, work, *arguments):
        """All at once, each with its own thread; the first failure is raised."""
        with concurrent.futures.ThreadPoolExecutor(PEERS) as pool:
            return list(pool.map(work, *arguments))

    def timed(self, what, work, *arguments):
        began = time.monotonic()
        result = work(*arguments)
        seconds = time.monotonic() - began
        self.worst[what] = max(self.worst.get(what, 0), seconds)
        return result, seconds

    def killed(self, node):
        self.begin(f'kill -9 {node.name}')
        before = self.bindings(node)
        check(before, f'{node.name} has no bindings to lose')
        alive = [other for other in self.members.nodes if other is not node]
        node.stop(signal.SIGKILL)
        self.serves(f'without {node.name}', alive)

        self.begin(f'{node.name} restarted')
        node.start()
        _, seconds = self.timed('ring', self.members.wait_ring, BACK_S)
        after = self.bindings(node)
        check(after == before, f'{node.name} had the bindings {before} and has {after}')
        registers = node.query('counters')['registrar_registers']
        check(registers == 0, f'{registers} REGISTERs since the start: nothing is shown')
        self.say(f'ring of {PEERS} after {seconds:.1f} s, bindings as before')
        self.serves(f'{node.name} restarted', self.members.nodes, [node])

    def stopped(self, node):
        self.begin(f'SIGSTOP {node.name}')
        before = self.bindings(node)
        alive = [other for other in self.members.nodes if other is not node]
        node.process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + STOPPED_S
        self.serves(f'without {node.name}', alive)
        wait_until(lambda: time.monotonic() > until, STOPPED_S + 5, 'half a minute')
        self.begin(f'SIGCONT {node.name}')
        node.process.send_signal(signal.SIGCONT)
        _, seconds = self.timed('ring after SIGCONT', self.members.wait_ring, BACK_S)
        self.say(f'ring of {PEERS} after {seconds:.1f} s')
        after = self.bindings(node)
        check(after == before, f'{node.name} had the bindings {before} and has {after}')
        self.serves(f'{node.name} goes on', self.members.nodes, [node])

    def serves(self, when, nodes, concerned=()):
        """Each of `nodes` (or of the `concerned` ones) takes a phone, its user is found and can call and be called."""
        self.begin(f'{when}: register')
        home = next(iter(concerned), nodes[-1])
        visitor = self.client(VISITOR, home)
        try:
            _, register = self.timed('register', self.expect_registered, visitor)
            self.begin(f'{when}: lookup')
            wanted = concerned or nodes
            _, lookup = self.timed('lookup', self.together, self.expect_found, wanted, itertools.cycle(nodes[1:]))
            self.begin(f'{when}: calls')
            callers = [self.clients[node.number] for node in nodes]
            circle = list(zip(callers, callers[1:] + callers[:1], strict=True)) + [(visitor, callers[0])]
            chosen = [pair for pair in circle
                      if not concerned or any(self.clients[node.number] in pair for node in concerned)]
            _, calls = self.timed('call', self.together, self.expect_call, *zip(*chosen, strict=True))
            self.say(f'{when}: registered in {register:.1f} s, {len(wanted)} users found in {lookup:.1f} s, '
                     f'{len(chosen)} calls in {calls:.1f} s')
            visitor.register(expires=0)
        finally:
            visitor.close()

    def expect_found(self, home, asked):
        user = f'user{home.number}'

        def found():
            answer = asked.query('lookup', f'sip:{user}@{DOMAIN}', check=False)
            return answer and answer['nodes'] == [home.node_id]

        wait_until(found, NOTICED_S, f'{asked.name} finds {user}')

    def expect_call(self, caller, callee):
        deadline = time.monotonic() + NOTICED_S
        while True:
            try:
                dialog = caller.call(callee.aor)
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise OverlayError(str(error)) from error
        wait_until(lambda: dialog.call_id in callee.answered, 10, f'{callee.user} gets the ACK of {caller.user}')
        caller.hang_up(dialog)
        check(dialog.call_id in callee.ended, f'{callee.user} got no BYE from {caller.user}')

    def bindings(self, node):
        """(user, contact) of each."""
        kept = wait_until(lambda: node.query('registrations', check=False), 20, f'{node.name} answers')
        return sorted((entry['aor'], contact['uri'] if isinstance(contact, dict) else contact)
                      for entry in kept['registrations'] for contact in entry['contacts'])


if __name__ == '__main__':
    sys.exit(Fire.main())
