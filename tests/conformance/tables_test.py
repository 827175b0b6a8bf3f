#!/usr/bin/env python3
"""Holds the tables of docs/conformance to the RFCs and to the tree.

Every demand that demands.py finds in an RFC (its list lies beside this file) has one row, in order and with the same
key words. A row names files and tests that exist, or says why there are none: a step of rfc6940.md's second table, or
that the demand is not ours. The totals in the headings are those of the rows.
"""
import argparse
import collections
import pathlib
import re
import sys

ROW = re.compile(r'^\| ([0-9.]+)-(\d+) \| ([A-Z ,]+) \| (.+) \| (.+) \| (.+) \|$')
TEST = re.compile(r'^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)', re.M)
FUZZ = re.compile(r'chordial_fuzz\(\s*(\w+)')
ADDED = re.compile(r'add_test\(NAME\s+([\w.]+)')
TABLES = {
    'rfc6940': ('rfc6940.md', 'rfc6940-routing.md', 'rfc6940-topology.md', 'rfc6940-links.md', 'rfc6940-storage.md',
                'rfc6940-overlay.md'),
    'rfc7904': ('rfc7904.md',),
    'rfc3261': ('rfc3261.md', 'rfc3261-messages.md', 'rfc3261-proxy.md', 'rfc3261-transactions.md', 'rfc3261-fields.md'),
}
KINDS = ('met', 'deviation', 'not yet', 'not ours')
REASON_MIN = 20


def known_tests(root):
    names = set()
    for path in (root / 'tests').rglob('*.cpp'):
        names.update(f'{suite}.{name}' for suite, name in TEST.findall(path.read_text(errors='replace')))
    for path in (root / 'tests').rglob('CMakeLists.txt'):
        text = path.read_text()
        names.update(ADDED.findall(text))
        names.update(f'fuzz_corpus.{name}' for name in FUZZ.findall(text))
    # Declared in a loop over the codec's parts.
    wire = (root / 'tests/fuzz_wire/CMakeLists.txt').read_text()
    names.update(f'fuzz_corpus.wire_{part}' for part in re.search(r'IN ITEMS ([\w ]+)\)', wire).group(1).split())
    return names


def kind_of(where):
    if where.startswith('not yet: '):
        return 'not yet'
    if where.startswith('not ours: '):
        return 'not ours'
    return 'deviation' if '**deviation:**' in where else 'met'


class Judge:
    def __init__(self, root):
        self.root = root
        self.folder = root / 'docs/conformance'
        self.tests = known_tests(root)
        self.complaints = []
        index = (self.folder / 'rfc6940.md').read_text()
        later = index[index.index('## What comes later'):]
        self.steps = set(re.findall(r'^\| ([^|]+?) \| [^|]+ \|$', later, re.M)) - {'step'}

    def expect(self, condition, text):
        if not condition:
            self.complaints.append(text)

    def named(self, place, words):
        """Whatever stands in backquotes among `words` exists; how many files and how many tests that are."""
        files, tests = 0, 0
        for name in re.findall(r'`([^`]+)`', words):
            if '/' in name:
                files += 1
                self.expect((self.root / name).is_file(), f'{place}: no file {name}')
            else:
                tests += 1
                self.expect(name in self.tests, f'{place}: no test {name}')
        return files, tests

    def row(self, place, where, shown):
        kind = kind_of(where)
        if kind in ('not yet', 'not ours'):
            self.expect(shown == '—', f'{place}: a test of what is {kind}')
            subject = where.split(': ', 1)[1]
            self.expect(kind != 'not yet' or subject in self.steps, f'{place}: "{subject}" is no later step')
            return kind
        files, _ = self.named(place, where)
        more_files, tests = self.named(place, shown)
        self.expect(files > 0, f'{place}: no file does it')
        self.expect(tests + more_files > 0, f'{place}: nothing shows it')
        if kind == 'deviation':
            reason = where.split('**deviation:**')[1].strip()
            self.expect(len(reason) >= REASON_MIN, f'{place}: a deviation without its reason')
        return kind

    def demands(self, rfc):
        wanted = {}
        for line in (pathlib.Path(__file__).parent / f'{rfc}.demands').read_text().splitlines():
            section, *sentences = line.split()
            wanted[section] = [s.replace('_', ' ').split('+') for s in sentences]
        return wanted

    def tables(self, rfc, names):
        wanted = self.demands(rfc)
        found = collections.defaultdict(list)
        totals = {}
        for name in names:
            count = totals[name] = collections.Counter()
            for number, line in enumerate((self.folder / name).read_text().splitlines(), 1):
                match = ROW.match(line)
                if not match:
                    self.expect(not re.match(r'^\| \d[0-9.]*-\d', line), f'{name}:{number}: no row as the others')
                    continue
                section, ordinal, levels, _, where, shown = match.groups()
                place = f'{name}: {section}-{ordinal}'
                count[self.row(place, where, shown)] += 1
                found[section].append((int(ordinal), levels.split(', ')))
        for section, sentences in wanted.items():
            rows = found.pop(section, [])
            self.expect([row[0] for row in rows] == list(range(1, len(sentences) + 1)),
                        f'{rfc} §{section} has {len(sentences)} demands, its rows are {[row[0] for row in rows]}')
            for (ordinal, levels), sentence in zip(rows, sentences):
                self.expect(levels == sentence, f'{rfc} §{section}-{ordinal}: {sentence} in the RFC, {levels} here')
        self.expect(not found, f'{rfc}: rows for sections without demands: {sorted(found)}')
        return totals

    def totals(self, name, label, count):
        """The line of the totals table that begins with `label` says these numbers."""
        text = (self.folder / name).read_text()
        numbers = ' | '.join(str(count[kind]) for kind in KINDS)
        line = next((line for line in text.splitlines() if line.startswith(f'| {label} |')), '')
        self.expect(line.endswith(f'| {numbers} |'), f'{name}: {label} should say {numbers}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--root', type=pathlib.Path, required=True)
    judge = Judge(parser.parse_args().root)
    judge.expect(judge.steps, 'rfc6940.md names no later steps')
    for rfc, names in TABLES.items():
        totals = judge.tables(rfc, names)
        everything = sum(totals.values(), collections.Counter())
        judge.totals(names[0], 'all', everything)
        for name in names[1:]:
            judge.totals(names[0], f'[{name}]({name})', totals[name])
        print(rfc, ' '.join(f'{kind}={everything[kind]}' for kind in KINDS), f'demands={sum(everything.values())}')
        judge.expect(everything, f'{rfc}: no rows at all')
    for complaint in judge.complaints:
        print('FAILED', complaint)
    return 1 if judge.complaints else 0


if __name__ == '__main__':
    sys.exit(main())
