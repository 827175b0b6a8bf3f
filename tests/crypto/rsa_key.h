// RSA keys, which this system understands and does not make, for tests.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string>

namespace chordial::crypto::openssl {

inline std::string rsa_pem(unsigned bits) {
  EVP_PKEY* key = EVP_RSA_gen(bits);
  BIO* text = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(text, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(text);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace chordial::crypto::openssl
