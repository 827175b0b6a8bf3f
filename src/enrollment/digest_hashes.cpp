#include "enrollment/digest_hashes.h"

#include <algorithm>
#include <string>

namespace chordial::enrollment {

namespace {

Bytes seal_context(std::string_view aor) {
  return to_bytes(as_bytes("HA1 " + std::string(aor)));
}

}  // namespace

DigestHashes digest_hashes(std::string_view username, std::string_view realm,
                           std::string_view password) {
  const std::initializer_list<ByteView> parts = {as_bytes(username), as_bytes(":"), as_bytes(realm),
                                                 as_bytes(":"), as_bytes(password)};
  return {crypto::md5(parts), crypto::sha256(parts)};
}

Expected<Bytes> seal_digest_hashes(const DigestHashes& hashes, std::string_view aor,
                                   const crypto::Certificate& node) {
  Bytes secret = to_bytes(hashes.md5);
  secret.insert(secret.end(), hashes.sha256.begin(), hashes.sha256.end());
  return crypto::openssl::seal(node, secret, seal_context(aor));
}

Expected<DigestHashes> open_digest_hashes(ByteView sealed, std::string_view aor,
                                          const crypto::openssl::PrivateKey& key) {
  const auto secret = crypto::openssl::open_seal(key, sealed, seal_context(aor));
  if (!secret) return Failure(secret.error());
  DigestHashes hashes;
  if (secret->size() != hashes.md5.size() + hashes.sha256.size()) {
    return failure(ErrorKind::malformed, "HA1", "not one MD5 and one SHA-256 hash");
  }
  const auto middle = secret->begin() + static_cast<std::ptrdiff_t>(hashes.md5.size());
  std::copy(secret->begin(), middle, hashes.md5.begin());
  std::copy(middle, secret->end(), hashes.sha256.begin());
  return hashes;
}

}  // namespace chordial::enrollment
