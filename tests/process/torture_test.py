#!/usr/bin/env python3
"""Every message of tests/torture at a node that runs: over UDP and TCP from a stranger, over UDP from a trusted address."""
import csv
import os
import re
import socket
import sys

from scenario import Scenario, check
from sip_client import SipClient

DOMAIN = 'example.com'
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'torture')
STRANGER, USER = '127.0.0.2', '127.0.0.3'  # all of 127.0.0.0/8 is this host
ANSWER_S = 5.0  # how long an answer may take
SILENCE_S = 0.05  # how long there must be none, behind an answer to something else


def status_of(data):
    """The status of the first final answer in it; '-' where there is none."""
    found = re.search(rb'(?:^|\n)SIP/2\.0 ([2-6]\d\d) ', data)
    return found.group(1).decode() if found else '-'


class Case:
    def __init__(self, row):
        self.name = row['file']
        self.expected = {'udp': row['udp'], 'tcp': row['tcp'], 'user': row['user']}
        with open(os.path.join(FOLDER, row['file'] + '.dat'), 'rb') as file:
            data = file.read()
        # Several messages of the RFC share one branch, and would be one transaction.
        own = os.path.basename(row['file']).replace('-', '').encode()
        self.data = re.sub(rb'(branch=z9hG4bKkdjuw)(?=\s)', rb'\1' + own, data)

        mark = re.search(rb'(?im)^(?:call-id|i)[ \t]*:\s*(\S+)', self.data) or re.search(rb'branch=(\w+)', self.data)
        self.mark = mark.group(1) if mark else b'nothing to answer'

    def status_in(self, data):
        """Of an answer to this very message; others may be repeated for a while."""
        return status_of(data) if self.mark in data else '-'

    def answer_port(self):
        """Where an answer over UDP goes: the port in the topmost Via, or 5060 (RFC 3261 §18.2.2)."""
        found = re.search(rb'(?im)^(?:via|v)\s*:(?:\s*\r?\n)?[^,;]*?/\s*\w+\s+(\[[^\]]*\]|[^\s:;,\[]+)(?::(\d+))?',
                          self.data)
        return int(found.group(2)) if found and found.group(2) else 5060


class Torture(Scenario):
    def play(self):
        with open(os.path.join(FOLDER, 'cases.csv'), newline='') as table:
            self.cases = [Case(row) for row in csv.DictReader(table)]
        self.begin('one node')
        members = self.overlay(1, name=DOMAIN)
        self.node = members.nodes[0]
        for user in ('alice', 'user', 'j.user', 'watson'):
            members.add_user(user, f'{user}-secret', [self.node])
        members.join(self.node)
        with open(self.node.config) as file:
            text = file.read()
        with open(self.node.config, 'w') as file:
            file.write(re.sub(r'(?m)^\[sip\]$', f'[sip]\naliases = ["example.net", "example.org"]\n'
                              f'trusted_addresses = ["{USER}"]', text))
        self.node.start()
        members.wait_ring(20)
        self.alice = SipClient('alice', DOMAIN, 'alice-secret', self.node.port(2))
        self.works('before')
        wrong = [f'{case.name} over {way}: {got} and not {want}'
                 for way, send in (('udp', self.stranger), ('tcp', self.stream), ('user', self.user))
                 for case, got, want in self.each(way, send) if got != want]
        check(not wrong, '; '.join(wrong))
        self.works('afterwards')
        self.served_by_the_node()
        counters = self.node.query('counters')
        check(counters['sip_transaction_messages_received'] >= len(self.cases), 'the node has not read them all')
        check(counters['proxy_contexts'] == 0, 'the proxy keeps something')
        self.say(f'{len(self.cases)} messages, three ways each')

    def served_by_the_node(self):
        """A request to the node itself that it does not serve names what it does (RFC 3261 §8.2.1)."""
        self.begin('405')
        node = self.node.query('status')['node_id']
        answer = self.trusted('MESSAGE', f'sip:node-{node}@{DOMAIN}', f'sip:user@{DOMAIN}', '405')
        check(status_of(answer) == '405', f'MESSAGE to the node is answered {answer}')
        check(re.search(rb'(?im)^Allow: OPTIONS\r?$', answer), f'405 without Allow: {answer}')

    def each(self, way, send):
        self.begin(way)
        for case in self.cases:
            want = case.expected[way]
            got = send(case, want)
            if want in ('forwarded', '513'):  # to nobody, for nobody is registered
                want = '480' if got == '480' else '404'
            yield case, got, want
            if way == 'user' and got == '200':
                self.unregister(case)

    def unregister(self, case):
        """From the trusted address, so that nothing is registered for the next case."""
        aor = re.search(rb'(?im)^to\s*:.*?(sip:[^;>\s]+)', case.data).group(1).decode()
        answer = self.trusted('REGISTER', f'sip:{DOMAIN}', aor, case.name[-8:], 'Contact: *', 'Expires: 0')
        check(status_of(answer) == '200', f'{aor} cannot be removed')

    def trusted(self, method, uri, aor, name, *headers):
        """The answer to a request from the trusted address."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((USER, 0))
            lines = [f'{method} {uri} SIP/2.0',
                     f'Via: SIP/2.0/UDP {USER}:{udp.getsockname()[1]};branch=z9hG4bKtrusted{name};rport',
                     f'From: <{aor}>;tag=1', f'To: <{aor}>', f'Call-ID: trusted-{name}', f'CSeq: 1 {method}',
                     *headers, 'Content-Length: 0', '', '']
            udp.sendto('\r\n'.join(lines).encode(), (self.overlays[0].ip, self.node.port(2)))
            udp.settimeout(ANSWER_S)
            return udp.recv(65536)

    def works(self, when):
        self.begin(f'{when}: a phone registers')
        statuses = self.alice.register()
        check(statuses == [401, 200], f'answered {statuses}')

    def stranger(self, case, want):
        return self.datagram(case, want, STRANGER)

    def user(self, case, want):
        return self.datagram(case, want, USER)

    def datagram(self, case, want, source):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind((source, case.answer_port()))
            udp.sendto(case.data, (self.overlays[0].ip, self.node.port(2)))
            if want == '-':
                self.barrier()
            udp.settimeout(SILENCE_S if want == '-' else ANSWER_S)
            try:
                while (status := case.status_in(udp.recv(65536))) == '-':
                    pass
                return status
            except socket.timeout:
                return '-'

    def barrier(self):
        """Returns when the node has dealt with all that was sent before."""
        check(self.alice.request('OPTIONS', f'sip:{DOMAIN}', self.alice.aor, f'sip:{DOMAIN}') == [200], 'OPTIONS')

    def stream(self, case, want):
        """The status, and '!' where the node closes behind it."""
        with socket.create_connection((self.overlays[0].ip, self.node.port(2)), source_address=(STRANGER, 0)) as tcp:
            tcp.sendall(case.data)
            data, closed = b'', False
            if want == '-':
                self.barrier()
            tcp.settimeout(SILENCE_S if want == '-' else ANSWER_S)
            try:
                while not closed and (want.endswith('!') or status_of(data) == '-'):
                    piece = tcp.recv(65536)
                    data += piece
                    closed = not piece
            except socket.timeout:
                pass
            except ConnectionResetError:
                closed = True
            return status_of(data) + ('!' if closed else '')


if __name__ == '__main__':
    sys.exit(Torture.main())
