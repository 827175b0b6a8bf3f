// Outcomes of look-ups, calls or messages, and how long and how far they went. One per shard; added
// up at the end in an order that does not matter.
#pragma once

#include <array>

#include "sim/results.h"

namespace chordial::sim {

class OutcomeLog {
 public:
  void started() { ++counts_.started; }
  void correct(Duration took, unsigned hops);
  void wrong() { ++counts_.wrong; }
  void error() { ++counts_.error; }
  void timeout() { ++counts_.timeout; }
  // The node that asked has died: there is nobody left to be answered.
  void abandoned(std::size_t lookups) { counts_.started -= lookups; }
  void forged() { ++forged_; }

  void add(const OutcomeLog& other);
  // What was started and has no outcome counts as a time-out.
  [[nodiscard]] OutcomeCounts counts() const;
  [[nodiscard]] Distribution hops() const;
  [[nodiscard]] Distribution latency_ms() const;
  [[nodiscard]] std::uint64_t forged_accepted() const { return forged_; }

 private:
  static constexpr std::size_t hops_max = 128;

  [[nodiscard]] std::uint64_t half() const;
  [[nodiscard]] std::uint64_t most() const;

  OutcomeCounts counts_;
  std::uint64_t forged_ = 0;
  std::array<std::uint64_t, hops_max> hops_{};
  std::vector<std::uint32_t> took_us_;
};

}  // namespace chordial::sim
