// Time as an argument. The core never asks a clock: whoever drives it hands in `Now`.
#pragma once

#include <chrono>
#include <cstdint>

namespace chordial {

// Microseconds on a clock that never goes back; its zero means nothing.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

// Milliseconds since 1970-01-01 UTC, as RELOAD's storage_time counts (RFC 6940 §7.4.1.1).
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

struct Now {
  MonotonicTime monotonic;
  WallTime wall;

  [[nodiscard]] std::uint64_t wall_ms() const {
    return static_cast<std::uint64_t>(wall.time_since_epoch().count());
  }
  [[nodiscard]] std::int64_t wall_s() const { return wall.time_since_epoch().count() / 1000; }
};

inline constexpr MonotonicTime never = MonotonicTime::max();

}  // namespace chordial
