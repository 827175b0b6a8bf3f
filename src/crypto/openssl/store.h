// The certificates of one process, proven by X.509 chains (RFC 6940 §11.3). A chain is leaf ← root,
// or leaf ← delegate ← root with the delegate listed in the configuration document; certificates
// that travel in messages are never issuers.
#pragma once

#include <memory>

#include "crypto/certificate_store.h"
#include "crypto/trust.h"

namespace chordial::crypto::openssl {

class Store final : public CertificateStore {
 public:
  static constexpr std::size_t certificates_max_default = 4096;  // about 3 KiB each

  // Errors: those of configure.
  [[nodiscard]] static Expected<std::unique_ptr<Store>> create(
      const Trust& trust, std::size_t certificates_max = certificates_max_default);
  ~Store() override;

  // A new configuration document. Certificates it does not cover any more are forgotten; callers
  // that hold a hash ask `find` and `usable` again. Errors: malformed, unsupported, invalid (a root
  // that is no CA, a delegate that is not a path-length-0 CA of a root, or its pattern), limit; the
  // old trust stays then.
  [[nodiscard]] Expected<void> configure(const Trust& trust);

  // Validity is the chain's: the shortest of leaf and issuers. `now` does not matter to add; an
  // expired certificate is known, and `usable` says that it is expired.
  [[nodiscard]] Expected<const Certificate*> add(ByteView der, Now now) override;
  [[nodiscard]] const Certificate* find(const CertificateHash& hash) const override;
  [[nodiscard]] Expected<void> usable(const Certificate& certificate, Now now) const override;
  void pin(const CertificateHash& hash) override;
  void unpin(const CertificateHash& hash) override;

  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace chordial::crypto::openssl
