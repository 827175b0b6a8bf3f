// One call of a phone, as caller or callee; the inside of Phone.
#pragma once

#include "sim/phone.h"

namespace chordial::sim {

// Timers of calls have the numbers of the calls from here on.
inline constexpr std::uint32_t first_call_timer = 16;

struct Phone::Call {
  enum class State : std::uint8_t {
    ringing,   // callee
    answered,  // callee: the 200 goes out until an ACK comes (RFC 3261 §13.3.1.4)
    talking,
    ending,  // caller: BYE is under way
  };

  Call(sip::Dialog d, State s, bool c, TimerHandler& handler, std::uint32_t number)
      : dialog(std::move(d)), state(s), caller(c), timer(handler, first_call_timer + number) {}

  sip::Dialog dialog;
  State state;
  bool caller;
  Timer timer;
  sip::TransactionId transaction{};          // callee: the INVITE's
  std::optional<sip::StoredMessage> invite;  // callee, until it is answered
  sip::Flow flow;                            // callee: where the INVITE came from
  Bytes repeated;                            // callee: the 200; caller: the ACK
  Duration interval{0};                      // until the next 200
  MonotonicTime give_up = never;
};

}  // namespace chordial::sim
