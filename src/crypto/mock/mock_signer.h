// Signers and verifiers of the simulator. What a real one would have cost is counted, not spent.
#pragma once

#include "base/counters.h"
#include "crypto/mock/mock_authority.h"
#include "crypto/signer.h"

namespace chordial::crypto::mock {

// One per shard, so that nothing is counted from two threads.
struct SignatureCost {
  // OpenSSL 3.0, P-256, on the machine the goals were set on.
  static constexpr std::uint64_t sign_us = 40;
  static constexpr std::uint64_t verify_us = 80;

  std::uint64_t made = 0;
  std::uint64_t checked = 0;
  std::uint64_t refused = 0;

  [[nodiscard]] std::uint64_t microseconds() const { return made * sign_us + checked * verify_us; }
  void visit_counters(CounterVisitor& visitor) const {
    visitor.counter("crypto_signatures_made", made);
    visitor.counter("crypto_signatures_checked", checked);
    visitor.counter("crypto_signatures_refused", refused);
    visitor.counter("crypto_cost_us", microseconds());
  }
};

// References outlive it.
class MockSigner final : public Signer {
 public:
  MockSigner(const MockAuthority& authority, const Certificate& certificate, SignatureCost& cost)
      : authority_(authority), certificate_(certificate), cost_(cost) {}

  [[nodiscard]] const Certificate& certificate() const override { return certificate_; }
  [[nodiscard]] SignatureAlgorithm algorithm() const override { return {}; }
  [[nodiscard]] Bytes sign(std::initializer_list<ByteView> parts) override {
    ++cost_.made;
    return authority_.signature(certificate_.hash, parts);
  }

 private:
  const MockAuthority& authority_;
  const Certificate& certificate_;
  SignatureCost& cost_;
};
static_assert(sizeof(MockSigner) <= 64, "a simulated peer has 8 KiB for everything");

class MockVerifier final : public Verifier {
 public:
  MockVerifier(const MockAuthority& authority, SignatureCost& cost)
      : authority_(authority), cost_(cost) {}

  [[nodiscard]] Expected<void> verify(const Certificate& certificate, SignatureAlgorithm algorithm,
                                      ByteView signature,
                                      std::initializer_list<ByteView> parts) override {
    if (algorithm != SignatureAlgorithm{}) {
      return failure(ErrorKind::unsupported, "algorithm", "not ECDSA with SHA-256");
    }
    ++cost_.checked;
    if (equal(signature, authority_.signature(certificate.hash, parts))) return {};
    ++cost_.refused;
    return failure(ErrorKind::unauthentic, "signature", "it does not hold");
  }

 private:
  const MockAuthority& authority_;
  SignatureCost& cost_;
};

}  // namespace chordial::crypto::mock
