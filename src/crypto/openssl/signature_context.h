// Private to this room: what the library needs told before it signs or checks a SHA-256 digest.
#pragma once

#include <openssl/rsa.h>

#include "crypto/hash.h"
#include "crypto/openssl/native.h"
#include "crypto/signer.h"

namespace chordial::crypto::openssl {

inline constexpr SignatureAlgorithm ecdsa_sha256{4, 3};
inline constexpr SignatureAlgorithm rsa_sha256{4, 1};

// `initialize` is EVP_PKEY_sign_init or EVP_PKEY_verify_init. Null if the library fails.
[[nodiscard]] inline NativeKeyContext signature_context(EVP_PKEY* key,
                                                        int (*initialize)(EVP_PKEY_CTX*)) {
  NativeKeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  bool ok = context && initialize(context.get()) == 1 &&
            EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1;
  if (ok && is_rsa(key)) ok = EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1;
  return ok ? std::move(context) : nullptr;
}

}  // namespace chordial::crypto::openssl
