// What happened to a node, as 16 bytes that change with every event. Traces of all nodes are
// combined in the order of the nodes, so that the combination does not depend on threads.
#pragma once

#include <string>

#include "base/rng.h"
#include "crypto/hash.h"
#include "sim/event.h"

namespace chordial::sim {

class Trace {
 public:
  void absorb(const Event& event);
  // Something else worth noting: `what` says what, the numbers what about it.
  void absorb(MonotonicTime at, std::uint32_t what, std::uint64_t number);

 private:
  friend class TraceSum;
  void mix(std::uint64_t word);
  void mix(ByteView bytes);

  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

// SHA-256 over all traces, added in the order of their nodes.
class TraceSum {
 public:
  void add(const Trace& trace);
  // 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex();

 private:
  void fold();

  crypto::Sha256 sum_{};
  Bytes pending_;
};

}  // namespace chordial::sim
