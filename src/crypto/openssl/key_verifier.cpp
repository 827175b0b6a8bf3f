#include "crypto/openssl/key_verifier.h"

#include <cstring>
#include <openssl/err.h>

#include "crypto/openssl/parsed_certificate.h"
#include "crypto/openssl/signature_context.h"

namespace chordial::crypto::openssl {

namespace {

// An RSA signature of 8192 bits.
constexpr std::size_t signature_bytes_max = 1024;

}  // namespace

std::size_t KeyVerifier::HashPrefix::operator()(const Sha256& hash) const {
  std::size_t prefix = 0;
  std::memcpy(&prefix, hash.data(), sizeof prefix);
  return prefix;
}

Expected<void> KeyVerifier::verify(const Certificate& certificate, SignatureAlgorithm algorithm,
                                   ByteView signature, std::initializer_list<ByteView> parts) {
  const auto* parsed = dynamic_cast<const ParsedCertificate*>(&certificate);
  if (parsed == nullptr) {
    return failure(ErrorKind::invalid, "certificate", "it has no key this build can use");
  }
  const SignatureAlgorithm expected = is_rsa(parsed->key.get()) ? rsa_sha256 : ecdsa_sha256;
  if (algorithm != ecdsa_sha256 && algorithm != rsa_sha256) {
    return failure(ErrorKind::unsupported, "algorithm", "neither ECDSA nor RSA with SHA-256");
  }
  const auto refuse = [this](const char* reason) {
    ERR_clear_error();
    ++refused_;
    return failure(ErrorKind::unauthentic, "signature", reason);
  };
  if (algorithm != expected) return refuse("of another kind than the certificate's key");
  if (signature.size() > signature_bytes_max) return refuse("too long");

  const Sha256 digest = sha256(parts);
  const std::uint8_t kind[] = {algorithm.hash, algorithm.signature};
  const Sha256 memory = sha256({certificate.hash, kind, digest, signature});
  if (remembers(memory)) {
    ++remembered_;
    return {};
  }
  const NativeKeyContext context = signature_context(parsed->key.get(), EVP_PKEY_verify_init);
  if (!context) return library_failure("signature");
  ++checked_;
  if (EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(),
                      digest.size()) != 1) {
    return refuse("it does not hold");
  }
  remember(memory);
  return {};
}

bool KeyVerifier::remembers(const Sha256& key) {
  if (young_.contains(key)) return true;
  if (old_.erase(key) == 0) return false;
  remember(key);
  return true;
}

void KeyVerifier::remember(const Sha256& key) {
  if (generation_max_ == 0) return;
  if (young_.size() >= generation_max_) {
    old_ = std::move(young_);
    young_ = Generation();
  }
  young_.insert(key);
}

void KeyVerifier::visit_counters(CounterVisitor& visitor) const {
  visitor.counter("crypto_signatures_checked", checked_);
  visitor.counter("crypto_signatures_remembered", remembered_);
  visitor.counter("crypto_signatures_refused", refused_);
  visitor.gauge("crypto_signatures_in_memory", young_.size() + old_.size());
}

}  // namespace chordial::crypto::openssl
