"""What the tests with real processes share: options, a folder, phones at nodes, calls, and the end of it all."""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import processes
from baresip import Baresip, PhoneError
from local_overlay import LocalOverlay, OverlayError, wait_until

HEARD_BYTES = 24000  # one and a half seconds of recording


class TestFailure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise TestFailure(what)


class Scenario:
    """A test is a subclass with `play`. Its last line is OK or FAILED with the step."""

    def __init__(self, options):
        self.options = options
        self.folder = options.folder or tempfile.mkdtemp(prefix='chordial-test-')
        self.step = 'start'
        self.phones = []
        self.overlays = []
        self.processes = []

    def begin(self, step):
        self.step = step
        print(f'-- {step}', flush=True)

    def say(self, text):
        print(text, flush=True)

    def overlay(self, nodes, subfolder='', base_port=None, **more):
        folder = os.path.join(self.folder, subfolder)
        os.makedirs(folder, exist_ok=True)
        made = LocalOverlay(self.options.binary, folder, nodes, base_port or self.options.base_port, **more)
        self.overlays.append(made)
        return made.create()

    def phone(self, user, node, hertz, password=None, answer='auto', contact=None, wait=True):
        """Each phone has its ports by its place in the list; at most ten to a test."""
        place = len(self.phones)
        base = self.options.base_port
        domain = node.overlay.name
        rtp = base + 400 + 20 * place
        phone = Baresip(os.path.join(self.folder, user), user, domain, password or f'{user}-secret',
                        node.sip_address, base + 200 + 10 * place, base + 300 + 10 * place, f'{rtp}-{rtp + 19}',
                        hertz, answer=answer, contact=f'sip:{contact}@{domain}' if contact else None)
        self.phones.append(phone)
        phone.start()
        if wait:
            phone.wait_registered(30)
        return phone

    def call(self, caller, callee, seconds=20):
        """A call in which each hears the other's tone; what was recorded before does not count."""
        for phone in (caller, callee):
            phone.forget_recordings()
        caller.command('dial', callee.aor)
        caller.wait_event('CALL_ESTABLISHED', seconds)
        wait_until(lambda: min(caller.recorded_bytes(), callee.recorded_bytes()) > HEARD_BYTES, 20,
                   f'audio between {caller.user} and {callee.user}')
        caller.command('hangup')
        for phone in (caller, callee):
            phone.wait_event('CALL_CLOSED', 10)
        check(caller.heard(callee.hertz), f'{caller.user} does not hear {callee.user}')
        check(callee.heard(caller.hertz), f'{callee.user} does not hear {caller.user}')
        self.say(f'call {caller.user} to {callee.user}: tone heard both ways')

    def play(self):
        raise NotImplementedError

    def end(self):
        """One that cannot be ended in order does not keep the others from it."""
        for part in (*self.phones, *self.overlays):
            try:
                part.stop()
            except (OSError, subprocess.SubprocessError) as error:
                self.say(f'at the end: {error!r}')
        for process in self.processes:
            processes.end(process, signal.SIGKILL)

    @classmethod
    def main(cls):
        parser = argparse.ArgumentParser()
        parser.add_argument('--binary', required=True)
        parser.add_argument('--base-port', type=int, required=True)
        parser.add_argument('--folder', help='kept; without it a folder of its own, kept only after a failure')
        scenario = cls(parser.parse_args())
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        failed = None
        try:
            scenario.play()
        except (TestFailure, OverlayError, PhoneError, OSError, subprocess.SubprocessError,
                KeyboardInterrupt) as error:
            failed = f'{scenario.step}: {error or repr(error)}'
        finally:
            scenario.end()
        if failed:
            print(f'FAILED {failed}\nlogs are in {scenario.folder}')
            return 1
        if not scenario.options.folder:
            shutil.rmtree(scenario.folder, ignore_errors=True)
        print('OK')
        return 0
