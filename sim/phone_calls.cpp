// A phone's calls: ringing, answering, hanging up.
#include <algorithm>

#include "sim/phone_call.h"

namespace chordial::sim {

namespace {

constexpr std::uint64_t ringing_least_ms = 500;
constexpr std::uint64_t ringing_spread_ms = 1'500;
constexpr std::uint64_t talk_least_ms = 2'000;
constexpr std::uint64_t talk_spread_ms = 10'000;
// A callee that hears no BYE.
constexpr Duration talk_max = std::chrono::seconds(90);

Duration drawn(Rng& rng, std::uint64_t least_ms, std::uint64_t spread_ms) {
  return std::chrono::milliseconds(least_ms + rng.below(spread_ms));
}

}  // namespace

std::string Phone::body_for(UserIndex to) const {
  return aor_ + " to " + environment_.world.aor_of(to) + "\r\n";
}

bool Phone::meant_for_us(const sip::Message& message) const {
  const auto from = message.from();
  const auto to = message.to();
  if (!from || !to) return false;
  const auto aor = [](const sip::NameAddress& address) {
    return std::string(address.uri.user) + "@" + std::string(address.uri.host);
  };
  return aor(*to) == aor_ && as_text(message.body()) == aor(*from) + " to " + aor_ + "\r\n";
}

Phone::Call* Phone::find(const std::optional<sip::DialogId>& id) {
  if (!id) return nullptr;
  for (const auto& [number, call] : calls_) {
    if (call->dialog.id() == *id) return call.get();
  }
  return nullptr;
}

void Phone::end_call(std::uint32_t number) {
  calls_.erase(number);
}

void Phone::answered(Now now, Request& request, const sip::Message& response) {
  const sip::Flow flow = sip::Flow::udp(address_, sip_address(environment_.world.home_of(user_)));
  if (Call* known = find(sip::dialog_of_response(response))) {
    static_cast<void>(transactions_.send_stateless(now, flow, known->repeated));
    return;
  }
  auto dialog = sip::Dialog::as_client(response);
  const auto contact = response.address(sip::HeaderName::contact);
  const std::string callee = environment_.world.aor_of(request.to);
  if (!dialog || !contact || contact->uri.user != callee.substr(0, callee.find('@'))) {
    if (!request.concluded) environment_.log.calls.wrong();
    request.concluded = true;
    return;
  }
  dialog->confirm();
  const std::uint32_t number = ++last_call_;
  TimerHandler& self = *this;
  auto call = std::make_unique<Call>(std::move(*dialog), Call::State::talking, true, self, number);
  const std::string via = sip::via_value("UDP", address_.text(), transactions_.new_branch(), true);
  call->repeated = call->dialog.ack(request.cseq, via).finish();
  static_cast<void>(transactions_.send_stateless(now, flow, call->repeated));
  environment_.timers.arm(call->timer, now.monotonic + drawn(rng_, talk_least_ms, talk_spread_ms));
  calls_.emplace(number, std::move(call));
  conclude(now, request, response.status());
}

void Phone::on_request(Now now, sip::TransactionId id, const sip::Message& request,
                       const sip::Flow& flow) {
  const auto respond = [&](std::uint16_t status) {
    // The transaction is over when this fails, and the other side tries again.
    static_cast<void>(transactions_.respond(now, id, request, status, transactions_.new_tag()));
  };
  switch (request.method()) {
    case sip::Method::invite:
      return ring(now, id, request, flow);
    case sip::Method::bye:
      return take_goodbye(now, id, request);
    case sip::Method::message:
      if (meant_for_us(request)) return respond(200);
      ++environment_.log.misdelivered;
      return respond(404);
    case sip::Method::options:
    case sip::Method::cancel:  // the call is answered soon, and the caller hangs up
      return respond(200);
    default:
      return respond(405);
  }
}

void Phone::ring(Now now, sip::TransactionId id, const sip::Message& invite,
                 const sip::Flow& flow) {
  const std::string tag = transactions_.new_tag();
  const auto refuse = [&](std::uint16_t status) {
    static_cast<void>(transactions_.respond(now, id, invite, status, tag));
  };
  if (!meant_for_us(invite)) {
    ++environment_.log.misdelivered;
    return refuse(404);
  }
  if (calls_.size() >= calls_max) return refuse(486);
  auto dialog = sip::Dialog::as_server(invite, tag, sip::Dialog::State::early);
  if (!dialog) return refuse(400);
  const std::uint32_t number = ++last_call_;
  TimerHandler& self = *this;
  auto call = std::make_unique<Call>(std::move(*dialog), Call::State::ringing, false, self, number);
  call->transaction = id;
  call->invite.emplace(invite);
  call->flow = flow;
  environment_.timers.arm(call->timer,
                          now.monotonic + drawn(rng_, ringing_least_ms, ringing_spread_ms));
  calls_.emplace(number, std::move(call));
  refuse(180);
}

void Phone::pick_up(Now now, Call& call) {
  const sip::Message& invite = **call.invite;
  auto response =
      sip::MessageBuilder::response(invite, 200, call.dialog.id().local_tag, call.flow.source());
  response.copy(invite, sip::HeaderName::record_route).header(sip::HeaderName::contact, contact());
  call.repeated = response.finish("text/plain", as_bytes(aor_));
  call.invite.reset();
  call.dialog.confirm();
  call.state = Call::State::answered;
  call.interval = times_.t1;
  call.give_up = now.monotonic + times_.lifetime();
  static_cast<void>(transactions_.respond(now, call.transaction, call.repeated));
  environment_.timers.arm(call.timer, now.monotonic + call.interval);
}

void Phone::call_timer(Now now, std::uint32_t number) {
  const auto at = calls_.find(number);
  if (at == calls_.end()) return;
  Call& call = *at->second;
  switch (call.state) {
    case Call::State::ringing:
      return pick_up(now, call);
    case Call::State::answered:
      if (now.monotonic >= call.give_up) return end_call(number);
      call.interval = std::min(2 * call.interval, times_.t2);
      static_cast<void>(transactions_.respond(now, call.transaction, call.repeated));
      environment_.timers.arm(call.timer, now.monotonic + call.interval);
      return;
    case Call::State::talking:
      if (!call.caller) return end_call(number);
      call.state = Call::State::ending;
      return begin(now, Purpose::goodbye, number);
    case Call::State::ending:
      return;
  }
}

void Phone::on_ack(Now now, sip::TransactionId, std::uint64_t, const sip::Message& ack,
                   const sip::Flow&) {
  Call* call = find(sip::dialog_of_request(ack));
  if (call == nullptr || call->state != Call::State::answered) return;
  call->state = Call::State::talking;
  call->repeated = {};
  environment_.timers.arm(call->timer, now.monotonic + talk_max);
}

void Phone::take_goodbye(Now now, sip::TransactionId id, const sip::Message& bye) {
  const auto dialog = sip::dialog_of_request(bye);
  const auto at = std::find_if(calls_.begin(), calls_.end(), [&](const auto& entry) {
    return dialog && entry.second->dialog.id() == *dialog;
  });
  const bool known = at != calls_.end();
  static_cast<void>(
      transactions_.respond(now, id, bye, known ? 200 : 481, transactions_.new_tag()));
  if (known) calls_.erase(at);
}

}  // namespace chordial::sim
