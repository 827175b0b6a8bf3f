#!/usr/bin/env python3
"""Foreign eyes: every message this system can write, before Wireshark's dissector and before our own decoder.

The messages stand in a capture file, each in a frame of the link's framing (with the acks a link answers by), over
plain UDP. Wireshark must name every one of them, call none malformed, put the fragments together, and read the same
numbers out of each as `chordial decode` does. `decode --reencode` must give each back byte for byte.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

PORT = 6084
DATA, ACK = 128, 129
LINKTYPE_RAW = 101

# What the dissector, written after a draft, does not know. Each entry names what it is for.
KNOWN_UNKNOWN = (
    ('version 1.0 of the RFC, 0.1 of the drafts', r'version \(uint8\): Unknown \(0x0a\)$'),
    ('forwarding options nobody has defined', r'ForwardingOption(Type\): Unknown \(20[0-2]\)$| type=Unknown, flags=0[124])'),
    ('our tunnel, and extensions nobody has defined', r'MessageExtensionType\): Unknown \((61521|16384|16385)\)$'),
    ('Error_Invalid_Message came after the draft', r'(error_code \(uint16\): Unknown \(20\)|Error ?Response:? Unknown)$'),
    ('the RFC\'s own names of errors', r'Error_Unknown_(Kind|Extension)'),
)
# SignerIdentityType none(3), the mark of values that do not exist, came after the draft.
WITH_IDENTITY_NONE = 'FetchAns of values nobody stored'

# Field of the dissector -> keys of the decoder's JSON whose numbers must be the same, in the order of the bytes.
SAME = {
    'reload.forwarding.overlay': ('overlay',),
    'reload.forwarding.configuration_sequence': ('configuration_sequence',),
    'reload.forwarding.ttl': ('ttl',),
    'reload.forwarding.fragment': ('fragment',),
    'reload.forwarding.trans_id': ('transaction_id',),
    'reload.forwarding.max_response_length': ('max_response_length',),
    'reload.forwarding.via_list.length': ('via_list_length',),
    'reload.forwarding.destination_list.length': ('destination_list_length',),
    'reload.forwarding.options.length': ('options_length',),
    'reload.message.code': ('message_code',),
    'reload.error_response.code': ('error_code',),
    'reload.message_extension.type': ('extension_type',),
    'reload.application': ('application',),
    'reload.storeddata.lifetime': ('lifetime',),
    'reload.generation_counter': ('generation_counter', 'generation'),
    'reload.store.replica_number': ('replica_number',),
    'reload.arrayentry.index': ('index',),
    'reload.datavalue.exists': ('exists',),
    'reload.ping.response_id': ('response_id',),
    'reload.icecandidate.type': ('candidate_type',),
    'reload.signature.identity.type': ('identity_type',),
    'reload.responsible_set': ('responsible_ppb',),
    'reload.num_resources': ('num_resources',),
}

# Its number of REDIR is the draft's: it cannot read these values' insides.
WITHOUT_MODEL, INSIDE_VALUES = 'REDIR', ('reload.datavalue.exists', 'reload.signature.identity.type')

# What must be dissected to its own fields: in messages whose name contains the first, the second is there.
DISSECTED = (
    ('UpdateReq ', 'reload.chordupdate.type'),
    ('LeaveReq ', 'reload.chordleavedata.type'),
    ('RouteQueryAns', 'reload.chordroutequeryans.nodeid'),
    ('SIP-REGISTRATION route', 'reload.sipregistration.data.destination_list'),
    ('SIP-REGISTRATION uri', 'reload.sipregistration.data.uri'),
    ('TURN-SERVICE', 'reload.turnserver.iteration'),
    ('ConfigUpdateReq kind', 'reload.configupdatereq.kinddescription'),
    ('AttachReq', 'reload.icecandidate.priority'),
    ('plain', 'reload.certificate'),
)


def frame(kind, sequence, rest):
    return bytes([kind]) + struct.pack('!I', sequence) + rest


def packet(payload):
    udp = struct.pack('!HHHH', PORT + 1, PORT, 8 + len(payload), 0) + payload
    header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes([192, 0, 2, 1]),
                         bytes([192, 0, 2, 2]))
    return header + udp


def write_capture(path, payloads):
    with open(path, 'wb') as out:
        out.write(struct.pack('!IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, LINKTYPE_RAW))
        for number, payload in enumerate(payloads):
            data = packet(payload)
            out.write(struct.pack('!IIII', number, 0, len(data), len(data)) + data)


def tshark(capture, *words):
    result = subprocess.run(['tshark', '-r', capture, '-d', f'udp.port=={PORT},reload-framing', *words],
                            capture_output=True, text=True, timeout=100)
    if result.returncode != 0:
        raise RuntimeError(f'tshark: {result.stderr.strip()}')
    return result.stdout.splitlines()


def numbers(value, under, inside=''):
    """The numbers below `under`'s keys in the decoder's JSON, in the order of the bytes."""
    found = []
    if isinstance(value, list):
        for item in value:
            found += numbers(item, under, inside)
    if isinstance(value, dict):
        for key, item in value.items():
            name = {'extensions': 'extension_type', 'candidates': 'candidate_type'}.get(inside) if key == 'type' else key
            if name in under and isinstance(item, (int, bool)):
                found.append(int(item))
            elif isinstance(item, (dict, list)):
                found += numbers(item, under, key)
    return found


class Complaints(list):
    def expect(self, condition, text):
        if not condition:
            self.append(text)


def decode(binary, hexadecimal, *mode):
    result = subprocess.run([binary, 'decode', '--hex', *mode, '-'], input=hexadecimal, capture_output=True, text=True,
                            timeout=60)
    return result.returncode, result.stdout, result.stderr


def judge_by_ourselves(binary, messages, complaints):
    shown = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        again = list(pool.map(lambda m: decode(binary, m[1], '--reencode'), messages))
        json_texts = list(pool.map(lambda m: decode(binary, m[1]), messages))
    for number, (name, hexadecimal) in enumerate(messages):
        complaints.expect(again[number][:2] == (0, hexadecimal + '\n'), f'{name}: not the same bytes again')
        code, text, error = json_texts[number]
        complaints.expect(code == 0, f'{name}: decode: {error.strip()}')
        if code == 0:
            shown[number] = json.loads(text)
    return shown


def judge_by_wireshark(capture, messages, shown, complaints):
    fields = ['frame.number', 'frame.protocols', '_ws.expert.message', 'reload.reassembled.length', *SAME]
    lines = tshark(capture, '-Y', f'reload_framing.type=={DATA}', '-T', 'fields',
                   *[word for field in fields for word in ('-e', field)])
    complaints.expect(len(lines) == len(messages), f'{len(lines)} of {len(messages)} messages were dissected')
    compared, reassembled = 0, 0
    for number, line in enumerate(lines):
        name = messages[number][0]
        _, protocols, expert, whole, *values = line.split('\t')
        complaints.expect('reload' in protocols.split(':'), f'{name}: not dissected: {protocols}')
        excused = name.startswith(WITH_IDENTITY_NONE) and set(expert.split(',')) == {'Unknown identity type'}
        complaints.expect(not expert or excused, f'{name}: {expert}')
        reassembled += bool(whole)
        for (field, keys), text in zip(SAME.items(), values):
            theirs = [int(v, 0) if v not in ('True', 'False') else int(v == 'True') for v in text.split(',') if v]
            if WITHOUT_MODEL in name and field in INSIDE_VALUES:
                continue
            ours = numbers(shown.get(number, {}), keys)
            if whole or not shown.get(number, {}).get('message_contents'):
                ours, theirs = ours[:1], theirs[:1]  # of a piece, both read the header
                if not ours:
                    continue
            complaints.expect(ours == theirs, f'{name}: {field} is {theirs} to Wireshark and {ours} to us')
            compared += len(theirs)
    complaints.expect(reassembled == 1, f'{reassembled} messages were put together out of fragments, not one')
    return compared


def judge_dissected(capture, messages, complaints):
    fields = [field for _, field in DISSECTED]
    lines = tshark(capture, '-Y', f'reload_framing.type=={DATA}', '-T', 'fields',
                   *[word for field in fields for word in ('-e', field)])
    for (name, _), line in zip(messages, lines):
        for (part, field), text in zip(DISSECTED, line.split('\t')):
            concerned = part in name and not (part == 'UpdateReq ' and name.startswith('ConfigUpdateReq'))
            complaints.expect(not concerned or text, f'{name}: Wireshark finds no {field} in it')


def judge_unknown(capture, complaints):
    for line in sorted({line.strip() for line in tshark(capture, '-O', 'reload,reload-framing')}):
        if re.search('Unknown|unknown', line) and 'Unknown identity type' not in line:
            known = any(re.search(pattern, line) for _, pattern in KNOWN_UNKNOWN)
            complaints.expect(known, f'the dissector does not know: {line}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--messages', required=True, help='the program that prints them')
    parser.add_argument('--binary', required=True, help='chordial')
    options = parser.parse_args()
    if not shutil.which('tshark'):
        print('FAILED tshark is not installed')
        return 1
    printed = subprocess.run([options.messages], capture_output=True, text=True, check=True, timeout=100).stdout
    messages = [tuple(line.split('\t')) for line in printed.splitlines()]
    complaints = Complaints()
    complaints.expect(len(messages) > 300, f'only {len(messages)} messages')
    with tempfile.TemporaryDirectory(prefix='chordial-wireshark-') as folder:
        capture = os.path.join(folder, 'messages.pcap')
        payloads = []
        for number, (_, hexadecimal) in enumerate(messages):
            message = bytes.fromhex(hexadecimal)
            payloads.append(frame(DATA, number, len(message).to_bytes(3, 'big') + message))
            payloads.append(frame(ACK, number, struct.pack('!I', 0xfffffffe >> max(0, 31 - number))))
        write_capture(capture, payloads)
        acks = tshark(capture, '-Y', f'reload_framing.type=={ACK}', '-T', 'fields', '-e', 'reload_framing.ack_sequence')
        complaints.expect([int(line, 0) for line in acks] == list(range(len(messages))), 'acks are not dissected')
        shown = judge_by_ourselves(options.binary, messages, complaints)
        compared = judge_by_wireshark(capture, messages, shown, complaints)
        judge_dissected(capture, messages, complaints)
        judge_unknown(capture, complaints)
    for complaint in complaints[:40]:
        print(f'FAILED {complaint}')
    print(f'messages={len(messages)} numbers_compared={compared} complaints={len(complaints)}')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
