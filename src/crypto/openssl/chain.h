// Private to this room: who may vouch for a certificate, and the proof that somebody did. Holds the
// parsed roots and delegates of one configuration document; never changes once made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/aor_pattern.h"
#include "crypto/openssl/parsed_certificate.h"
#include "crypto/revocations.h"

namespace chordial::crypto::openssl {

class Chain {
 public:
  // Errors: malformed, unsupported, invalid, limit (see Store::configure).
  [[nodiscard]] static Expected<Chain> create(const Trust& trust);

  // Parses and proves. Errors: malformed, limit, unsupported, unauthentic.
  [[nodiscard]] Expected<std::unique_ptr<ParsedCertificate>> prove(ByteView der) const;
  [[nodiscard]] const Revocations& revocations() const { return revocations_; }

 private:
  struct ProvenDelegate {
    NativeX509 x509;
    NodeId node_id;
    AorPattern pattern;
  };
  using NativeStore = Native<X509_STORE, X509_STORE_free>;
  struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
  };

  Chain() = default;
  [[nodiscard]] Expected<void> add_root(ByteView der);
  [[nodiscard]] Expected<void> add_delegate(const Delegate& delegate);
  [[nodiscard]] Expected<void> prove_own_signature(X509* x509, const Certificate& leaf) const;
  // Narrows the leaf's validity to what its issuers have left.
  [[nodiscard]] Expected<void> prove_issuers(X509* x509, Certificate& leaf) const;
  [[nodiscard]] Expected<void> check_delegated(const X509* issuer, const Certificate& leaf) const;
  [[nodiscard]] Expected<void> check_name(const Certificate& leaf) const;

  std::string overlay_;
  std::optional<SelfSignedDigest> self_signed_;
  Revocations revocations_;
  NativeStore roots_;
  std::vector<ProvenDelegate> delegates_;
  std::unique_ptr<STACK_OF(X509), FreeStack> intermediates_;  // views of delegates_
};

}  // namespace chordial::crypto::openssl
