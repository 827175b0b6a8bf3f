// What phones did and what came of it. One per shard; added up at the end.
#pragma once

#include "sim/outcome_log.h"

namespace chordial::sim {

struct SipLog {
  OutcomeLog calls;           // until they ring; correct: answered by the phone that was called
  OutcomeLog messages;        // until the 200
  std::uint64_t hung_up = 0;  // answered calls whose BYE was answered
  // Requests that reached another phone than they were meant for, or name another sender.
  std::uint64_t misdelivered = 0;

  void add(const SipLog& other) {
    calls.add(other.calls);
    messages.add(other.messages);
    hung_up += other.hung_up;
    misdelivered += other.misdelivered;
  }
};

}  // namespace chordial::sim
