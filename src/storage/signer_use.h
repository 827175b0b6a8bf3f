// How many stored bytes each signer has: what keeps one member from filling a peer with values that
// are all permitted (RFC 6940 §13.5.2). Knows no values.
#pragma once

#include <cstdint>
#include <vector>

#include "crypto/certificate.h"

namespace chordial::storage {

// Signers are told apart by the first eight bytes of their certificate's hash: nobody chooses these
// freely, and two that meet there merely share what they may store.
class SignerUse {
 public:
  void add(const crypto::CertificateHash& signer, std::size_t bytes);
  // No more than was added.
  void remove(const crypto::CertificateHash& signer, std::size_t bytes);
  [[nodiscard]] std::size_t bytes(const crypto::CertificateHash& signer) const;

  [[nodiscard]] std::size_t signers() const { return uses_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const { return uses_.capacity() * sizeof(Use); }

 private:
  struct Use {
    std::uint64_t signer;
    std::uint64_t bytes;
  };
  [[nodiscard]] static std::uint64_t key(const crypto::CertificateHash& signer);

  std::vector<Use> uses_;  // by signer
};

}  // namespace chordial::storage
