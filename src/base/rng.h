// Randomness as an argument: SipHash-2-4 of a counter under a secret key, 24 bytes of state. The
// same seed gives the same numbers on every machine; without the key the next number cannot be
// foreseen, so transaction ids, tags and nonces may come from it. Keys of certificates come from
// OpenSSL instead.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace chordial {

class Rng {
 public:
  Rng(std::uint64_t key_low, std::uint64_t key_high) : key_low_(key_low), key_high_(key_high) {}

  std::uint64_t u64();
  std::uint32_t u32() { return static_cast<std::uint32_t>(u64() >> 32); }
  // Uniform in [0, bound); bound >= 1.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [0, 1).
  double fraction();
  void fill(MutableByteView bytes);
  // A generator whose numbers are independent of this one's.
  Rng fork();

 private:
  std::uint64_t key_low_;
  std::uint64_t key_high_;
  std::uint64_t counter_ = 0;
};

// SipHash-2-4 of `bytes` (Aumasson, Bernstein 2012): a keyed hash for tables that strangers fill.
[[nodiscard]] std::uint64_t siphash(std::uint64_t key_low, std::uint64_t key_high, ByteView bytes);

}  // namespace chordial
