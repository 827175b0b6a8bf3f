#include "storage/signer_use.h"

#include <algorithm>

namespace chordial::storage {

std::uint64_t SignerUse::key(const crypto::CertificateHash& signer) {
  std::uint64_t number = 0;
  for (unsigned i = 0; i < 8; ++i)
    number = number << 8 | signer[i];
  return number;
}

void SignerUse::add(const crypto::CertificateHash& signer, std::size_t bytes) {
  const auto at = std::ranges::lower_bound(uses_, key(signer), {}, &Use::signer);
  if (at != uses_.end() && at->signer == key(signer)) {
    at->bytes += bytes;
  } else {
    // Growth by an eighth, as the connection table: most peers know a handful.
    const auto place = at - uses_.begin();
    if (uses_.size() == uses_.capacity()) uses_.reserve(uses_.size() + 1 + uses_.size() / 8);
    uses_.insert(uses_.begin() + place, {key(signer), bytes});
  }
}

void SignerUse::remove(const crypto::CertificateHash& signer, std::size_t bytes) {
  const auto at = std::ranges::lower_bound(uses_, key(signer), {}, &Use::signer);
  if (at == uses_.end() || at->signer != key(signer)) return;
  at->bytes -= std::min<std::uint64_t>(at->bytes, bytes);
  if (at->bytes == 0) uses_.erase(at);
  if (uses_.empty()) uses_.shrink_to_fit();
}

std::size_t SignerUse::bytes(const crypto::CertificateHash& signer) const {
  const auto at = std::ranges::lower_bound(uses_, key(signer), {}, &Use::signer);
  return at != uses_.end() && at->signer == key(signer) ? at->bytes : 0;
}

}  // namespace chordial::storage
