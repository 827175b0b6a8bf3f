#include "crypto/mock/mock_store.h"

namespace chordial::crypto::mock {

std::size_t MockStore::HashPrefix::operator()(const CertificateHash& hash) const {
  std::size_t prefix = 0;
  std::memcpy(&prefix, hash.data(), sizeof prefix);
  return prefix;
}

const Certificate* MockStore::find_interned(const CertificateHash& hash) const {
  for (const MockStore* store = this; store != nullptr; store = store->shared_) {
    const auto place = store->interned_.find(hash);
    if (place != store->interned_.end()) return place->second.get();
  }
  return nullptr;
}

Expected<const Certificate*> MockStore::intern(ByteView der) {
  auto certificate = authority_.read(der);
  if (!certificate) return Failure(certificate.error());
  const CertificateHash hash = (*certificate)->hash;
  return interned_.emplace(hash, std::move(*certificate)).first->second.get();
}

Expected<const Certificate*> MockStore::add(ByteView der, Now) {
  if (der.size() <= certificate_bytes_max) {
    if (const Certificate* known = find(sha256({der}))) return known;
  }
  auto certificate = authority_.read(der);
  if (!certificate) return Failure(certificate.error());
  return &cache_.insert(std::move(*certificate));
}

const Certificate* MockStore::find(const CertificateHash& hash) const {
  if (const Certificate* interned = find_interned(hash)) return interned;
  return cache_.find(hash);
}

Expected<void> MockStore::usable(const Certificate& certificate, Now now) const {
  return revocations_.check(certificate, now);
}

void MockStore::pin(const CertificateHash& hash) {
  cache_.pin(hash);
}

void MockStore::unpin(const CertificateHash& hash) {
  cache_.unpin(hash);
}

}  // namespace chordial::crypto::mock
