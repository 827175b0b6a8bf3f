#include "base/rng.h"

#include <bit>

namespace chordial {

namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  SipState(std::uint64_t k0, std::uint64_t k1)
      : v0(k0 ^ 0x736f6d6570736575U),
        v1(k1 ^ 0x646f72616e646f6dU),
        v2(k0 ^ 0x6c7967656e657261U),
        v3(k1 ^ 0x7465646279746573U) {}

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  std::uint64_t finish() {
    v2 ^= 0xff;
    for (int i = 0; i < 4; ++i)
      round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::uint64_t little_endian(ByteView bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    word = (word << 8) | bytes[i - 1];
  return word;
}

}  // namespace

std::uint64_t siphash(std::uint64_t key_low, std::uint64_t key_high, ByteView bytes) {
  SipState state(key_low, key_high);
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8)
    state.absorb(little_endian(bytes.subspan(at, 8)));
  state.absorb(little_endian(bytes.subspan(at)) | (std::uint64_t{bytes.size()} << 56));
  return state.finish();
}

std::uint64_t Rng::u64() {
  SipState state(key_low_, key_high_);
  state.absorb(counter_++);
  state.absorb(std::uint64_t{8} << 56);
  return state.finish();
}

std::uint64_t Rng::below(std::uint64_t bound) {
  // Numbers under `skip` would make some remainders more likely than others.
  const std::uint64_t skip = (0 - bound) % bound;
  std::uint64_t value = u64();
  while (value < skip)
    value = u64();
  return value % bound;
}

double Rng::fraction() {
  return static_cast<double>(u64() >> 11) * 0x1p-53;
}

void Rng::fill(MutableByteView bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::uint64_t word = u64();
    for (int i = 0; i < 8 && at < bytes.size(); ++i, word >>= 8) {
      bytes[at++] = static_cast<std::uint8_t>(word);
    }
  }
}

Rng Rng::fork() {
  const std::uint64_t low = u64();
  return {low, u64()};
}

}  // namespace chordial
