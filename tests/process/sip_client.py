"""The smallest SIP phone over UDP that can prove itself by digest, and say what an honest phone would not."""
import hashlib
import itertools
import re
import secrets
import socket
import time


class SipClient:
    def __init__(self, user, domain, password, node_port, ip='127.0.0.1'):
        self.user = user
        self.aor = f'sip:{user}@{domain}'
        self.domain = domain
        self.password = password
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ip, 0))
        self.socket.connect((ip, node_port))
        self.local = f'{ip}:{self.socket.getsockname()[1]}'
        self.sequence = itertools.count(1)
        self.call_id = secrets.token_hex(8)

    def close(self):
        self.socket.close()

    def register(self):
        return self.request('REGISTER', f'sip:{self.domain}', self.aor, self.aor,
                            headers=[f'Contact: <sip:{self.user}@{self.local}>', 'Expires: 120'])

    def message(self, to, text, sender=None):
        return self.request('MESSAGE', to, sender or self.aor, to, headers=['Content-Type: text/plain'], body=text)

    def request(self, method, uri, sender, to, headers=(), body=''):
        """The final answers, first the one without credentials, then the one with them if they were asked for."""
        first = self._exchange(method, uri, sender, to, list(headers), body)
        statuses = [first[0]]
        if first[0] in (401, 407):
            statuses.append(self._exchange(method, uri, sender, to,
                                           list(headers) + [self._credentials(method, uri, *first)], body)[0])
        return statuses

    def _credentials(self, method, uri, status, answer):
        challenges = re.findall(r'(?im)^(?:WWW|Proxy)-Authenticate:\s*Digest\s+(.*)$', answer)
        fields = [dict(re.findall(r'(\w+)="?([^",]+)"?', challenge)) for challenge in challenges]
        chosen = next(field for field in fields if field.get('algorithm', 'MD5').upper() == 'MD5')

        def digest(text):
            return hashlib.md5(text.encode()).hexdigest()

        cnonce = secrets.token_hex(8)
        proof = digest(':'.join((digest(f'{self.user}:{chosen["realm"]}:{self.password}'), chosen['nonce'], '00000001',
                                 cnonce, 'auth', digest(f'{method}:{uri}'))))
        name = 'Authorization' if status == 401 else 'Proxy-Authorization'
        opaque = f', opaque="{chosen["opaque"]}"' if 'opaque' in chosen else ''
        return (f'{name}: Digest username="{self.user}", realm="{chosen["realm"]}", nonce="{chosen["nonce"]}", '
                f'uri="{uri}", response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{cnonce}"{opaque}')

    def _exchange(self, method, uri, sender, to, headers, body, seconds=15):
        """(status, answer) of one transaction: sent again after half a second, doubling, as RFC 3261 §17.1.2 says."""
        number = next(self.sequence)
        branch = 'z9hG4bK' + secrets.token_hex(8)
        lines = [f'{method} {uri} SIP/2.0', f'Via: SIP/2.0/UDP {self.local};branch={branch};rport', 'Max-Forwards: 70',
                 f'From: <{sender}>;tag={secrets.token_hex(4)}', f'To: <{to}>', f'Call-ID: {self.call_id}',
                 f'CSeq: {number} {method}', *headers, f'Content-Length: {len(body.encode())}', '', body]
        packet = '\r\n'.join(lines).encode()
        deadline, interval = time.monotonic() + seconds, 0.5
        while time.monotonic() < deadline:
            self.socket.send(packet)
            again = time.monotonic() + interval
            while (left := again - time.monotonic()) > 0:
                self.socket.settimeout(left)
                try:
                    answer = self.socket.recv(65536).decode(errors='replace')
                except socket.timeout:
                    break
                status = re.match(r'SIP/2\.0 (\d{3})', answer)
                if status and branch in answer and int(status.group(1)) >= 200:
                    return int(status.group(1)), answer
            interval = min(interval * 2, 4)
        raise OSError(f'no final answer to {method} within {seconds} s')
