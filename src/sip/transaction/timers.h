// The times of RFC 3261 §17.1.1.1 (table 4). Shared by all transactions of a process.
#pragma once

#include "base/time.h"

namespace chordial::sip {

struct TransactionTimers {
  Duration t1 = std::chrono::milliseconds(500);
  Duration t2 = std::chrono::seconds(4);
  Duration t4 = std::chrono::seconds(5);
  Duration d = std::chrono::seconds(32);  // at least 32 s over unreliable transports

  [[nodiscard]] Duration lifetime() const { return 64 * t1; }  // timers B, F, H, J, L, M
};

}  // namespace chordial::sip
