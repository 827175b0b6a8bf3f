"""A SipClient that is at home: it answers every call and every message, and calls others. No audio."""
import queue
import re
import secrets
import threading
import time

from sip_client import SipClient

RINGS = 'INVITE', 'BYE', 'MESSAGE', 'OPTIONS', 'CANCEL'


def header(text, name):
    """The first value of a header, or nothing."""
    found = re.search(rf'(?im)^{name}\s*:\s*(.*?)\r?$', text)
    return found.group(1) if found else ''


def headers(text, name):
    return [value for line in re.findall(rf'(?im)^{name}\s*:\s*(.*?)\r?$', text) for value in line.split(', ')]


def uri_of(value):
    found = re.search(r'<([^>]*)>', value)
    return found.group(1) if found else value.split(';')[0]


class Dialog:
    """A call as its caller sees it."""

    def __init__(self, call_id, local, remote, target, routes, number):
        self.call_id = call_id
        self.local, self.remote = local, remote
        self.target = target
        self.routes = routes
        self.number = number


class SipPhone(SipClient):
    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        self.answered = []   # Call-IDs of calls that were acknowledged
        self.ended = []      # and of those that the other side has ended
        self._tags = {}
        self._waiting = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self):
        self._closing.set()
        self._thread.join()
        super().close()

    def register(self, expires=600):
        return self.request('REGISTER', f'sip:{self.domain}', self.aor, self.aor,
                            headers=[f'Contact: <sip:{self.user}@{self.local}>', f'Expires: {expires}'])

    def call(self, to, seconds=20):
        """The dialog of an answered and acknowledged call; raises OSError with the status otherwise."""
        call_id, tag = secrets.token_hex(8), secrets.token_hex(4)
        local, credentials = f'<{self.aor}>;tag={tag}', []
        for _ in range(2):
            number = next(self.sequence)
            lines = [f'From: {local}', f'To: <{to}>', f'Call-ID: {call_id}', f'CSeq: {number} INVITE',
                     f'Contact: <sip:{self.user}@{self.local}>', *credentials]
            status, answer, branch = self._transact('INVITE', to, lines, '', seconds)
            if 200 <= status < 300:
                routes = headers(answer, 'Record-Route')[::-1]
                dialog = Dialog(call_id, local, header(answer, 'To'), uri_of(header(answer, 'Contact')), routes, number)
                self._send('ACK', dialog.target, self._in_dialog(dialog, number, 'ACK'), '', 'z9hG4bK' +
                           secrets.token_hex(8))
                return dialog
            self._send('ACK', to, [f'From: {local}', f'To: {header(answer, "To")}', f'Call-ID: {call_id}',
                                   f'CSeq: {number} ACK'], '', branch)
            if status not in (401, 407) or credentials:
                raise OSError(f'{self.user} calls {to}: {answer.splitlines()[0]}')
            credentials = [self._credentials('INVITE', to, status, answer)]
        raise OSError(f'{self.user} calls {to}: not let in')

    def hang_up(self, dialog, seconds=10):
        number = dialog.number + 1
        status, answer, _ = self._transact('BYE', dialog.target, self._in_dialog(dialog, number, 'BYE'), '', seconds)
        if status != 200:
            raise OSError(f'{self.user} hangs up: {answer.splitlines()[0]}')

    def _in_dialog(self, dialog, number, method):
        return [*(f'Route: {route}' for route in dialog.routes), f'From: {dialog.local}', f'To: {dialog.remote}',
                f'Call-ID: {dialog.call_id}', f'CSeq: {number} {method}']

    def _send(self, method, uri, lines, body, branch):
        packet = '\r\n'.join([f'{method} {uri} SIP/2.0', f'Via: SIP/2.0/UDP {self.local};branch={branch};rport',
                              'Max-Forwards: 70', *lines, f'Content-Length: {len(body.encode())}', '', body])
        try:
            self.socket.send(packet.encode())
        except ConnectionRefusedError:  # the node is down: as good as lost
            pass

    def _exchange(self, method, uri, sender, to, extra, body, seconds=32):
        lines = [f'From: <{sender}>;tag={secrets.token_hex(4)}', f'To: <{to}>', f'Call-ID: {self.call_id}',
                 f'CSeq: {next(self.sequence)} {method}', *extra]
        return self._transact(method, uri, lines, body, seconds)[:2]

    def _transact(self, method, uri, lines, body, seconds):
        """(status, answer, branch) of the final answer; sent again as RFC 3261 §17.1 says."""
        branch = 'z9hG4bK' + secrets.token_hex(8)
        answers = self._waiting[branch] = queue.Queue()
        deadline, interval, proceeding = time.monotonic() + seconds, 0.5, False
        try:
            while (left := deadline - time.monotonic()) > 0:
                if not (method == 'INVITE' and proceeding):
                    self._send(method, uri, lines, body, branch)
                again = time.monotonic() + min(interval, left)
                while (left := again - time.monotonic()) > 0:
                    try:
                        status, answer = answers.get(timeout=left)
                    except queue.Empty:
                        break
                    if status >= 200:
                        return status, answer, branch
                    proceeding = True
                interval = min(interval * 2, 4)
        finally:
            del self._waiting[branch]
        raise OSError(f'{self.user}: no final answer to {method} {uri} within {seconds} s')

    def _listen(self):
        self.socket.settimeout(0.1)
        while not self._closing.is_set():
            try:
                text = self.socket.recv(65536).decode(errors='replace')
            except (TimeoutError, ConnectionRefusedError):
                continue
            status = re.match(r'SIP/2\.0 (\d{3})', text)
            if status:
                branch = re.search(r'branch=([^;\s,]+)', header(text, 'Via'))
                waiting = self._waiting.get(branch.group(1)) if branch else None
                if waiting:
                    waiting.put((int(status.group(1)), text))
            else:
                self._serve(text)

    def _serve(self, text):
        method, call_id = text.split(' ', 1)[0], header(text, 'Call-ID')
        if method == 'ACK':
            self.answered.append(call_id)
        elif method == 'BYE':
            self.ended.append(call_id)
        if method in RINGS:
            self._answer(text, '200 OK', call_id)

    def _answer(self, request, status, call_id):
        to = header(request, 'To')
        if 'tag=' not in to:
            to += f';tag={self._tags.setdefault(call_id, secrets.token_hex(4))}'
        kept = [line for line in request.split('\r\n\r\n')[0].split('\r\n')[1:]
                if re.match(r'(?i)(via|record-route|from|call-id|cseq)\s*:', line)]
        packet = '\r\n'.join([f'SIP/2.0 {status}', *kept, f'To: {to}', f'Contact: <sip:{self.user}@{self.local}>',
                              'Content-Length: 0', '', ''])
        try:
            self.socket.send(packet.encode())
        except ConnectionRefusedError:
            pass
