#!/usr/bin/env python3
"""Reads the LINKS lists of the rooms and the includes of their files, and names every breach.

A file may include its own room and the rooms on its LINKS list, not what those link in their turn; system
libraries that belong to one room are named below. Also: no file above 600 lines, no forbidden names, no unfinished marks.
"""
import pathlib
import re
import subprocess
import sys

LINES_MAX = 600
# Which rooms may include which outside libraries (design: one library, one room).
OUTSIDE = {
    'openssl/': {'crypto_openssl'},
    'boost/': {'driver'},
    'sqlite3.h': {'driver'},
    'pugixml.hpp': {'configuration'},
    'CLI/': {'app'},
    'nlohmann/': {'app', 'sim'},
    'toml++/': {'app', 'sim'},
    'spdlog/': {'app'},
}
FORBIDDEN_NAMES = re.compile(r'util|manager|helper', re.I)
UNFINISHED = re.compile(r'\b(TODO|FIXME|XXX)\b|GTEST_SKIP|DISABLED_')

root = pathlib.Path(__file__).resolve().parent.parent
tracked = [root / name for name in subprocess.run(
    ['git', 'ls-files'], cwd=root, check=True, capture_output=True, text=True).stdout.split('\n') if name]

rooms = {}  # folder -> (name, set of linked room names)
for cmake in tracked:
    if cmake.name != 'CMakeLists.txt' or not str(cmake.relative_to(root)).startswith(('src/', 'sim')):
        continue
    for match in re.finditer(r'chordial_room\(\s*(\w+)([^)]*)\)', cmake.read_text()):
        words = match.group(2).split()
        links, collecting = set(), False
        for word in words:
            if word in ('LINKS', 'EXTERNAL', 'SOURCES'):
                collecting = word == 'LINKS'
            elif collecting:
                links.add(word)
        rooms[cmake.parent] = (match.group(1), links)
if not rooms:
    sys.exit('check_rooms: found no room')

def room_of(path):
    """Name and LINKS of the innermost room a file lies in."""
    for folder in path.parents:
        if folder in rooms:
            return rooms[folder]
    return None, set()


breaches = []
for path in tracked:
    if path.suffix not in ('.h', '.cpp', '.py', '.cc', '.hpp'):
        continue
    shown = path.relative_to(root)
    text = path.read_text(errors='replace')
    lines = text.count('\n')
    if lines > LINES_MAX:
        breaches.append(f'{shown}: {lines} lines; it has two subjects, split it')
    if FORBIDDEN_NAMES.search(path.stem):
        breaches.append(f'{shown}: a name that says nothing')
    if path.name != 'check_rooms.py':
        for match in UNFINISHED.finditer(text):
            breaches.append(f'{shown}: unfinished mark {match.group(0)}')
    room, links = room_of(path)
    if room is None:
        continue
    for match in re.finditer(r'^\s*#include\s+([<"])([^>"]+)[>"]', text, re.M):
        name = match.group(2)
        if match.group(1) == '<':
            for prefix, owners in OUTSIDE.items():
                if name.startswith(prefix) and room not in owners:
                    breaches.append(f'{shown}: includes <{name}>, which belongs to {", ".join(sorted(owners))}')
            continue
        for base in (root / 'src', root, root / 'include', path.parent):
            if (base / name).exists():
                other, _ = room_of(base / name)
                if other is not None and other != room and other not in links:
                    breaches.append(f'{shown}: room {room} includes "{name}" of room {other}, which it does not link')
                break
        else:
            breaches.append(f'{shown}: includes "{name}", which is not in the tree')

for breach in breaches:
    print(breach)
print(f'{len(rooms)} rooms, {len(tracked)} files, {len(breaches)} breaches')
sys.exit(1 if breaches else 0)
