// Making and checking signatures (RFC 6940 §6.3.4, §7.1). Two fidelities: openssl/ and mock/; both
// reject altered bytes.
#pragma once

#include <initializer_list>

#include "base/error.h"
#include "crypto/certificate.h"

namespace chordial::crypto {

// The SignatureAndHashAlgorithm of RFC 5246 §7.4.1.4.1, as it stands on the wire.
struct SignatureAlgorithm {
  std::uint8_t hash = 4;       // 4 = sha256
  std::uint8_t signature = 3;  // 1 = rsa (PKCS1-v1_5), 3 = ecdsa (P-256)

  friend bool operator==(const SignatureAlgorithm&, const SignatureAlgorithm&) = default;
};

// A private key with its certificate.
class Signer {
 public:
  virtual ~Signer() = default;

  [[nodiscard]] virtual const Certificate& certificate() const = 0;
  [[nodiscard]] virtual SignatureAlgorithm algorithm() const = 0;
  // Over the parts one after the other. ECDSA: DER, at most 72 bytes.
  [[nodiscard]] virtual Bytes sign(std::initializer_list<ByteView> parts) = 0;
};

class Verifier {
 public:
  virtual ~Verifier() = default;

  // Checks the signature alone; whether the certificate may be used, CertificateStore::usable says.
  // Answers at once (docs/decisions/0003): a check costs less than handing it to another thread,
  // and a bounded cache serves repeated ones. Errors: unauthentic, unsupported (algorithm).
  [[nodiscard]] virtual Expected<void> verify(const Certificate& certificate,
                                              SignatureAlgorithm algorithm, ByteView signature,
                                              std::initializer_list<ByteView> parts) = 0;
};

}  // namespace chordial::crypto
