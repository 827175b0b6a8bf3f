// The simulator's certificates: each is parsed once and shared by all peers of a shard.
#pragma once

#include "crypto/certificate_cache.h"
#include "crypto/certificate_store.h"
#include "crypto/mock/mock_authority.h"
#include "crypto/revocations.h"

namespace chordial::crypto::mock {

// `intern` puts a certificate where it stays; what `add` learns goes to a bounded cache. A store
// that nobody interns into any more may be shared between threads as `shared` of one store each.
class MockStore final : public CertificateStore {
 public:
  static constexpr std::size_t certificates_max_default = 4096;

  explicit MockStore(const MockAuthority& authority, const MockStore* shared = nullptr,
                     std::size_t certificates_max = certificates_max_default)
      : authority_(authority), shared_(shared), cache_(certificates_max) {}

  // A new configuration document: only its two lists of what is revoked matter here.
  void configure(const Trust& trust) { revocations_ = Revocations(trust); }
  // The reference is good for the life of the store. Errors: those of MockAuthority::read.
  [[nodiscard]] Expected<const Certificate*> intern(ByteView der);

  [[nodiscard]] Expected<const Certificate*> add(ByteView der, Now now) override;
  [[nodiscard]] const Certificate* find(const CertificateHash& hash) const override;
  [[nodiscard]] Expected<void> usable(const Certificate& certificate, Now now) const override;
  void pin(const CertificateHash& hash) override;
  void unpin(const CertificateHash& hash) override;

 private:
  struct HashPrefix {
    std::size_t operator()(const CertificateHash& hash) const;
  };
  [[nodiscard]] const Certificate* find_interned(const CertificateHash& hash) const;

  const MockAuthority& authority_;
  const MockStore* shared_;
  Revocations revocations_;
  std::unordered_map<CertificateHash, std::unique_ptr<const Certificate>, HashPrefix> interned_;
  mutable CertificateCache<Certificate> cache_;
};

}  // namespace chordial::crypto::mock
