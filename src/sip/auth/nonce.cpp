#include "sip/auth/nonce.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace chordial::sip {

namespace {

constexpr std::size_t stamp_bytes = 12;

}  // namespace

NonceMint::NonceMint(Rng& rng) : rng_(rng) {
  for (std::uint64_t& word : secret_)
    word = rng_.u64();
}

// Two keyed hashes under independent keys: 128 bits, at a tenth of the price of an HMAC.
NonceMint::Mac NonceMint::mac(ByteView stamp, std::string_view realm,
                              const IpAddress& source) const {
  ByteWriter all;
  all.raw(stamp);
  all.raw(source.bytes());
  all.raw(as_bytes(realm));
  ByteWriter out;
  out.u64(siphash(secret_[0], secret_[1], all.view()));
  out.u64(siphash(secret_[2], secret_[3], all.view()));
  Mac mac{};
  std::copy_n(out.view().begin(), mac.size(), mac.begin());
  return mac;
}

std::string NonceMint::issue(Now now, std::string_view realm, const IpAddress& source) {
  ByteWriter writer;
  writer.u64(static_cast<std::uint64_t>(now.monotonic.time_since_epoch().count() / 1000));
  writer.u32(rng_.u32());
  const Mac proof = mac(writer.view(), realm, source);
  writer.raw(proof);
  return to_hex(writer.view());
}

std::optional<NonceKey> NonceMint::read(std::string_view nonce, std::string_view realm,
                                        const IpAddress& source) const {
  if (nonce.size() != 2 * (stamp_bytes + mac_bytes)) return std::nullopt;
  const auto bytes = from_hex(nonce);
  if (!bytes) return std::nullopt;
  const ByteView view = *bytes;
  if (!equal_constant_time(view.subspan(stamp_bytes), mac(view.first(stamp_bytes), realm, source)))
    return std::nullopt;
  ByteReader reader(view);
  const std::uint64_t issued_ms = reader.u64("issued_ms");
  return NonceKey{issued_ms, reader.u32("salt")};
}

bool NonceReplayTable::note(const NonceKey& nonce, std::uint32_t count) {
  const auto found = seen_.find(nonce);
  if (found != seen_.end()) {
    if (count <= found->second) return false;
    found->second = count;
    return true;
  }
  if (has_floor_ && nonce <= floor_) return false;
  if (seen_.size() >= entries_max_) {
    const NonceKey oldest = seen_.begin()->first;
    if (nonce < oldest) return false;
    floor_ = oldest;
    has_floor_ = true;
    ++forgotten_;
    seen_.erase(seen_.begin());
  }
  seen_.emplace(nonce, count);
  return true;
}

void NonceReplayTable::forget_before(std::uint64_t issued_ms) {
  const NonceKey limit{issued_ms, 0};
  if (issued_ms == 0) return;
  const NonceKey below{issued_ms - 1, ~std::uint32_t{0}};
  seen_.erase(seen_.begin(), seen_.lower_bound(limit));
  if (!has_floor_ || floor_ < below) floor_ = below;
  has_floor_ = true;
}

}  // namespace chordial::sip
