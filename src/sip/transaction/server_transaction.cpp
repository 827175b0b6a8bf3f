#include "sip/transaction/server_transaction.h"

#include <algorithm>

namespace chordial::sip {

namespace {

// How long until a client's timer E has grown to T2 (RFC 4320 §4.1): 3.5 s with the usual times.
Duration patience(const TransactionTimers& times) {
  Duration sum{};
  for (Duration interval = times.t1; interval < times.t2; interval *= 2)
    sum += interval;
  return sum;
}

}  // namespace

void ServerTransaction::arm(const TransactionContext& context) {
  const MonotonicTime next = std::min(repeat_at_, end_at_);
  if (next == never) {
    context.timer.cancel();
  } else {
    context.timers.arm(context.timer, next);
  }
}

Outcome ServerTransaction::end() {
  state_ = State::terminated;
  repeat_at_ = end_at_ = never;
  kept_ = Bytes{};
  Outcome outcome;
  outcome.over = true;
  return outcome;
}

void ServerTransaction::await_response(Now now, const TransactionContext& context, Bytes trying) {
  if (state_ != State::trying) return;
  kept_ = std::move(trying);
  kept_.shrink_to_fit();
  repeat_at_ = now.monotonic + patience(context.times);
  // By then the client has given up, and a response would reach nobody.
  end_at_ = now.monotonic + context.times.lifetime();
  arm(context);
}

Outcome ServerTransaction::receive_again(Now now, const TransactionContext& context) {
  const bool repeats = state_ == State::proceeding || state_ == State::completed;
  if (!repeats || kept_.empty()) return {};
  const auto sent = context.sender.send(now, flow_, kept_, context.id);
  return sent ? Outcome{} : fail(sent.error());
}

Outcome ServerTransaction::receive_ack(Now now, const TransactionContext& context) {
  Outcome outcome;
  if (state_ == State::accepted) {
    outcome.deliver = true;
  } else if (state_ == State::completed && invite_) {
    if (flow_.reliable()) return end();
    state_ = State::confirmed;
    kept_ = Bytes{};
    repeat_at_ = never;
    end_at_ = now.monotonic + context.times.t4;
    arm(context);
  }
  return outcome;
}

Expected<void> ServerTransaction::check(std::uint16_t status) const {
  const bool success = status >= 200 && status < 300;
  if (state_ == State::terminated)
    return failure(ErrorKind::not_found, "transaction", "it is over");
  if (state_ == State::accepted && success) return {};
  if (state_ != State::trying && state_ != State::proceeding)
    return failure(ErrorKind::conflict, "response", "a final response was sent already");
  if (!invite_ && status > 100 && status < 200)
    return failure(ErrorKind::invalid, "Status-Code", "only 100 may precede the final response");
  if (!invite_ && status == 408)
    return failure(ErrorKind::invalid, "Status-Code", "408 may not answer a non-INVITE");
  if (!invite_ && status == 100 && !flow_.reliable())
    return failure(ErrorKind::invalid, "Status-Code", "100 is sent when it is time for it");
  return {};
}

Expected<Outcome> ServerTransaction::respond(Now now, const TransactionContext& context,
                                             std::uint16_t status, ByteView response) {
  if (auto good = check(status); !good) return Failure(good.error());
  answered_ = true;
  if (auto sent = context.sender.send(now, flow_, response, context.id); !sent) {
    static_cast<void>(end());
    return Failure(sent.error());
  }
  return enter(now, context, status, response);
}

// The state that a sent response leads to.
Outcome ServerTransaction::enter(Now now, const TransactionContext& context, std::uint16_t status,
                                 ByteView response) {
  if (state_ == State::accepted) return {};
  const bool reliable = flow_.reliable();
  kept_ = reliable ? Bytes{} : to_bytes(response);
  if (status < 200) {
    if (state_ == State::trying) repeat_at_ = never;
    state_ = State::proceeding;
    arm(context);
    return {};
  }
  if (!invite_ && reliable) return end();
  repeat_at_ = never;
  end_at_ = now.monotonic + context.times.lifetime();
  if (invite_ && status < 300) {
    state_ = State::accepted;
    kept_ = Bytes{};
  } else {
    state_ = State::completed;
    if (invite_ && !reliable) {
      repeat_at_ = now.monotonic + context.times.t1;
      interval_ = std::min(2 * context.times.t1, context.times.t2);
    }
  }
  arm(context);
  return {};
}

Outcome ServerTransaction::on_timer(Now now, const TransactionContext& context) {
  if (now.monotonic >= end_at_) {
    const bool no_ack = state_ == State::completed && invite_;
    Outcome outcome = end();
    outcome.timed_out = no_ack;
    return outcome;
  }
  if (now.monotonic >= repeat_at_) return repeat(now, context);
  arm(context);
  return {};
}

Outcome ServerTransaction::repeat(Now now, const TransactionContext& context) {
  const auto sent = context.sender.send(now, flow_, kept_, context.id);
  if (!sent) return fail(sent.error());
  if (state_ == State::trying) {
    state_ = State::proceeding;
    repeat_at_ = never;
    if (flow_.reliable()) kept_ = Bytes{};
  } else {
    repeat_at_ = now.monotonic + interval_;
    interval_ = std::min(2 * interval_, context.times.t2);
  }
  arm(context);
  return {};
}

Outcome ServerTransaction::fail(const Error& error) {
  // In the other states nobody waits for anything any more (§17.2.4).
  const bool matters =
      state_ == State::trying || state_ == State::proceeding || state_ == State::completed;
  Outcome outcome = end();
  if (matters) outcome.failed = error;
  return outcome;
}

}  // namespace chordial::sip
