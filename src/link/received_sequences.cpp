#include "link/received_sequences.h"

namespace chordial::link {

namespace {

constexpr std::uint32_t window_bits = 64;
constexpr std::uint32_t half = std::uint32_t{1} << 31;  // numbers wrap: ahead means less than this

}  // namespace

bool ReceivedSequences::arrived(std::uint32_t sequence) const {
  const std::uint32_t behind = latest_ - sequence;
  return behind < window_bits && ((window_ >> behind) & 1) != 0;
}

bool ReceivedSequences::note(std::uint32_t sequence) {
  if (arrived(sequence)) return false;
  const std::uint32_t ahead = sequence - latest_;
  const std::uint32_t behind = latest_ - sequence;
  if (window_ == 0 || ahead < half) {
    window_ = ahead < window_bits && window_ != 0 ? (window_ << ahead) | 1 : 1;
    latest_ = sequence;
  } else if (behind < window_bits) {
    window_ |= std::uint64_t{1} << behind;
  }
  return true;
}

std::uint32_t ReceivedSequences::mask(std::uint32_t sequence) const {
  std::uint32_t bits = 0;
  for (std::uint32_t distance = 1; distance < 32; ++distance) {
    if (arrived(sequence - distance)) bits |= std::uint32_t{1} << distance;
  }
  return bits;
}

}  // namespace chordial::link
