#include "crypto/openssl/seal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>

#include "crypto/openssl/parsed_certificate.h"

namespace chordial::crypto::openssl {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t point_bytes = 65;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::string_view purpose = "chordial seal 1";

using Point = std::array<std::uint8_t, point_bytes>;

struct Secrets {
  std::array<std::uint8_t, key_bytes + nonce_bytes> bytes{};
  ~Secrets() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

bool read_point(EVP_PKEY* key, Point& point) {
  std::size_t size = 0;
  return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                         &size) == 1 &&
         size == point.size() && point[0] == POINT_CONVERSION_UNCOMPRESSED;
}

// The library checks that the point lies on the curve.
NativeKey key_of_point(ByteView point) {
  if (point.empty() || point[0] != POINT_CONVERSION_UNCOMPRESSED) return nullptr;
  char group[] = SN_X9_62_prime256v1;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                        const_cast<std::uint8_t*>(point.data()), point.size()),
      OSSL_PARAM_construct_end()};
  const NativeKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(params)) != 1) {
    return nullptr;
  }
  return NativeKey(key);
}

bool derive(EVP_PKEY* own, EVP_PKEY* other, const Point& ephemeral, const Point& recipient,
            ByteView info, Secrets& secrets) {
  std::array<std::uint8_t, 32> shared{};
  std::size_t shared_size = shared.size();
  const NativeKeyContext agreement(EVP_PKEY_CTX_new(own, nullptr));
  bool ok = agreement && EVP_PKEY_derive_init(agreement.get()) == 1 &&
            EVP_PKEY_derive_set_peer(agreement.get(), other) == 1 &&
            EVP_PKEY_derive(agreement.get(), shared.data(), &shared_size) == 1;
  Bytes salt(ephemeral.begin(), ephemeral.end());
  salt.insert(salt.end(), recipient.begin(), recipient.end());
  Bytes label = to_bytes(as_bytes(purpose));
  label.insert(label.end(), info.begin(), info.end());
  std::size_t size = secrets.bytes.size();
  const NativeKeyContext kdf(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  ok = ok && kdf && EVP_PKEY_derive_init(kdf.get()) == 1 &&
       EVP_PKEY_CTX_set_hkdf_md(kdf.get(), EVP_sha256()) == 1 &&
       EVP_PKEY_CTX_set1_hkdf_key(kdf.get(), shared.data(), static_cast<int>(shared_size)) == 1 &&
       EVP_PKEY_CTX_set1_hkdf_salt(kdf.get(), salt.data(), static_cast<int>(salt.size())) == 1 &&
       EVP_PKEY_CTX_add1_hkdf_info(kdf.get(), label.data(), static_cast<int>(label.size())) == 1 &&
       EVP_PKEY_derive(kdf.get(), secrets.bytes.data(), &size) == 1;
  OPENSSL_cleanse(shared.data(), shared.size());
  return ok;
}

int length_of(ByteView bytes) {
  return static_cast<int>(bytes.size());
}

// Appends ciphertext and tag.
bool encrypt(const Secrets& secrets, ByteView context, ByteView secret, Bytes& out) {
  const NativeCipher cipher(EVP_CIPHER_CTX_new());
  const std::size_t start = out.size();
  out.resize(start + secret.size() + tag_bytes);
  std::uint8_t* text = out.data() + start;
  int length = 0;
  return cipher &&
         EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), secrets.bytes.data(),
                             secrets.bytes.data() + key_bytes, nullptr) == 1 &&
         EVP_EncryptUpdate(cipher.get(), nullptr, &length, context.data(), length_of(context)) ==
             1 &&
         EVP_EncryptUpdate(cipher.get(), text, &length, secret.data(), length_of(secret)) == 1 &&
         EVP_EncryptFinal_ex(cipher.get(), text + length, &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                             text + secret.size()) == 1;
}

bool decrypt(const Secrets& secrets, ByteView context, ByteView text, ByteView tag, Bytes& out) {
  const NativeCipher cipher(EVP_CIPHER_CTX_new());
  out.resize(text.size() + 1);  // one to point at when the secret is empty
  int length = 0;
  const bool ok =
      cipher &&
      EVP_DecryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), secrets.bytes.data(),
                          secrets.bytes.data() + key_bytes, nullptr) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, context.data(), length_of(context)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out.data(), &length, text.data(), length_of(text)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes,
                          const_cast<std::uint8_t*>(tag.data())) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out.data() + length, &length) == 1;
  out.resize(text.size());
  return ok;
}

}  // namespace

Expected<Bytes> seal(const Certificate& recipient, ByteView secret, ByteView context) {
  if (secret.size() > sealed_secret_bytes_max || context.size() > sealed_secret_bytes_max) {
    return failure(ErrorKind::limit, "secret", "too long to be sealed");
  }
  const auto* parsed = dynamic_cast<const ParsedCertificate*>(&recipient);
  if (parsed == nullptr) {
    return failure(ErrorKind::invalid, "recipient", "it has no key this build can use");
  }
  Point recipient_point{};
  if (is_rsa(parsed->key.get()) || !read_point(parsed->key.get(), recipient_point)) {
    ERR_clear_error();
    return failure(ErrorKind::unsupported, "recipient", "the key is not P-256");
  }
  const auto ephemeral = PrivateKey::generate();
  if (!ephemeral) return Failure(ephemeral.error());
  Point ephemeral_point{};
  Secrets secrets;
  Bytes sealed;
  sealed.reserve(secret.size() + seal_overhead_bytes);
  sealed.push_back(version);
  if (!read_point(ephemeral->native(), ephemeral_point) ||
      !derive(ephemeral->native(), parsed->key.get(), ephemeral_point, recipient_point, context,
              secrets)) {
    return library_failure("seal");
  }
  sealed.insert(sealed.end(), ephemeral_point.begin(), ephemeral_point.end());
  if (!encrypt(secrets, context, secret, sealed)) return library_failure("seal");
  return sealed;
}

Expected<Bytes> open_seal(const PrivateKey& key, ByteView sealed, ByteView context) {
  if (sealed.size() < seal_overhead_bytes) {
    return failure(ErrorKind::truncated, "sealed", "shorter than an empty secret");
  }
  if (sealed.size() > sealed_secret_bytes_max + seal_overhead_bytes ||
      context.size() > sealed_secret_bytes_max) {
    return failure(ErrorKind::limit, "sealed", "too long");
  }
  Point own_point{};
  if (sealed[0] != version || is_rsa(key.native()) || !read_point(key.native(), own_point)) {
    ERR_clear_error();
    return failure(ErrorKind::unsupported, "sealed", "another version or another kind of key");
  }
  Point ephemeral_point{};
  std::copy_n(sealed.begin() + 1, point_bytes, ephemeral_point.begin());
  const NativeKey ephemeral = key_of_point(ephemeral_point);
  if (!ephemeral) {
    ERR_clear_error();
    return failure(ErrorKind::malformed, "sealed", "the point is not on the curve", 1);
  }
  Secrets secrets;
  Bytes secret;
  const ByteView body = sealed.subspan(1 + point_bytes);
  if (!derive(key.native(), ephemeral.get(), ephemeral_point, own_point, context, secrets) ||
      !decrypt(secrets, context, body.first(body.size() - tag_bytes), body.last(tag_bytes),
               secret)) {
    ERR_clear_error();
    return failure(ErrorKind::unauthentic, "sealed", "not for this key and context, or altered");
  }
  return secret;
}

}  // namespace chordial::crypto::openssl
