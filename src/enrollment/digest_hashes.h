// HA1, what a registrar keeps instead of a password (RFC 7616 §3.4.2, RFC 8760): both algorithms,
// for phones that know one of them.
#pragma once

#include <string_view>

#include "crypto/certificate.h"
#include "crypto/openssl/seal.h"

namespace chordial::enrollment {

struct DigestHashes {
  crypto::Md5 md5{};
  crypto::Sha256 sha256{};

  friend bool operator==(const DigestHashes&, const DigestHashes&) = default;
};

// H(username ":" realm ":" password). The username is the AOR's user part and the realm the
// overlay's name.
[[nodiscard]] DigestHashes digest_hashes(std::string_view username, std::string_view realm,
                                         std::string_view password);

// Sealed to a node's certificate for this AOR alone. Errors: those of crypto::openssl::seal and
// open_seal; malformed.
[[nodiscard]] Expected<Bytes> seal_digest_hashes(const DigestHashes& hashes, std::string_view aor,
                                                 const crypto::Certificate& node);
[[nodiscard]] Expected<DigestHashes> open_digest_hashes(ByteView sealed, std::string_view aor,
                                                        const crypto::openssl::PrivateKey& key);

}  // namespace chordial::enrollment
