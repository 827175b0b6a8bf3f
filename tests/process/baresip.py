"""A baresip softphone as a test drives it: unmodified, headless, over its control socket.

Knows nothing of the overlay: it registers at an outbound proxy and calls addresses of record.
"""
import json
import math
import os
import re
import signal
import socket
import struct
import subprocess
import time
import wave

import processes

MODULES = '/usr/lib/baresip/modules'
SAMPLE_RATE = 8000


def write_tone(path, hertz, seconds=20):
    """A sine of one frequency, 8 kHz mono, so that who hears it knows who sent it."""
    with wave.open(path, 'wb') as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(b''.join(
            struct.pack('<h', int(12000 * math.sin(2 * math.pi * hertz * i / SAMPLE_RATE)))
            for i in range(seconds * SAMPLE_RATE)))


def tone_share(path, hertz):
    """The part of a recording's energy at one frequency, 0 to 1 (Goertzel, the best half second)."""
    with wave.open(path, 'rb') as recording:
        rate = recording.getframerate()
        channels = recording.getnchannels()
        raw = recording.readframes(recording.getnframes())
    samples = struct.unpack('<%dh' % (len(raw) // 2), raw[:len(raw) // 2 * 2])[::channels]
    window = rate // 2
    best = 0.0
    for start in range(0, len(samples) - window + 1, window):
        part = samples[start:start + window]
        energy = sum(s * s for s in part)
        if energy < window * 100:  # silence
            continue
        omega = 2 * math.pi * hertz / rate
        coefficient = 2 * math.cos(omega)
        before = last = 0.0
        for s in part:
            before, last = last, s + coefficient * last - before
        power = before * before + last * last - coefficient * before * last
        best = max(best, power / (energy * window / 2))
    return best


class PhoneError(Exception):
    pass


class Baresip:
    """One phone. `outbound` is the address and port of the node it is behind; `contact` the only entry
    of its address book, to whom send_message writes; control_port + 1 is used as well."""

    def __init__(self, folder, user, domain, password, outbound, sip_port, control_port,
                 rtp_ports, hertz, ip='127.0.0.1', transport='udp', answer='manual', contact=None,
                 outlives_us=False):
        self.folder = folder
        self.user = user
        self.aor = f'sip:{user}@{domain}'
        self.log_path = os.path.join(folder, 'log')
        self.hertz = hertz
        self._outlives_us = outlives_us
        self._control_port = control_port
        self._process = None
        self._socket = None
        self._console = None
        self._buffer = b''
        os.makedirs(folder, exist_ok=True)
        write_tone(os.path.join(folder, 'tone.wav'), hertz)
        host = f'[{ip}]' if ':' in ip else ip
        self._family = '-6' if ':' in ip else '-4'
        with open(os.path.join(folder, 'accounts'), 'w') as out:
            out.write(f'<sip:{user}@{domain};transport={transport}>;auth_user={user};auth_pass={password};'
                      f'outbound="sip:{outbound};transport={transport}";regint=120;'
                      f'answermode={answer};audio_codecs=PCMU\n')
        with open(os.path.join(folder, 'contacts'), 'w') as out:
            out.write(f'"Contact" <{contact}>\n' if contact else '')
        with open(os.path.join(folder, 'config'), 'w') as out:
            out.write(f"""poll_method epoll
sip_listen {host}:{sip_port}
sip_trans_def {transport}
call_local_timeout 60
call_max_calls 8
audio_player aubridge,nil
audio_source aufile,{folder}/tone.wav
audio_alert aubridge,nil
ausrc_channels 1
auplay_channels 1
audio_level no
rtp_ports {rtp_ports}
rtp_stats yes
jitter_buffer_delay 5-10
net_interface {ip}
snd_path {folder}
module_path {MODULES}
module g711.so
module sndfile.so
module aubridge.so
module aufile.so
module uuid.so
module cons.so
module_tmp account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
cons_listen 127.0.0.1:{control_port + 1}
ctrl_tcp_listen 127.0.0.1:{control_port}
""")

    @property
    def pid(self):
        return self._process.pid

    def start(self, seconds=10):
        with open(self.log_path, 'w') as log:
            self._process = processes.start(
                ['baresip', self._family, '-f', self.folder], outlives_us=self._outlives_us,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder)
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._socket = socket.create_connection(('127.0.0.1', self._control_port), 1)
                self._console = socket.create_connection(('127.0.0.1', self._control_port + 1), 1)
                self._console.sendall(b'\n')  # from now on the phone prints here what it shows its user
                return self
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise PhoneError(f'{self.user}: baresip did not start, see {self.log_path}')
                time.sleep(0.02)

    def command(self, name, parameters=''):
        body = json.dumps({'command': name, 'params': parameters, 'token': name}).encode()
        self._socket.sendall(str(len(body)).encode() + b':' + body + b',')

    def wait(self, match, seconds, what):
        """The first message for which `match` is true; raises after the bound."""
        deadline = time.monotonic() + seconds
        while True:
            colon = self._buffer.find(b':')
            if colon > 0:
                length = int(self._buffer[:colon])
                if len(self._buffer) >= colon + 2 + length:
                    message = json.loads(self._buffer[colon + 1:colon + 1 + length])
                    self._buffer = self._buffer[colon + 2 + length:]
                    if match(message):
                        return message
                    continue
            left = deadline - time.monotonic()
            if left <= 0:
                raise PhoneError(f'{self.user}: no {what} within {seconds} s, see {self.log_path}')
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(65536)
            except socket.timeout:
                continue
            if not data:
                raise PhoneError(f'{self.user}: baresip ended, see {self.log_path}')
            self._buffer += data

    def wait_event(self, kind, seconds=10):
        return self.wait(lambda m: m.get('type') == kind, seconds, kind)

    def wait_log(self, pattern, seconds=10):
        """Waits until the phone has printed a line that matches."""
        deadline = time.monotonic() + seconds
        while True:
            with open(self.log_path, errors='replace') as log:
                found = re.search(pattern, log.read())
            if found:
                return found
            if time.monotonic() > deadline:
                raise PhoneError(f'{self.user}: /{pattern}/ not printed within {seconds} s')
            time.sleep(0.02)

    def wait_registered(self, seconds=15):
        """The registration may be over before the control socket answers, so the log is asked."""
        self.wait_log(r'200 OK .*\[\d+ binding', seconds)

    def send_message(self, text):
        self.command('message', text)

    def wait_message(self, text, seconds=10):
        """Waits until the phone shows its user this text as a message."""
        shown = b''
        deadline = time.monotonic() + seconds
        while f': "{text}"'.encode() not in shown:
            left = deadline - time.monotonic()
            if left <= 0:
                raise PhoneError(f'{self.user}: message not shown within {seconds} s')
            self._console.settimeout(left)
            try:
                shown += self._console.recv(65536)
            except socket.timeout:
                pass

    def rtp_packets(self):
        """(sent, received) of the last call, from the statistics that baresip prints at its end."""
        found = self.wait_log(r'packets:\s+(\d+)\s+(\d+)')
        return int(found.group(1)), int(found.group(2))

    def recordings(self):
        """The files of what was received, one for each call."""
        return [os.path.join(self.folder, f) for f in os.listdir(self.folder)
                if f.startswith('dump-') and f.endswith('dec.wav')]

    def recorded_bytes(self):
        return max((os.path.getsize(f) for f in self.recordings()), default=0)

    def forget_recordings(self):
        for file in self.recordings():
            os.remove(file)

    def heard(self, hertz):
        """Whether the recording of what was received holds the tone."""
        return any(tone_share(f, hertz) > 0.8 for f in self.recordings())

    def stop(self):
        """Unregisters and ends; by force after five seconds. Quiet when it is not running."""
        if self._process is None:
            return
        told = False
        if self._socket and self._process.poll() is None:
            try:
                self.command('quit')
                told = True
            except OSError:
                pass
        processes.end(self._process, None if told else signal.SIGTERM, 5)
        for connection in (self._socket, self._console):
            if connection:
                connection.close()
        self._process = None
