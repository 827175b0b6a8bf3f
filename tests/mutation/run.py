#!/usr/bin/env python3
"""Plants bugs one by one and demands that a test catches each: a check that cannot fail is no check.

Each mutation of mutations.json replaces one piece of text, which must stand exactly once in its file, in a copy of the
tree; the named test programs are built there and at least one must fail. Before the first mutation
all of them must pass. Usage: run.py SOURCE BUILD [NAME...]
"""
import json
import pathlib
import shutil
import subprocess
import sys

source, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
chosen = set(sys.argv[3:])
copy = build / 'tree'
out = build / 'build'


def run(*command, seconds=900):
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds)


def fresh_copy():
    """The tracked files; those that did not change keep their time, so that little is rebuilt."""
    copy.mkdir(parents=True, exist_ok=True)
    names = run('git', '-C', str(source), 'ls-files').stdout.split('\n')
    for name in filter(None, names):
        if name.split('/')[0] not in ('src', 'sim', 'tests', 'cmake', 'CMakeLists.txt', 'include'):
            continue
        old, new = copy / name, source / name
        if not new.exists():
            continue
        if not old.exists() or old.read_bytes() != new.read_bytes():
            old.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(new, old)


def build_targets(targets):
    result = run('cmake', '--build', str(out), '--target', *targets)
    return result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]


def failing(tests):
    """The first of the tests that fails, or None. A test is [program, filter]."""
    for program, pattern in tests:
        try:
            result = run(str(out / 'bin' / program), f'--gtest_filter={pattern}', '--gtest_brief=1', seconds=300)
        except subprocess.TimeoutExpired:
            return f'{program} {pattern} (no end)'
        if result.returncode != 0:
            failed = [line for line in result.stdout.split('\n') if line.startswith('[  FAILED  ]')]
            return failed[0].removeprefix('[  FAILED  ]').strip() if failed else f'{program} {pattern} (crash)'
    return None


mutations = json.loads((source / 'tests/mutation/mutations.json').read_text())
mutations = [m for m in mutations if not chosen or m['name'] in chosen]
if not mutations:
    sys.exit('no such mutation')
fresh_copy()
configured = run('cmake', '-S', str(copy), '-B', str(out), '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Debug',
                 '-DCMAKE_CXX_FLAGS_DEBUG=-O1')
if configured.returncode != 0:
    sys.exit(configured.stdout + configured.stderr)
programs = sorted({program for m in mutations for program, _ in m['tests']})
ok, text = build_targets(programs)
if not ok:
    sys.exit(text)
every = sorted({tuple(test) for m in mutations for test in m['tests']})
if (broken := failing(every)) is not None:
    sys.exit(f'fails before any mutation: {broken}')

missed = 0
for mutation in mutations:
    path = copy / mutation['file']
    original = path.read_text()
    if original.count(mutation['find']) != 1:
        print(f"{mutation['name']}: its text stands {original.count(mutation['find'])} times in {mutation['file']}")
        missed += 1
        continue
    path.write_text(original.replace(mutation['find'], mutation['replace']))
    ok, text = build_targets(sorted({program for program, _ in mutation['tests']}))
    caught = failing(mutation['tests']) if ok else None
    path.write_text(original)
    if not ok:
        print(f"{mutation['name']}: does not compile\n{text}")
    elif caught is None:
        print(f"{mutation['name']}: NOT CAUGHT")
    else:
        print(f"{mutation['name']}: caught by {caught}")
    missed += caught is None
print(f'{len(mutations) - missed} of {len(mutations)} planted bugs caught')
sys.exit(1 if missed else 0)
