#!/usr/bin/env python3
"""The demands of an RFC: every sentence with a key word of RFC 2119, by section and in order.

demands.py FILE.txt            one line for each section that has any: the section, then for each of its sentences the
                               key words in it, joined by "+"
demands.py --sentences FILE    the sentences themselves

The RFCs' texts are not in this repository; rfc6940.demands and rfc7904.demands beside this file are what this prints
for them, rfc3261.demands that part of it which docs/conformance/rfc3261.md speaks of. tables_test.py holds the tables of docs/conformance to these.
"""
import re
import sys

KEY_WORDS = re.compile(r'\b(MUST NOT|MUST|SHOULD NOT|SHOULD|SHALL NOT|SHALL|REQUIRED|NOT RECOMMENDED|RECOMMENDED)\b')
FOOTER = re.compile(r'^\S.*\[Page \d+\]$')
HEADER = re.compile(r'^RFC \d{4}\s+.*\d{4}$')
HEADING = re.compile(r'^(\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)\.?\s+[A-Z]|^Appendix ([A-Z])\.')
ENDS_PARAGRAPH = re.compile(r'[.:;]$')
SENTENCE_END = re.compile(r'(?<=[.!?:])\s+(?=[A-Z"(\[0-9*o])')


def lines_without_pages(text):
    """A paragraph that a page break cuts in two is joined again."""
    lines, between_pages = [], False
    for line in text.split('\n'):
        line = line.lstrip('\f')
        if FOOTER.match(line) or HEADER.match(line):
            while lines and not lines[-1].strip():
                lines.pop()
            between_pages = True
        elif between_pages and not line.strip():
            continue
        else:
            if between_pages and lines and ENDS_PARAGRAPH.search(lines[-1].rstrip()):
                lines.append('')
            between_pages = False
            lines.append(line)
    return lines


def paragraphs(text):
    lines = lines_without_pages(text)
    first = max(i for i, line in enumerate(lines) if re.match(r'^1\.?\s+Introduction', line))
    section, words = '0', []
    for line in [*lines[first:], '']:
        heading = HEADING.match(line)
        if heading or not line.strip():
            if words:
                yield section, re.sub(r'\s+', ' ', ' '.join(words))
            words = []
            if heading:
                section = heading.group(1) or heading.group(2)
        else:
            words.append(line.strip())


def demands(text):
    for section, paragraph in paragraphs(text):
        if 'key words' in paragraph:
            continue
        for sentence in SENTENCE_END.split(paragraph):
            levels = KEY_WORDS.findall(sentence)
            if levels:
                yield section, '+'.join(level.replace(' ', '_') for level in levels), sentence


def main():
    words = sys.argv[1:]
    with_sentences = '--sentences' in words
    files = [word for word in words if word != '--sentences']
    if len(files) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(files[0], encoding='latin-1') as source:
        found = list(demands(source.read()))
    if with_sentences:
        for section, levels, sentence in found:
            print(f'{section}\t{levels}\t{sentence}')
        return 0
    sections = {}
    for section, levels, _ in found:
        sections.setdefault(section, []).append(levels)
    for section, all_levels in sections.items():
        print(section, *all_levels)
    return 0


if __name__ == '__main__':
    sys.exit(main())
