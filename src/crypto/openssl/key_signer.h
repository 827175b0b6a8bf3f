// Signs with a private key held in memory (RFC 6940 §6.3.4).
#pragma once

#include <memory>

#include "crypto/openssl/private_key.h"
#include "crypto/signer.h"

struct evp_pkey_ctx_st;

namespace chordial::crypto::openssl {

class KeySigner final : public Signer {
 public:
  // Checks the certificate's form and that it belongs to the key; whether anybody trusts it, a
  // Store says. Errors: malformed, unsupported, unauthentic (another overlay), invalid (another
  // key).
  [[nodiscard]] static Expected<std::unique_ptr<KeySigner>> create(PrivateKey key,
                                                                   ByteView certificate,
                                                                   std::string_view overlay);

  [[nodiscard]] const Certificate& certificate() const override { return *certificate_; }
  [[nodiscard]] SignatureAlgorithm algorithm() const override { return algorithm_; }
  [[nodiscard]] Bytes sign(std::initializer_list<ByteView> parts) override;

  // For DTLS and for opening what was sealed to this node.
  [[nodiscard]] const PrivateKey& key() const { return key_; }

 private:
  struct Free {
    void operator()(evp_pkey_ctx_st* context) const;
  };
  KeySigner(PrivateKey key, std::unique_ptr<const Certificate> certificate,
            SignatureAlgorithm algorithm);

  PrivateKey key_;
  std::unique_ptr<const Certificate> certificate_;
  SignatureAlgorithm algorithm_;
  std::unique_ptr<evp_pkey_ctx_st, Free> context_;
};

}  // namespace chordial::crypto::openssl
