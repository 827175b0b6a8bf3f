#include "crypto/openssl/private_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/assert.h"
#include "crypto/openssl/native.h"

namespace chordial::crypto::openssl {

namespace {

constexpr std::size_t pem_bytes_max = 65536;

// Otherwise an encrypted key would make the library ask at the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

}  // namespace

void PrivateKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Expected<PrivateKey> PrivateKey::generate() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  if (key == nullptr) return library_failure("private_key");
  return PrivateKey(key);
}

Expected<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  if (pem.size() > pem_bytes_max) {
    return failure(ErrorKind::limit, "private_key", "the text is too long");
  }
  const NativeBio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!text) return library_failure("private_key");
  EVP_PKEY* native = PEM_read_bio_PrivateKey(text.get(), nullptr, no_password, nullptr);
  if (native == nullptr) {
    ERR_clear_error();
    return failure(ErrorKind::malformed, "private_key", "no unencrypted private key in PEM");
  }
  PrivateKey key(native);
  if (auto allowed = check_key(native); !allowed) return Failure(allowed.error());
  return key;
}

std::string PrivateKey::to_pem() const {
  const NativeBio text(BIO_new(BIO_s_mem()));
  CHORDIAL_INVARIANT(text && PEM_write_bio_PKCS8PrivateKey(text.get(), key_.get(), nullptr, nullptr,
                                                           0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  std::string pem(data, static_cast<std::size_t>(size));
  OPENSSL_cleanse(data, static_cast<std::size_t>(size));
  return pem;
}

Bytes PrivateKey::public_key() const {
  return to_der(i2d_PUBKEY, key_.get());
}

}  // namespace chordial::crypto::openssl
