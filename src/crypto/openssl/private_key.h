// A private key as a value: P-256 (what this system makes) or RSA of 2048 bits and more
// (understood). Knows no certificate. The library's types stay out of this header.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

struct evp_pkey_st;

namespace chordial::crypto::openssl {

class PrivateKey {
 public:
  // A fresh P-256 key from the library's random generator. Error: internal.
  [[nodiscard]] static Expected<PrivateKey> generate();
  // One unencrypted PEM block (PKCS#8, SEC1 or PKCS#1). That nobody else may read the file it came
  // from is the caller's duty. Errors: malformed, unsupported (another curve, a short RSA key).
  [[nodiscard]] static Expected<PrivateKey> from_pem(std::string_view pem);

  // PKCS#8, unencrypted. Caller's duty: a file only its owner can read.
  [[nodiscard]] std::string to_pem() const;
  // SubjectPublicKeyInfo in DER: what goes into a certificate and what proves nothing by itself.
  [[nodiscard]] Bytes public_key() const;

  // For this room alone.
  [[nodiscard]] evp_pkey_st* native() const { return key_.get(); }

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit PrivateKey(evp_pkey_st* key) : key_(key) {}

  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace chordial::crypto::openssl
