// Checks signatures of ECDSA P-256 and RSASSA-PKCS1-v1_5, both with SHA-256 (RFC 6940 §6.3.4), and
// remembers those that held. Knows nothing of trust.
#pragma once

#include <unordered_set>

#include "base/counters.h"
#include "crypto/signer.h"

namespace chordial::crypto::openssl {

class KeyVerifier final : public Verifier {
 public:
  // What is remembered: (certificate, algorithm, signature, digest of the message) as one hash, in
  // two generations of `remembered_max` / 2. When the young one is full the old one is forgotten
  // whole and they change places; what is asked for again moves to the young one. Failures are not
  // remembered: only members with a certificate can fill the memory, strangers cannot.
  static constexpr std::size_t remembered_max_default = 8192;  // about 64 bytes each

  explicit KeyVerifier(std::size_t remembered_max = remembered_max_default)
      : generation_max_(remembered_max / 2) {}

  // `invalid` for a certificate that comes from another implementation of this interface.
  [[nodiscard]] Expected<void> verify(const Certificate& certificate, SignatureAlgorithm algorithm,
                                      ByteView signature,
                                      std::initializer_list<ByteView> parts) override;

  void visit_counters(CounterVisitor& visitor) const;

 private:
  struct HashPrefix {
    std::size_t operator()(const Sha256& hash) const;
  };
  using Generation = std::unordered_set<Sha256, HashPrefix>;

  [[nodiscard]] bool remembers(const Sha256& key);
  void remember(const Sha256& key);

  std::size_t generation_max_;
  Generation young_;
  Generation old_;
  std::uint64_t checked_ = 0;
  std::uint64_t remembered_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace chordial::crypto::openssl
