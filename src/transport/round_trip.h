// End-to-end retransmission time from measured round trips, after RFC 6298. Deviation from RFC 6940
// §6.2.1: the overlay-reliability-timer is the ceiling instead of the only value, so that a message
// lost in a fast overlay is repeated soon. The number of transmissions, the time of the last one
// and the time after which a request has failed (five times the timer) stay the RFC's: a ring in
// which a peer has died may take ten seconds to heal, and the request shall outlive that.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace chordial::transport {

inline constexpr Duration retransmission_floor{500'000};
inline constexpr unsigned transmissions_max = 5;

class RoundTrip {
 public:
  // Only of requests that were sent once (Karn).
  void measured(Duration sample) {
    const auto us =
        static_cast<std::int64_t>(std::clamp<std::int64_t>(sample.count(), 1, 60'000'000));
    if (smoothed_us_ == 0) {
      smoothed_us_ = static_cast<std::uint32_t>(us);
      variation_us_ = static_cast<std::uint32_t>(us / 2);
      return;
    }
    const std::int64_t off = us > smoothed_us_ ? us - smoothed_us_ : smoothed_us_ - us;
    variation_us_ = static_cast<std::uint32_t>((3 * std::int64_t{variation_us_} + off) / 4);
    smoothed_us_ = static_cast<std::uint32_t>((7 * std::int64_t{smoothed_us_} + us) / 8);
  }

  // How long to wait after the n-th transmission (n from 0): `growth` times as long as before. The
  // first wait is at most the ceiling.
  [[nodiscard]] Duration wait(unsigned transmission, Duration ceiling, unsigned growth) const {
    if (smoothed_us_ == 0) return ceiling;
    Duration wait(
        std::max<std::int64_t>(std::int64_t{smoothed_us_} + 4 * std::int64_t{variation_us_},
                               retransmission_floor.count()));
    wait = std::min(wait, ceiling);
    for (unsigned i = 0; i < std::min(transmission, transmissions_max); ++i)
      wait *= growth;
    return wait;
  }
  [[nodiscard]] Duration smoothed() const { return Duration(smoothed_us_); }

 private:
  std::uint32_t smoothed_us_ = 0;  // 0 before the first sample
  std::uint32_t variation_us_ = 0;
};

}  // namespace chordial::transport
