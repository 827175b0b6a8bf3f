#include "crypto/hash.h"

#include "base/assert.h"
#include "crypto/openssl/native.h"

namespace chordial::crypto {

namespace {

using openssl::NativeDigest;

// Fetching an algorithm by name takes a lock and a look-up; these live as long as the process.
const EVP_MD* algorithm(const char* name) {
  const EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
  CHORDIAL_INVARIANT(md != nullptr);
  return md;
}
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const md = algorithm("SHA256");
  return md;
}
const EVP_MD* sha1_algorithm() {
  static const EVP_MD* const md = algorithm("SHA1");
  return md;
}
const EVP_MD* md5_algorithm() {
  static const EVP_MD* const md = algorithm("MD5");
  return md;
}

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) { CHORDIAL_INVARIANT(context_ != nullptr); }

  template <class Digest>
  Digest run(const EVP_MD* md, ByteView prefix, std::initializer_list<ByteView> parts) {
    Digest digest{};
    bool ok = EVP_DigestInit_ex2(context_.get(), md, nullptr) == 1;
    ok = ok && EVP_DigestUpdate(context_.get(), prefix.data(), prefix.size()) == 1;
    for (const ByteView part : parts) {
      ok = ok && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1;
    CHORDIAL_INVARIANT(ok);
    return digest;
  }

 private:
  NativeDigest context_;
};

// RFC 2104 over hashes of 64-byte blocks. EVP_MAC would allocate and look up by name every time.
template <class Digest>
Digest hmac(const EVP_MD* md, ByteView key, std::initializer_list<ByteView> parts) {
  Hasher hasher;
  std::array<std::uint8_t, 64> inner{};
  if (key.size() > inner.size()) {
    const Digest shortened = hasher.run<Digest>(md, key, {});
    std::copy(shortened.begin(), shortened.end(), inner.begin());
  } else {
    std::copy(key.begin(), key.end(), inner.begin());
  }
  std::array<std::uint8_t, 64> outer = inner;
  for (std::uint8_t& byte : inner)
    byte ^= 0x36;
  for (std::uint8_t& byte : outer)
    byte ^= 0x5c;
  const Digest first = hasher.run<Digest>(md, inner, parts);
  const Digest result = hasher.run<Digest>(md, outer, {first});
  OPENSSL_cleanse(inner.data(), inner.size());
  OPENSSL_cleanse(outer.data(), outer.size());
  return result;
}

}  // namespace

Sha256 sha256(std::initializer_list<ByteView> parts) {
  return Hasher().run<Sha256>(sha256_algorithm(), {}, parts);
}

Sha1 sha1(std::initializer_list<ByteView> parts) {
  return Hasher().run<Sha1>(sha1_algorithm(), {}, parts);
}

Md5 md5(std::initializer_list<ByteView> parts) {
  return Hasher().run<Md5>(md5_algorithm(), {}, parts);
}

Sha256 hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  return hmac<Sha256>(sha256_algorithm(), key, parts);
}

Sha1 hmac_sha1(ByteView key, std::initializer_list<ByteView> parts) {
  return hmac<Sha1>(sha1_algorithm(), key, parts);
}

}  // namespace chordial::crypto
