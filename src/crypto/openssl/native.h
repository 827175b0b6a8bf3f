// Private to this room: OpenSSL's objects with owners, and its error queue turned into Errors.
#pragma once

#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "base/error.h"

namespace chordial::crypto::openssl {

template <auto free_function>
struct NativeFree {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
template <class T, auto free_function>
using Native = std::unique_ptr<T, NativeFree<free_function>>;

using NativeKey = Native<EVP_PKEY, EVP_PKEY_free>;
using NativeKeyContext = Native<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using NativeDigest = Native<EVP_MD_CTX, EVP_MD_CTX_free>;
using NativeCipher = Native<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using NativeX509 = Native<X509, X509_free>;
using NativeRequest = Native<X509_REQ, X509_REQ_free>;
using NativeBio = Native<BIO, BIO_free>;
using NativeBignum = Native<BIGNUM, BN_free>;
using NativeSsl = Native<SSL, SSL_free>;
using NativeSslContext = Native<SSL_CTX, SSL_CTX_free>;

// An object's DER through its i2d function; empty if the library fails.
template <class T, class Function>
[[nodiscard]] Bytes to_der(Function i2d, T* object) {
  unsigned char* out = nullptr;
  const int length = i2d(object, &out);
  if (length <= 0) return {};
  Bytes der(out, out + length);
  OPENSSL_free(out);
  return der;
}

// Keys that this system takes from others: P-256 on the named curve, RSA of 2048 to 8192 bits.
// Error: unsupported.
[[nodiscard]] Expected<void> check_key(EVP_PKEY* key);
[[nodiscard]] inline bool is_rsa(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "RSA") == 1;
}
// The key of a SubjectPublicKeyInfo; nothing may follow it. Errors: malformed, unsupported.
[[nodiscard]] Expected<NativeKey> key_from_public(ByteView der);

// Exactly one certificate in DER, nothing else. Errors: malformed, limit.
[[nodiscard]] Expected<NativeX509> x509_from_der(ByteView der);

// Empties the thread's error queue and answers with a fixed text.
[[nodiscard]] Failure library_failure(const char* field);

}  // namespace chordial::crypto::openssl
