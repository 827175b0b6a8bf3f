// What a transaction's state machine is given to act with, and what it wants told to its user
// afterwards. The machines never call the user themselves, so that a user may end them from a
// callback.
#pragma once

#include <optional>

#include "base/error.h"
#include "base/timer_queue.h"
#include "sip/flow/sender.h"
#include "sip/transaction/timers.h"

namespace chordial::sip {

struct TransactionContext {
  Sender& sender;
  TimerQueue& timers;
  const TransactionTimers& times;
  Timer& timer;  // the transaction's own
  TransactionId id;
};

struct Outcome {
  bool deliver = false;         // the message goes up to the user
  bool timed_out = false;       // the user is told of a timeout
  bool over = false;            // the transaction has ended
  std::optional<Error> failed;  // the user is told of a transport error
};

}  // namespace chordial::sip
