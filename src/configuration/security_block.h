// The SecurityBlock that signs an element of the configuration document (RFC 6940 §6.3.4, §11.1):
// its bytes, and its base64 text. Knows no XML, and no signature over messages or stored values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/signer.h"

namespace chordial::configuration {

inline constexpr std::size_t security_block_bytes_max = 16 * 1024;
inline constexpr std::size_t security_block_certificates_max = 8;

struct SecurityBlock {
  enum class Identity : std::uint8_t { cert_hash = 1, cert_hash_node_id = 2 };

  std::vector<Bytes> certificates;  // X.509, DER
  crypto::SignatureAlgorithm algorithm;
  Identity identity = Identity::cert_hash;
  std::uint8_t hash_algorithm = 4;  // TLS HashAlgorithm; 4 = sha256
  Bytes signer_hash;                // of the certificate, or of Node-ID || certificate
  Bytes signature;
};

[[nodiscard]] Bytes encode_security_block(const SecurityBlock& block);
// Offsets count from the first byte of the block. Errors: truncated, malformed, limit, unsupported.
[[nodiscard]] Expected<SecurityBlock> decode_security_block(ByteView bytes);

// The base64 text of a signature or kind-signature element. Empty on anything that is no
// SecurityBlock: signatures of forms nobody here knows are passed over (§11.1.1 lets there be
// others), and what is then not signed fails when signatures are checked.
[[nodiscard]] std::string security_block_text(const SecurityBlock& block);
[[nodiscard]] std::optional<SecurityBlock> security_block_from_text(std::string_view text);

// Signs the bytes with the signer's certificate in the bucket. The input of the signature is the
// element alone, from its first < to its last > (§11.1).
[[nodiscard]] SecurityBlock sign_element(ByteView element, crypto::Signer& signer);

}  // namespace chordial::configuration
