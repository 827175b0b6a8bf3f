#include "sip/transaction/client_transaction.h"

#include <algorithm>

#include "sip/transaction/request_parts.h"

namespace chordial::sip {

void ClientTransaction::arm(const TransactionContext& context) {
  const MonotonicTime next = std::min(repeat_at_, end_at_);
  if (next == never) {
    context.timer.cancel();
  } else {
    context.timers.arm(context.timer, next);
  }
}

Outcome ClientTransaction::end() {
  state_ = State::terminated;
  repeat_at_ = end_at_ = never;
  kept_ = Bytes{};
  Outcome outcome;
  outcome.over = true;
  return outcome;
}

void ClientTransaction::shrink() {
  const auto request = Message::parse(kept_);
  if (request) kept_ = invite_remainder(*request);
}

Expected<void> ClientTransaction::start(Now now, const TransactionContext& context,
                                        const Message& request) {
  auto sent = context.sender.send(now, flow_, request.bytes(), context.id);
  if (!sent) return sent;
  if (!flow_.reliable()) {
    kept_ = to_bytes(request.bytes());
    repeat_at_ = now.monotonic + context.times.t1;
    interval_ = 2 * context.times.t1;
  } else if (invite_) {
    kept_ = invite_remainder(request);
  }
  end_at_ = now.monotonic + context.times.lifetime();
  arm(context);
  return {};
}

Outcome ClientTransaction::receive(Now now, const TransactionContext& context,
                                   const Message& response) {
  const bool success = response.status() >= 200 && response.status() < 300;
  switch (state_) {
    case State::calling:
    case State::trying:
    case State::proceeding:
      if (response.status() < 200) return receive_provisional(context);
      if (invite_ && !success) return receive_refusal(now, context, response);
      return receive_final(now, context);
    case State::completed:
      if (invite_ && response.status() >= 300 && !kept_.empty() &&
          !context.sender.send(now, flow_, kept_, context.id))
        return end();
      return {};
    case State::accepted: {
      Outcome outcome;
      outcome.deliver = success;
      return outcome;
    }
    case State::terminated:
      break;
  }
  return {};
}

Outcome ClientTransaction::receive_provisional(const TransactionContext& context) {
  const bool first = state_ != State::proceeding;
  state_ = State::proceeding;
  if (invite_ && first) {  // INVITE is not repeated any more, and timer B is over
    repeat_at_ = end_at_ = never;
    if (!flow_.reliable()) shrink();
  } else if (!invite_) {
    interval_ = context.times.t2;
  }
  arm(context);
  Outcome outcome;
  outcome.deliver = true;
  return outcome;
}

// 3xx to 6xx for an INVITE.
Outcome ClientTransaction::receive_refusal(Now now, const TransactionContext& context,
                                           const Message& response) {
  const auto invite = Message::parse(kept_);
  Bytes ack = invite ? build_ack(*invite, response) : Bytes{};
  const bool sent = !ack.empty() && context.sender.send(now, flow_, ack, context.id);
  Outcome outcome;
  if (flow_.reliable() || !sent) {
    outcome = end();
  } else {
    state_ = State::completed;
    kept_ = std::move(ack);
    repeat_at_ = never;
    end_at_ = now.monotonic + context.times.d;
  }
  arm(context);
  outcome.deliver = true;
  return outcome;
}

// 2xx for an INVITE, any final response for the others.
Outcome ClientTransaction::receive_final(Now now, const TransactionContext& context) {
  Outcome outcome;
  if (!invite_ && flow_.reliable()) {
    outcome = end();
  } else {
    state_ = invite_ ? State::accepted : State::completed;
    kept_ = Bytes{};
    repeat_at_ = never;
    end_at_ = now.monotonic + (invite_ ? context.times.lifetime() : context.times.t4);
  }
  arm(context);
  outcome.deliver = true;
  return outcome;
}

Outcome ClientTransaction::on_timer(Now now, const TransactionContext& context) {
  if (now.monotonic >= end_at_) {
    const bool unanswered = !answered();
    Outcome outcome = end();
    outcome.timed_out = unanswered;
    return outcome;
  }
  if (now.monotonic >= repeat_at_) return repeat(now, context);
  arm(context);
  return {};
}

Outcome ClientTransaction::repeat(Now now, const TransactionContext& context) {
  const auto sent = context.sender.send(now, flow_, kept_, context.id);
  if (!sent) return fail(sent.error());
  repeat_at_ = now.monotonic + interval_;
  interval_ = invite_ ? 2 * interval_ : std::min(2 * interval_, context.times.t2);
  arm(context);
  return {};
}

Outcome ClientTransaction::fail(const Error& error) {
  const bool unanswered = !answered();
  Outcome outcome = end();
  if (unanswered) outcome.failed = error;
  return outcome;
}

bool ClientTransaction::may_cancel(std::string_view lines) {
  if (!invite_ || answered() || cancel_ != Cancel::none) return false;
  cancel_lines_ = lines;
  cancel_ = Cancel::waits;
  return state_ == State::proceeding;
}

Bytes ClientTransaction::take_cancel(Now now, const TransactionContext& context) {
  const auto invite = Message::parse(kept_);
  Bytes cancel = invite ? build_cancel(*invite, cancel_lines_) : Bytes{};
  cancel_lines_ = std::string{};
  cancel_ = Cancel::sent;
  end_at_ = now.monotonic + context.times.lifetime();
  arm(context);
  return cancel;
}

}  // namespace chordial::sip
