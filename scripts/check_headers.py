#!/usr/bin/env python3
"""Compiles every header alone, in batches on all processors: a header that leans on what its includers
happen to include first is named."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
headers = subprocess.run(['git', 'ls-files', 'src/*.h', 'sim/*.h', 'include/*.h'], cwd=root, check=True,
                         capture_output=True, text=True).stdout.split()


def compile_alone(header):
    result = subprocess.run(
        ['g++', '-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-x', 'c++',
         '-I', 'src', '-I', 'include', '-I', '.', '-include', header, '/dev/null'],
        cwd=root, capture_output=True, text=True)
    return header, result.returncode, result.stderr


failed = 0
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for number, (header, code, errors) in enumerate(pool.map(compile_alone, headers), 1):
        if code != 0:
            failed += 1
            print(f'{header} does not compile alone:\n{errors}', flush=True)
        if sys.stderr.isatty():
            print(f'\r{number}/{len(headers)} ', end='', file=sys.stderr, flush=True)
if sys.stderr.isatty():
    print('\r', end='', file=sys.stderr)
print(f'{len(headers)} headers, {failed} failed')
sys.exit(1 if failed or not headers else 0)
