"""linphonec, Linphone on a terminal, as a test drives it: unmodified, headless, sound from and to files.

Knows nothing of the overlay: it registers at an outbound proxy and calls addresses of record.
"""
import os
import re
import signal
import subprocess
import time

import processes

from baresip import PhoneError, tone_share, write_tone


class Linphone:
    """One phone that answers every call. `outbound` is the address and port of the node it is behind."""

    def __init__(self, folder, user, domain, password, outbound, sip_port, rtp_port, hertz, ip='127.0.0.1'):
        self.folder = folder
        self.user = user
        self.aor = f'sip:{user}@{domain}'
        self.hertz = hertz
        self.log_path = os.path.join(folder, 'log')
        self.recording = os.path.join(folder, 'heard.wav')
        self._config = os.path.join(folder, 'linphonerc')
        self._process = None
        os.makedirs(os.path.join(folder, '.local/share/linphone'), exist_ok=True)
        write_tone(os.path.join(folder, 'tone.wav'), hertz)
        with open(self._config, 'w') as out:
            out.write(f"""[sip]
sip_port={sip_port}
sip_tcp_port=0
sip_tls_port=0
guess_hostname=0
contact=sip:{user}@{ip}
use_ipv6=0
default_proxy=0
register_only_when_network_is_up=0
publish_presence=0
bind_address={ip}
inc_timeout=30

[net]
auto_net_state_mon=0

[rtp]
audio_rtp_port={rtp_port}
audio_jitt_comp=60

[sound]
echocancellation=0

[proxy_0]
reg_proxy=<sip:{outbound};transport=udp>
reg_identity=<sip:{user}@{domain}>
reg_expires=120
reg_sendregister=1
reg_route=<sip:{outbound};transport=udp;lr>
publish=0

[auth_info_0]
username={user}
userid={user}
passwd={password}
realm={domain}
domain={domain}
""")

    def start(self):
        with open(os.path.join(self.folder, 'console'), 'w') as console:
            self._process = processes.start(
                ['linphonec', '-c', self._config, '-a', '-d', '6', '-l', self.log_path], stdin=subprocess.PIPE,
                stdout=console, stderr=subprocess.STDOUT, cwd=self.folder, env=dict(os.environ, HOME=self.folder))
        self.command('soundcard use files')
        self.command(f'play {self.folder}/tone.wav')
        self.command(f'record {self.recording}')
        return self

    def command(self, line):
        try:
            self._process.stdin.write((line + '\n').encode())
            self._process.stdin.flush()
        except OSError as error:
            raise PhoneError(f'{self.user}: linphonec ended, see {self.log_path}') from error

    def logged(self):
        try:
            with open(self.log_path, errors='replace') as log:
                return log.read()
        except FileNotFoundError:
            return ''

    def wait_log(self, pattern, seconds=20):
        """Waits until something in its log matches."""
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.logged())
            if found:
                return found
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PhoneError(f'{self.user}: /{pattern}/ not in its log within {seconds} s, see {self.log_path}')
            time.sleep(0.02)

    def wait_registered(self, seconds=30):
        self.wait_log(r'moving from state \S+ to \[LinphoneRegistrationOk\]', seconds)

    def wait_released(self, calls, seconds=10):
        """Waits until so many calls are over, and the recording of the last one is complete."""
        self.wait_log(r'(?s)' + calls * r'to LinphoneCallReleased.*?', seconds)

    def recorded_bytes(self):
        return os.path.getsize(self.recording) if os.path.exists(self.recording) else 0

    def forget_recordings(self):
        """The next call begins a new one."""
        if os.path.exists(self.recording):
            os.remove(self.recording)
        self.command(f'record {self.recording}')

    def heard(self, hertz):
        """Whether the recording of what was received holds the tone."""
        return os.path.exists(self.recording) and tone_share(self.recording, hertz) > 0.8

    def stop(self):
        """Unregisters and ends; by force after ten seconds. Quiet when it is not running."""
        if self._process is None:
            return
        how = None
        try:
            self.command('quit')
            self._process.stdin.close()
        except (PhoneError, OSError):
            how = signal.SIGTERM
        processes.end(self._process, how)
        self._process = None
