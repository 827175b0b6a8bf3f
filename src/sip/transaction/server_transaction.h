// One server transaction (RFC 3261 §17.2, figures 7 and 8; RFC 6026 §8.5, §8.7; RFC 4320): repeats
// our response until the other end has it. Keeps no request, and of the responses only the last
// one, and that only where it may have to be repeated.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "sip/flow/flow.h"
#include "sip/message/message.h"
#include "sip/transaction/outcome.h"

namespace chordial::sip {

class ServerTransaction {
 public:
  enum class State : std::uint8_t {
    trying,      // others than INVITE only: nothing has been sent
    proceeding,  // INVITE: from the start; others: 100 has been sent
    completed,   // a final response has been sent (INVITE: above 2xx)
    confirmed,   // INVITE only: the ACK came
    accepted,    // INVITE only: a 2xx has been sent
    terminated,
  };

  // `flow` is where responses go.
  ServerTransaction(const Flow& flow, bool invite)
      : flow_(flow), state_(invite ? State::proceeding : State::trying), invite_(invite) {}

  // Waits for the user's response; `trying` is the 100 that a non-INVITE is answered with when that
  // takes long (RFC 4320 §4.1). An INVITE needs none: its 100 is sent like any response.
  void await_response(Now now, const TransactionContext& context, Bytes trying);
  // The request again.
  [[nodiscard]] Outcome receive_again(Now now, const TransactionContext& context);
  [[nodiscard]] Outcome receive_ack(Now now, const TransactionContext& context);
  [[nodiscard]] Outcome on_timer(Now now, const TransactionContext& context);
  [[nodiscard]] Outcome fail(const Error& error);
  // Errors as TransactionLayer::respond; after `unavailable` the transaction is over.
  Expected<Outcome> respond(Now now, const TransactionContext& context, std::uint16_t status,
                            ByteView response);

  // Whether the user has answered in any way.
  [[nodiscard]] bool answered() const { return answered_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const Flow& flow() const { return flow_; }
  [[nodiscard]] bool invite() const { return invite_; }
  [[nodiscard]] std::size_t heap_bytes() const { return kept_.capacity(); }

 private:
  Expected<void> check(std::uint16_t status) const;
  Outcome enter(Now now, const TransactionContext& context, std::uint16_t status,
                ByteView response);
  Outcome repeat(Now now, const TransactionContext& context);
  Outcome end();
  void arm(const TransactionContext& context);

  Flow flow_;
  Bytes kept_;                       // the last response, or the 100 for later
  MonotonicTime repeat_at_ = never;  // timer G, or the time for that 100
  MonotonicTime end_at_ = never;     // timers H, I, J, L
  Duration interval_{};
  State state_;
  bool invite_;
  bool answered_ = false;
};

}  // namespace chordial::sip
