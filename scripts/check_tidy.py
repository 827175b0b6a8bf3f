#!/usr/bin/env python3
"""Runs clang-tidy on the named files, on all processors, and shows what it says about those that fail:
findings, and errors that kept it from reading a file. Usage: check_tidy.py BUILD FILE..."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build, files = sys.argv[1], sys.argv[2:]
# clang-tidy counts what it suppressed; that is no finding.
NOISE = re.compile(r'^(\d+ warnings?( and \d+ errors?)? generated\.|Suppressed .*|Use -(header|system)-.*)$')


def tidy(file):
    result = subprocess.run(
        ['clang-tidy', '-p', build, '--quiet', '--extra-arg=-Wno-unknown-warning-option', file],
        cwd=root, capture_output=True, text=True)
    said = (result.stdout + result.stderr).split('\n')
    return file, result.returncode, '\n'.join(line for line in said if line and not NOISE.match(line))


failed = 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for number, (file, code, said) in enumerate(pool.map(tidy, files), 1):
        if code != 0:
            failed += 1
            print(f'{file}\n{said}', flush=True)
        if sys.stderr.isatty():
            print(f'\r{number}/{len(files)} ', end='', file=sys.stderr, flush=True)
if sys.stderr.isatty():
    print('\r', end='', file=sys.stderr)
print(f'{len(files)} files, {failed} failed')
sys.exit(1 if failed else 0)
