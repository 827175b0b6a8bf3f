// Nonces without state: time ‖ salt ‖ MAC(secret, time ‖ salt ‖ source ‖ realm), valid at this
// server, for who asked for it, for a while (RFC 7616 §3.3, §5.4); and the memory of nonce counts
// that stops replays (§3.4.5 nc, §5.5). Knows no password.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/rng.h"
#include "base/time.h"

namespace chordial::sip {

// What a nonce of ours says about itself.
struct NonceKey {
  std::uint64_t issued_ms = 0;  // on the monotonic clock
  std::uint32_t salt = 0;       // tells nonces of the same millisecond apart

  friend auto operator<=>(const NonceKey&, const NonceKey&) = default;
};

class NonceMint {
 public:
  // The secret is drawn from `rng` and lives as long as the mint: after a restart every old nonce
  // is unknown and its owner is asked again with stale=true.
  explicit NonceMint(Rng& rng);

  // `source`: where the nonce is sent. Who shows it has received it there.
  [[nodiscard]] std::string issue(Now now, std::string_view realm, const IpAddress& source);
  // The key of a nonce made here for this realm and source, however old; nothing for anyone else's.
  [[nodiscard]] std::optional<NonceKey> read(std::string_view nonce, std::string_view realm,
                                             const IpAddress& source) const;

 private:
  static constexpr std::size_t mac_bytes = 16;
  using Mac = std::array<std::uint8_t, mac_bytes>;
  [[nodiscard]] Mac mac(ByteView stamp, std::string_view realm, const IpAddress& source) const;

  Rng& rng_;
  std::array<std::uint64_t, 4> secret_{};
};

// The nonce counts seen. At most `entries_max` nonces are remembered; when one more comes, the one
// issued first goes, and from then on no nonce as old as it is good any more: forgetting a count
// never lets it be used again.
class NonceReplayTable {
 public:
  explicit NonceReplayTable(std::size_t entries_max) : entries_max_(entries_max) {}

  // Notes (nonce, count), which a digest has proven. False: the count does not grow (a replay, or a
  // request that was overtaken), or the nonce is from before the oldest remembered.
  [[nodiscard]] bool note(const NonceKey& nonce, std::uint32_t count);
  // Whether this count, or a higher one, has been noted.
  [[nodiscard]] bool has(const NonceKey& nonce, std::uint32_t count) const {
    const auto found = seen_.find(nonce);
    return found != seen_.end() && found->second >= count;
  }
  // Drops nonces issued before this, and refuses them.
  void forget_before(std::uint64_t issued_ms);
  [[nodiscard]] std::size_t size() const { return seen_.size(); }
  // Nonces that went to make room.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

 private:
  std::size_t entries_max_;
  std::map<NonceKey, std::uint32_t> seen_;  // the highest count of each, oldest nonce first
  NonceKey floor_{};  // nonces up to this one that are not in `seen_` are refused
  bool has_floor_ = false;
  std::uint64_t forgotten_ = 0;
};

}  // namespace chordial::sip
