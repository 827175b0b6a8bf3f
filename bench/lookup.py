#!/usr/bin/env python3
"""CPU, datagrams and time of signed stores and fetches over DTLS links, beside OpenDHT's put and get, in one run.

Each round starts one overlay of whole nodes in one process (bench_lookup, preset `bench`) and one OpenDHT cluster of
the same size in one process (--odht: a program with the roles `cluster` and `bench`), so that a noisy machine is noisy
to both; medians and their ratios are printed. Runs in a network namespace of its own, where nobody else's datagrams
are counted. CPU is that of all nodes together, what they use while idle taken off for both.

    bench/lookup.py --binary build/bench/bin/bench_lookup --odht PATH [--nodes 20,64,128] [--rounds 3] [--json FILE]
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

INSIDE = 'CHORDIAL_BENCH_NAMESPACE'
BASE_PORT = 22000


def parsed(line):
    """'opendht put n=500 rate=5/s ms p50=1' -> ('opendht', 'put', {...})"""
    words = line.split()
    values = {key: float(value) for key, value in re.findall(r'(\w+)=([\d.]+)', line)}
    return words[0], words[1], values


class Round:
    """What one program said in one run: by (operation, concurrency), with the idle CPU taken off."""

    def __init__(self):
        self.rows = {}
        self.cluster = {}
        self.cryptography = {}
        self.background = 0.0

    def hear(self, line):
        print('   ', line, flush=True)
        _, what, values = parsed(line)
        if what == 'failed':
            sys.exit(line)
        if what == 'cluster':
            self.cluster = values
        elif what == 'background':
            self.background = values['cpu_us_per_s_all']
        elif what == 'cryptography':
            self.cryptography[(line.split()[2], int(values['conc']))] = values
        elif 'cpu_us_per_op_all_nodes' in values:
            idle = self.background / values['rate'] if values['rate'] else 0
            values['cpu'] = values['cpu_us_per_op_all_nodes'] - idle
            values['idle'] = idle
            values['failed'] = values['n'] - values['ok']
            self.rows[(what, int(values['conc']))] = values


def run_ours(options, nodes):
    result = Round()
    command = [options.binary, '--nodes', str(nodes), '--operations', str(options.operations), '--warm',
               str(options.warm), '--base-port', str(BASE_PORT)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        result.hear(line.rstrip())
    if process.wait() != 0:
        sys.exit('bench_lookup has failed')
    return result


def run_opendht(options, nodes, signed):
    result = Round()
    flag = '1' if signed else '0'
    with tempfile.TemporaryFile('w+') as out:
        cluster = subprocess.Popen([options.odht, 'cluster', '--base', str(BASE_PORT), '--n', str(nodes), '--id', flag,
                                    '--warm', str(options.warm), '--secs', '600'], stdout=out)
        try:
            for _ in range(600):
                out.seek(0)
                lines = out.read().splitlines()
                if len(lines) >= 2 or cluster.poll() is not None:
                    break
                time.sleep(0.2)
            else:
                sys.exit('the OpenDHT cluster has not come up')
            for line in lines:
                result.hear(line)
            for port, operations, concurrency in ((2000, options.operations, 1), (2010, 2 * options.operations, 16)):
                bench = subprocess.run(
                    [options.odht, 'bench', '--port', str(BASE_PORT + port), '--boot', str(BASE_PORT), '--n',
                     str(operations), '--conc', str(concurrency), '--pids', str(cluster.pid), '--signed', flag],
                    capture_output=True, text=True, timeout=600)
                for line in bench.stdout.splitlines():
                    result.hear(line)
        finally:
            cluster.kill()
            cluster.wait()
    return result


# our operation, theirs
PAIRS = (('store', 'put'), ('fetch', 'get_first_value'), ('fetch_miss', 'get_miss'))
COLUMNS = (('cpu', 'CPU µs', '.0f'), ('udp_datagrams_per_op', 'datagrams', '.1f'), ('p50', 'p50 ms', '.2f'),
           ('p99', 'p99 ms', '.2f'), ('rate', 'rate /s', '.0f'))


def median(rounds, row, column):
    found = [r.rows[row][column] for r in rounds if row in r.rows]
    return statistics.median(found) if found else float('nan')


def plain(name):
    return name.removesuffix('_signed')


def summarise(nodes, ours, theirs, label):
    rows = []
    for our_name, their_name in PAIRS:
        for concurrency in (1, 16):
            row = {'nodes': nodes, 'operation': our_name, 'against': f'{label} {their_name}', 'concurrency': concurrency}
            for column, _, _ in COLUMNS:
                a = median(ours, (our_name, concurrency), column)
                b = median(theirs, (their_name, concurrency), column)
                row[column] = {'chordial': a, 'opendht': b, 'ratio': a / b if b else float('nan')}
            rows.append(row)
    return rows


def show(rows):
    for row in rows:
        parts = [f"{title} {row[c]['chordial']:{f}} / {row[c]['opendht']:{f}} = {row[c]['ratio']:.2f}"
                 for c, title, f in COLUMNS]
        print(f"N={row['nodes']} {row['operation']} against {row['against']}, {row['concurrency']} at a time: "
              + '; '.join(parts), flush=True)


def show_cryptography(nodes, ours):
    shares = []
    for operation in ('store', 'fetch'):
        found = [r.cryptography[(operation, 1)] for r in ours]
        middle = {key: statistics.median([f[key] for f in found]) for key in found[0]}
        works = [k.removesuffix('_us_per_op') for k in middle
                 if k.endswith('_us_per_op') and k not in ('of_cpu_us_per_op', 'us_per_op')]
        print(f"N={nodes} {operation}: cryptography {middle['us_per_op']:.0f} µs ({100 * middle['share']:.0f} %): "
              + ', '.join(f"{w} {middle[w + '_per_op']:.1f} × = {middle[w + '_us_per_op']:.0f} µs" for w in works
                          if middle[w + '_per_op'] >= 0.05))
        shares.append({'nodes': nodes, 'operation': operation, **middle})
    return shares


def enter_namespace():
    """Again, in a network namespace with nothing but a loopback."""
    if os.environ.get(INSIDE):
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        return
    os.environ[INSIDE] = '1'
    os.execvp('unshare', ['unshare', '--map-root-user', '--net', sys.executable] + sys.argv)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', required=True)
    parser.add_argument('--odht', required=True)
    parser.add_argument('--nodes', default='20,64,128')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--operations', type=int, default=500)
    parser.add_argument('--warm', type=int, default=15, help='seconds between the last join and the first operation')
    parser.add_argument('--signed', action='store_true', help="OpenDHT's signed values too")
    parser.add_argument('--json', help='file for the medians')
    options = parser.parse_args()
    enter_namespace()

    rows, shares = [], []
    for nodes in (int(n) for n in options.nodes.split(',')):
        ours, theirs, theirs_signed = [], [], []
        for _ in range(options.rounds):
            ours.append(run_ours(options, nodes))
            theirs.append(run_opendht(options, nodes, False))
            if options.signed:
                theirs_signed.append(run_opendht(options, nodes, True))
        found = summarise(nodes, ours, theirs, 'OpenDHT')
        if options.signed:
            for r in theirs_signed:
                r.rows = {(plain(name), c): row for (name, c), row in r.rows.items()}
            found += summarise(nodes, ours, theirs_signed, 'OpenDHT signed')
        show(found)
        shares += show_cryptography(nodes, ours)
        rows += found
    if options.json:
        with open(options.json, 'w') as out:
            json.dump({'rows': rows, 'cryptography': shares}, out, indent=1)


if __name__ == '__main__':
    main()
