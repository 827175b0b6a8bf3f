// A token bucket in integers, twelve bytes: how often errors may be sent on behalf of strangers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace chordial::forwarding {

class RateLimit {
 public:
  RateLimit(std::uint16_t per_second, std::uint16_t burst)
      : tokens_(std::uint32_t{burst} * 1000), per_second_(per_second), burst_(burst) {}

  // Takes one token if there is one.
  bool allow(Now now) {
    const auto now_ms = static_cast<std::uint32_t>(now.monotonic.time_since_epoch().count() / 1000);
    const std::uint32_t passed_ms = std::min(now_ms - last_ms_, std::uint32_t{60'000});
    last_ms_ = now_ms;
    tokens_ = std::min(tokens_ + passed_ms * per_second_, std::uint32_t{burst_} * 1000);
    if (tokens_ < 1000) return false;
    tokens_ -= 1000;
    return true;
  }

 private:
  std::uint32_t tokens_;  // thousandths
  std::uint32_t last_ms_ = 0;
  std::uint16_t per_second_;
  std::uint16_t burst_;
};

}  // namespace chordial::forwarding
