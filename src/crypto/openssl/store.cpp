#include "crypto/openssl/store.h"

#include "crypto/certificate_cache.h"
#include "crypto/openssl/chain.h"

namespace chordial::crypto::openssl {

struct Store::State {
  Chain chain;
  CertificateCache<ParsedCertificate> cache;
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {
}
Store::~Store() = default;

Expected<std::unique_ptr<Store>> Store::create(const Trust& trust, std::size_t certificates_max) {
  auto chain = Chain::create(trust);
  if (!chain) return Failure(chain.error());
  return std::unique_ptr<Store>(new Store(std::unique_ptr<State>(
      new State{std::move(*chain), CertificateCache<ParsedCertificate>(certificates_max)})));
}

Expected<void> Store::configure(const Trust& trust) {
  auto chain = Chain::create(trust);
  if (!chain) return Failure(chain.error());
  state_->chain = std::move(*chain);
  state_->cache.retain([this](ParsedCertificate& certificate) {
    const auto again = state_->chain.prove(certificate.der);
    if (!again) return false;
    certificate.not_before = (*again)->not_before;
    certificate.not_after = (*again)->not_after;
    return true;
  });
  return {};
}

Expected<const Certificate*> Store::add(ByteView der, Now) {
  if (der.size() <= certificate_bytes_max) {
    if (const Certificate* known = state_->cache.find(sha256({der}))) return known;
  }
  auto proven = state_->chain.prove(der);
  if (!proven) return Failure(proven.error());
  return &state_->cache.insert(std::move(*proven));
}

const Certificate* Store::find(const CertificateHash& hash) const {
  return state_->cache.find(hash);
}

Expected<void> Store::usable(const Certificate& certificate, Now now) const {
  const Revocations& revocations = state_->chain.revocations();
  if (auto answer = revocations.check(certificate, now); !answer) return answer;
  const auto* parsed = dynamic_cast<const ParsedCertificate*>(&certificate);
  if (parsed != nullptr && revocations.forbids(parsed->twin_hash)) {
    return failure(ErrorKind::forbidden, "bad-certificate", "the certificate is revoked");
  }
  return {};
}

void Store::pin(const CertificateHash& hash) {
  state_->cache.pin(hash);
}

void Store::unpin(const CertificateHash& hash) {
  state_->cache.unpin(hash);
}

std::size_t Store::size() const {
  return state_->cache.size();
}

}  // namespace chordial::crypto::openssl
