#!/usr/bin/env python3
"""The systemd unit: it runs no node as root, closes its state to others, and is one that systemd takes."""
import argparse
import configparser
import os
import shutil
import subprocess
import sys
import tempfile

PACKAGING = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../packaging')
UNIT = os.path.join(PACKAGING, 'chordial@.service')
WANTED = {'User': 'chordial', 'StateDirectory': 'chordial/%i', 'StateDirectoryMode': '0700', 'UMask': '0077',
          'RuntimeDirectoryPreserve': 'yes', 'NoNewPrivileges': 'yes', 'ProtectSystem': 'strict',
          'ProtectHome': 'yes', 'PrivateTmp': 'yes', 'CapabilityBoundingSet': ''}
EXPOSURE_MAX = 2.0  # of systemd's own scale to ten


def settings():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    return unit['Service']


def failures(binary):
    service = settings()
    for key, value in WANTED.items():
        if service.get(key) != value:
            yield f'{key} is {service.get(key)!r}, not {value!r}'
    if not shutil.which('systemd-analyze'):
        print('systemd-analyze is not installed here: what systemd makes of the unit was not tried')
        return
    with tempfile.TemporaryDirectory() as folder:
        unit = os.path.join(folder, 'chordial@home.example.service')
        with open(UNIT) as source, open(unit, 'w') as copy:
            copy.write(source.read().replace('/usr/bin/chordial', binary))
        verified = subprocess.run(['systemd-analyze', 'verify', '--man=no', unit], capture_output=True, text=True,
                                  timeout=60)
        if verified.returncode != 0 or os.path.basename(unit) in verified.stderr:
            yield f'systemd-analyze verify: {verified.stderr.strip()}'
        security = subprocess.run(['systemd-analyze', 'security', '--offline=true', unit], capture_output=True,
                                  text=True, timeout=60)
        level = next((line for line in security.stdout.splitlines() if 'Overall exposure level' in line), '')
        print(level.strip('→ \n'))
        if not level or float(level.split(': ')[1].split()[0]) > EXPOSURE_MAX:
            yield f'more exposed than {EXPOSURE_MAX}: {level or security.stderr}'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--binary', required=True)
    parser.add_argument('--base-port')
    found = list(failures(os.path.abspath(parser.parse_args().binary)))
    for failure in found:
        print(f'FAILED {failure}')
    if not found:
        print('OK')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
