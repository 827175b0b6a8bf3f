#include "sip/auth/nonce.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "crypto/hash.h"

namespace chordial::sip {

namespace {

constexpr std::size_t stamp_bytes = 12;
constexpr std::size_t nonce_bytes = stamp_bytes + 12;

}  // namespace

std::array<std::uint8_t, 12> NonceMint::mac(ByteView stamp, std::string_view realm) const {
  const crypto::Sha256 whole = crypto::hmac_sha256(secret_, {stamp, as_bytes(realm)});
  std::array<std::uint8_t, 12> short_mac{};
  std::copy_n(whole.begin(), short_mac.size(), short_mac.begin());
  return short_mac;
}

std::string NonceMint::issue(Now now, std::string_view realm) {
  ByteWriter writer;
  writer.u64(static_cast<std::uint64_t>(now.monotonic.time_since_epoch().count() / 1000));
  writer.u32(rng_.u32());
  const auto proof = mac(writer.view(), realm);
  writer.raw(proof);
  return to_hex(writer.view());
}

std::optional<NonceKey> NonceMint::read(std::string_view nonce, std::string_view realm) const {
  if (nonce.size() != 2 * nonce_bytes) return std::nullopt;
  const auto bytes = from_hex(nonce);
  if (!bytes || bytes->size() != nonce_bytes) return std::nullopt;
  const ByteView view = *bytes;
  if (!equal_constant_time(view.subspan(stamp_bytes), mac(view.first(stamp_bytes), realm)))
    return std::nullopt;
  ByteReader reader(view);
  const std::uint64_t issued_ms = reader.u64("issued_ms");
  return NonceKey{issued_ms, reader.u32("salt")};
}

bool NonceReplayTable::note(const NonceKey& nonce, std::uint32_t count) {
  auto found = seen_.find(nonce);
  if (found == seen_.end()) {
    if (has_floor_ && nonce <= floor_) return false;
    if (seen_.size() >= entries_max_) {
      const NonceKey oldest = seen_.begin()->first;
      if (nonce < oldest) return false;
      floor_ = oldest;
      has_floor_ = true;
      seen_.erase(seen_.begin());
    }
    seen_.emplace(nonce, Seen{count, 1});
    return true;
  }
  Seen& seen = found->second;
  if (count > seen.highest) {
    const std::uint32_t step = count - seen.highest;
    seen.mask = step >= 64 ? 1 : (seen.mask << step) | 1;
    seen.highest = count;
    return true;
  }
  const std::uint32_t behind = seen.highest - count;
  if (behind >= 64 || (seen.mask >> behind & 1) != 0) return false;
  seen.mask |= std::uint64_t{1} << behind;
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
