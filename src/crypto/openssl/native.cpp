#include "crypto/openssl/native.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string_view>

#include "crypto/trust.h"

namespace chordial::crypto::openssl {

Failure library_failure(const char* field) {
  ERR_clear_error();
  return failure(ErrorKind::internal, field, "the cryptographic library failed");
}

Expected<void> check_key(EVP_PKEY* key) {
  const auto unsupported = [](const char* reason) {
    ERR_clear_error();
    return failure(ErrorKind::unsupported, "public_key", reason);
  };
  if (key == nullptr) return unsupported("a kind of key this build cannot use");
  if (is_rsa(key)) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < 2048 || bits > 8192) return unsupported("RSA keys have 2048 to 8192 bits");
    return {};
  }
  if (EVP_PKEY_is_a(key, "EC") != 1) return unsupported("neither ECDSA nor RSA");
  char group[32] = {};
  int is_explicit = 0;
  if (EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1 ||
      std::string_view(group) != SN_X9_62_prime256v1) {
    return unsupported("the curve is not P-256");
  }
  // Curves spelled out by their parameters (CVE-2020-0601 and kin) are nobody's honest P-256.
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) ==
          1 &&
      is_explicit != 0) {
    return unsupported("the curve is not named");
  }
  return {};
}

Expected<NativeKey> key_from_public(ByteView der) {
  if (der.empty() || der.size() > certificate_bytes_max) {
    return failure(ErrorKind::malformed, "public_key", "no SubjectPublicKeyInfo");
  }
  const unsigned char* at = der.data();
  NativeKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != der.data() + der.size()) {
    ERR_clear_error();
    return failure(ErrorKind::malformed, "public_key", "no SubjectPublicKeyInfo");
  }
  if (auto allowed = check_key(key.get()); !allowed) return Failure(allowed.error());
  return key;
}

Expected<NativeX509> x509_from_der(ByteView der) {
  if (der.size() > certificate_bytes_max) {
    return failure(ErrorKind::limit, "certificate", "the certificate is too long");
  }
  const unsigned char* at = der.data();
  NativeX509 x509(der.empty() ? nullptr : d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!x509) {
    ERR_clear_error();
    return failure(ErrorKind::malformed, "certificate", "not an X.509 certificate");
  }
  // The library reads BER. Two encodings of one certificate would have two hashes, and the one that
  // is not revoked would pass.
  if (at != der.data() + der.size() || !equal(to_der(i2d_X509, x509.get()), der)) {
    ERR_clear_error();
    return failure(ErrorKind::malformed, "certificate", "not in DER",
                   static_cast<std::uint32_t>(at - der.data()));
  }
  return x509;
}

}  // namespace chordial::crypto::openssl
