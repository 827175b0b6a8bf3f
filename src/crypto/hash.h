// Message digests. Implemented in openssl/; knows nothing of signatures.
#pragma once

#include <array>
#include <initializer_list>

#include "base/bytes.h"

namespace chordial::crypto {

using Sha256 = std::array<std::uint8_t, 32>;
using Sha1 = std::array<std::uint8_t, 20>;
using Md5 = std::array<std::uint8_t, 16>;

// The digest of the parts one after the other.
[[nodiscard]] Sha256 sha256(std::initializer_list<ByteView> parts);
[[nodiscard]] Sha1 sha1(std::initializer_list<ByteView> parts);
// For HTTP digest with old phones only (RFC 8760 §2.3).
[[nodiscard]] Md5 md5(std::initializer_list<ByteView> parts);
[[nodiscard]] Sha256 hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);
// For STUN's MESSAGE-INTEGRITY (RFC 8489 §14.5).
[[nodiscard]] Sha1 hmac_sha1(ByteView key, std::initializer_list<ByteView> parts);

}  // namespace chordial::crypto
