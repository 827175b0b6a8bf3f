// Private to this room: a certificate with its public key ready for use. Its form is checked
// (RFC 6940 §11.3), its chain is not: that is the Store's.
#pragma once

#include <string_view>

#include "crypto/certificate.h"
#include "crypto/openssl/issuing.h"
#include "crypto/openssl/native.h"

namespace chordial::crypto::openssl {

class ParsedCertificate final : public Certificate {
 public:
  NativeKey key;
  // The hash of the same certificate with the issuer's ECDSA signature (r, s) written as (r, n-s),
  // which anybody can do and which verifies as well. Revoking one revokes both. Zeros where the
  // signature is none of ECDSA.
  CertificateHash twin_hash{};
};

// One rfc822Name, 1 to node_ids_max reload: URIs of this overlay and nothing else in the
// SubjectAltName; a key of a kind we use, permitted to sign. Errors: malformed, limit, unsupported,
// unauthentic (another overlay).
[[nodiscard]] Expected<std::unique_ptr<ParsedCertificate>> parse_certificate(
    X509* x509, ByteView der, std::string_view overlay);

// Error: malformed.
[[nodiscard]] Expected<Validity> validity_of(const X509* x509);

}  // namespace chordial::crypto::openssl
