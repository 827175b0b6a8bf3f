"""Knocks at a node's link socket with a certificate made for the occasion: OpenSSL's client, not our program."""
import os
import subprocess

import processes
from local_overlay import wait_until

EXTENSIONS = """subjectAltName=critical,URI:reload://0110{node_id}@{overlay}/,email:node-{node_id}@{overlay}
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyAgreement
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""


def openssl(*words):
    return subprocess.run(['openssl', *words], capture_output=True, text=True, check=True, timeout=20).stdout


class ForeignLink:
    """`days`: from now to the end of the certificate; negative for one that has ended."""

    def __init__(self, folder, overlay, node_id, authority, days):
        os.makedirs(folder, exist_ok=True)
        self.key, self.certificate = os.path.join(folder, 'key.pem'), os.path.join(folder, 'certificate.pem')
        request, extensions = os.path.join(folder, 'request'), os.path.join(folder, 'extensions')
        with open(extensions, 'w') as out:
            out.write(EXTENSIONS.format(node_id=node_id, overlay=overlay))
        openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', self.key)
        openssl('req', '-new', '-key', self.key, '-subj', '/', '-out', request)
        openssl('x509', '-req', '-in', request, '-CA', os.path.join(authority, 'root.cer'), '-CAkey',
                os.path.join(authority, 'root.key'), '-days', str(days), '-extfile', extensions,
                '-out', self.certificate)

    def knock(self, node):
        """(how many links were made, how many handshakes failed, what the client said)."""
        before = node.query('counters')

        def outcome():
            now = node.query('counters')
            made, failed = (now[name] - before[name] for name in ('link_established', 'link_handshakes_failed'))
            return (made, failed) if made or failed else None

        client = processes.start(
            ['openssl', 's_client', '-dtls1_2', '-connect', node.link_address, '-cert', self.certificate,
             '-key', self.key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            errors='replace')
        try:
            made, failed = wait_until(outcome, 15, 'the end of the handshake')
            if made:
                client.terminate()
            said = client.communicate(timeout=10)[0]
        finally:
            if client.poll() is None:
                client.kill()
                client.wait()
        return made, failed, said
