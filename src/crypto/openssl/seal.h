// A small secret for the holder of one certificate: what `chordial user add` sends each node is the
// digest hash HA1 (design: identity). Ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM. Proves
// nothing about who sealed: the record around it is signed.
//
//   version (1) | ephemeral public point, uncompressed (65) | ciphertext | tag (16)
//
// key ‖ nonce = HKDF(shared x, salt = both points, info = "chordial seal 1" ‖ context), and
// `context` is authenticated too: it says what the secret is for, and must be the same on both
// sides.
#pragma once

#include "crypto/certificate.h"
#include "crypto/openssl/private_key.h"

namespace chordial::crypto::openssl {

inline constexpr std::size_t sealed_secret_bytes_max = 4096;
inline constexpr std::size_t seal_overhead_bytes = 1 + 65 + 16;

// Errors: limit, unsupported (the recipient's key is not P-256), invalid (a certificate of another
// implementation), internal.
[[nodiscard]] Expected<Bytes> seal(const Certificate& recipient, ByteView secret, ByteView context);
// Errors: truncated, limit, unsupported (version, key), malformed (point), unauthentic.
[[nodiscard]] Expected<Bytes> open_seal(const PrivateKey& key, ByteView sealed, ByteView context);

}  // namespace chordial::crypto::openssl
