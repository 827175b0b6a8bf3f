// One client transaction (RFC 3261 §17.1, figures 5 and 6; RFC 6026 §8.4): sends our request until
// it is answered and acknowledges a refusal. Keeps no more of the request than it may still have to
// send.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "sip/flow/flow.h"
#include "sip/message/message.h"
#include "sip/transaction/outcome.h"

namespace chordial::sip {

class ClientTransaction {
 public:
  enum class State : std::uint8_t {
    calling,     // INVITE only
    trying,      // others only
    proceeding,  // a provisional response came
    completed,   // a final response came; its repetitions are absorbed
    accepted,    // INVITE only: a 2xx came; more of them are passed up
    terminated,
  };

  ClientTransaction(const Flow& flow, bool invite)
      : flow_(flow), state_(invite ? State::calling : State::trying), invite_(invite) {}

  // Sends the request for the first time. The error is the sender's.
  Expected<void> start(Now now, const TransactionContext& context, const Message& request);
  [[nodiscard]] Outcome receive(Now now, const TransactionContext& context,
                                const Message& response);
  [[nodiscard]] Outcome on_timer(Now now, const TransactionContext& context);
  // The way to the other end is gone.
  [[nodiscard]] Outcome fail(const Error& error);

  // Whether a CANCEL may be sent now; if it is too early, `lines` are kept for later (§9.1).
  [[nodiscard]] bool may_cancel(std::string_view lines);
  // A CANCEL that had to wait for the provisional response that has just come.
  [[nodiscard]] bool cancel_is_due() const {
    return cancel_ == Cancel::waits && state_ == State::proceeding;
  }
  // The CANCEL to send; empty if it would be longer than a message may be. The INVITE's own end is
  // now 64*T1 away at the most.
  [[nodiscard]] Bytes take_cancel(Now now, const TransactionContext& context);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const Flow& flow() const { return flow_; }
  [[nodiscard]] std::size_t heap_bytes() const { return kept_.capacity(); }

 private:
  enum class Cancel : std::uint8_t { none, waits, sent };

  Outcome receive_provisional(const TransactionContext& context);
  Outcome receive_refusal(Now now, const TransactionContext& context, const Message& response);
  Outcome receive_final(Now now, const TransactionContext& context);
  Outcome repeat(Now now, const TransactionContext& context);
  Outcome end();
  void shrink();
  void arm(const TransactionContext& context);
  [[nodiscard]] bool answered() const { return state_ >= State::completed; }

  Flow flow_;
  Bytes kept_;                       // the request; its remainder; then the ACK
  std::string cancel_lines_;         // of a CANCEL that waits for a provisional response
  MonotonicTime repeat_at_ = never;  // timers A and E
  MonotonicTime end_at_ = never;     // timers B, D, F, K, M
  Duration interval_{};              // until the next repetition after repeat_at_
  State state_;
  bool invite_;
  Cancel cancel_ = Cancel::none;
};

}  // namespace chordial::sip
