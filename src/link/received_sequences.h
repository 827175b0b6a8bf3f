// Which sequence numbers of a link have arrived, and the `received` mask an ack says it with (RFC
// 6940 §6.6.2).
#pragma once

#include <cstdint>

namespace chordial::link {

class ReceivedSequences {
 public:
  // Notes the arrival; false when this very number has arrived before, as far as remembered (the
  // latest 64 numbers).
  bool note(std::uint32_t sequence);
  // The mask of an ack for `sequence`: bit n, 1 to 31, stands for sequence - n (bit 0 is the lowest
  // and never set). A bit says arrived; no bit says nothing.
  [[nodiscard]] std::uint32_t mask(std::uint32_t sequence) const;

 private:
  [[nodiscard]] bool arrived(std::uint32_t sequence) const;

  std::uint64_t window_ = 0;  // bit n: latest_ - n has arrived
  std::uint32_t latest_ = 0;
};

}  // namespace chordial::link
