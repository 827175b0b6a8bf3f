#include "sip/proxy/proxy.h"

#include "sip/message/build.h"
#include "sip/proxy/processors.h"

namespace chordial::sip {

namespace {

constexpr const char* busy_retry_after_s = "5";

bool same_sender(const Flow& a, const Flow& b) {
  if (a.addressed() != b.addressed()) return false;
  return a.addressed() ? a.remote.ip == b.remote.ip : a.node == b.node;
}

struct Step {
  const Processor& processor;
  unsigned chain;
};

const ValidateRequest validate_request;
const AnswerOptions answer_options;
const IdentifyPhone identify_phone;
const AdmitFrom admit_from;
const HandToRegistrar hand_to_registrar;
const FollowRoutes follow_routes;
const HandToOwn hand_to_own;
const LocateUser locate_user;

// First whether, then where to.
const Step steps[] = {
    {validate_request, 0},  {answer_options, 0}, {identify_phone, 0}, {admit_from, 0},
    {hand_to_registrar, 1}, {follow_routes, 1},  {hand_to_own, 1},    {locate_user, 1},
};

}  // namespace

Proxy::Proxy(const ProxySettings& settings, const ProxyEnvironment& environment)
    : settings_(settings),
      environment_(environment),
      tokens_(settings.flow_token_key_low, settings.flow_token_key_high) {
}

Proxy::~Proxy() = default;

RequestContext* Proxy::find(std::uint64_t server) {
  const auto found = contexts_.find(server);
  return found == contexts_.end() ? nullptr : found->second.get();
}

void Proxy::on_request(Now now, TransactionId id, const Message& request, const Flow& flow) {
  ++counters_.requests;
  if (request.method() == Method::cancel) return receive_cancel(now, id, request, flow);
  const bool in_dialog = leaving_ && request.to() && !request.to()->tag().empty();
  if (contexts_.size() >= settings_.contexts_max || (leaving_ && !in_dialog)) {
    ++counters_.refused_full;
    auto refusal =
        MessageBuilder::response(request, 503, transactions_->stable_tag(id), flow.source());
    refusal.header(HeaderName::retry_after, busy_retry_after_s);
    return transactions_->respond_unproven(now, id, request, refusal.finish());
  }
  auto made = std::make_unique<RequestContext>(*this, id, request, flow);
  RequestContext& context = *made;
  context.method = request.method();
  contexts_.emplace(static_cast<std::uint64_t>(id), std::move(made));
  transactions_->set_user(id, *this, static_cast<std::uint64_t>(id));
  run(now, context);
  if (RequestContext* left = find(static_cast<std::uint64_t>(id))) left->keep_request();
}

bool Proxy::identify(Now now, RequestContext& context, std::string user) {
  context.identified = true;
  if (user.empty()) return true;
  std::size_t& count = contexts_of_[user];
  context.user = std::move(user);
  if (++count <= settings_.contexts_per_user_max) return true;
  ++counters_.refused_user_full;
  answer(now, context, 503, {{HeaderName::retry_after, busy_retry_after_s}});
  return false;
}

void Proxy::run(Now now, RequestContext& context) {
  while (context.step < std::size(steps)) {
    const Step& step = steps[context.step];
    switch (step.processor.process(now, *this, context)) {
      case Verdict::go_on:
        ++context.step;
        break;
      case Verdict::wait_for_event:
        environment_.timers.arm(context.timer, now.monotonic + settings_.answer_wait);
        return;
      case Verdict::skip_this_chain:
        while (context.step < std::size(steps) && steps[context.step].chain == step.chain)
          ++context.step;
        break;
      case Verdict::skip_all_chains:
        context.step = std::size(steps);
        break;
    }
  }
  advance(now, context);
}

void Proxy::expect_answer(ports::RequestId id, const RequestContext& context) {
  questions_.emplace(id, static_cast<std::uint64_t>(context.server));
}

void Proxy::on_located(Now now, ports::RequestId id, const Expected<Located>& result) {
  const auto question = questions_.extract(id);
  RequestContext* context = question ? find(question.mapped()) : nullptr;
  auto* wait = context ? context->waiting_for<LocationWait>() : nullptr;
  if (!wait || wait->id != id) return;
  wait->answer = result;
  context->timer.cancel();
  if (context->step < std::size(steps)) return run(now, *context);
  // A redirection was followed while branches ran on.
  const Verdict verdict = use_located(now, *context);
  if (verdict == Verdict::wait_for_event)
    environment_.timers.arm(context->timer, now.monotonic + settings_.answer_wait);
  advance(now, *context);
}

void Proxy::on_updated(Now, ports::RequestId, const Expected<void>&) {
}

void Proxy::on_credential(Now now, ports::RequestId id, Expected<Credential> result) {
  const auto question = questions_.extract(id);
  RequestContext* context = question ? find(question.mapped()) : nullptr;
  auto* wait = context ? context->waiting_for<CredentialWait>() : nullptr;
  if (!wait) return;
  wait->answer = std::move(result);
  context->timer.cancel();
  run(now, *context);
}

void Proxy::on_register_answer(Now now, RegisterTicket ticket, const RegisterAnswer& answer) {
  RequestContext* context = find(ticket);
  auto* wait = context ? context->waiting_for<RegistrarWait>() : nullptr;
  if (!wait) return;
  wait->answer = answer;
  context->timer.cancel();
  run(now, *context);
}

void Proxy::answer(Now now, RequestContext& context, std::uint16_t status, const Headers& headers) {
  if (context.answered) return;
  context.answered = true;
  if (status == 401 || status == 407) {
    ++counters_.challenged;
  } else if (status >= 300) {
    ++counters_.refused;
  }
  if (status == 408 && !context.is_invite()) {
    // RFC 4320 §4.2: the sender's own timer is over before this could reach it.
    return transactions_->abandon(context.server);
  }
  const bool unproven = context.source.addressed() && !context.identified;
  auto response = MessageBuilder::response(
      context.request(), status,
      unproven ? transactions_->stable_tag(context.server) : transactions_->new_tag(),
      context.source.source(), status == 440 ? "Max-Breadth Exceeded" : "");
  for (const auto& [name, value] : headers)
    response.header(name, value);
  if (unproven) {
    return transactions_->respond_unproven(now, context.server, context.request(),
                                           response.finish());
  }
  const auto sent = transactions_->respond(now, context.server, response.finish());
  if (!sent && environment_.log.enabled(LogLevel::info))
    environment_.log.write(
        {LogLevel::info, "proxy", "answer_not_sent", {LogField{"why", sent.error()}}});
}

void Proxy::receive_cancel(Now now, TransactionId id, const Message& cancel, const Flow& flow) {
  ++counters_.cancels;
  const TransactionId invite = transactions_->cancelled_by(cancel);
  RequestContext* context = find(static_cast<std::uint64_t>(invite));
  const TransactionUser* its_user = transactions_->user_of(invite);
  if (its_user != nullptr && its_user == environment_.own_requests) {
    transactions_->set_user(id, *environment_.own_requests, 0);
    return environment_.own_requests->on_request(now, id, cancel, flow);
  }
  // Answered already: the CANCEL is too late and changes nothing (§9.2).
  const bool known =
      context != nullptr ? same_sender(context->source, flow) : invite != TransactionId::none;
  if (!known) {
    const Bytes refusal =
        MessageBuilder::response(cancel, 481, transactions_->stable_tag(id), flow.source())
            .finish();
    if (flow.addressed()) return transactions_->respond_unproven(now, id, cancel, refusal);
    (void)transactions_->respond(now, id, refusal);
    return;
  }
  (void)transactions_->respond(now, id, cancel, 200, transactions_->new_tag());
  if (context == nullptr || context->answered) return;
  std::string reason;
  for (auto i = cancel.first(HeaderName::reason); i != no_header; i = cancel.next_same(i))
    reason += cancel.header(i).line;
  context->cancelled = true;
  context->hops.clear();
  if (context->waits()) {
    context->wait.reset();
    context->timer.cancel();
    context->step = std::size(steps);
  }
  cancel_branches(now, *context, reason);
  advance(now, *context);
}

void Proxy::leave(Now now) {
  leaving_ = true;
  std::vector<std::uint64_t> open;
  for (const auto& [server, context] : contexts_) {
    if (!context->answered) open.push_back(server);
  }
  for (const std::uint64_t server : open) {
    RequestContext* context = find(server);
    // What the registrar is about to commit is promised in time.
    if (context == nullptr || context->waiting_for<RegistrarWait>() != nullptr) continue;
    answer(now, *context, 503, {{HeaderName::retry_after, busy_retry_after_s}});
    context->wait.reset();
    context->timer.cancel();
    context->step = std::size(steps);
    if (context->is_invite()) cancel_branches(now, *context, {});
    advance(now, *context);
  }
}

void RequestContext::on_timer(Now now, std::uint32_t) {
  proxy.context_timer(now, *this);
}

void Proxy::context_timer(Now now, RequestContext& context) {
  if (context.waits()) {
    context.responses.consider(context.waiting_for<LocationWait>() != nullptr ? 480 : 500);
    context.wait.reset();
    context.step = std::size(steps);
    return advance(now, context);
  }
  for (Branch& branch : context.branches) {
    if (branch.final || branch.timer_c > now.monotonic) continue;
    ++counters_.timer_c;
    branch.timer_c = never;
    transactions_->cancel(now, branch.client);
    // §16.8: without a provisional response the CANCEL cannot go, and nothing more is awaited.
    if (!branch.provisional) {
      branch.final = true;
      context.responses.consider(408);
    }
  }
  advance(now, context);
}

void Proxy::forget(RequestContext& context) {
  if (const auto count = contexts_of_.find(context.user); count != contexts_of_.end()) {
    if (--count->second == 0) contexts_of_.erase(count);
  }
  contexts_.erase(static_cast<std::uint64_t>(context.server));
}

void Proxy::visit(CounterVisitor& visitor) const {
  visitor.counter("proxy_requests", counters_.requests);
  visitor.counter("proxy_branches", counters_.branches);
  visitor.counter("proxy_responses_forwarded", counters_.forwarded);
  visitor.counter("proxy_cancels", counters_.cancels);
  visitor.counter("proxy_acks", counters_.acks);
  visitor.counter("proxy_acks_dropped", counters_.acks_dropped);
  visitor.counter("proxy_challenged", counters_.challenged);
  visitor.counter("proxy_refused", counters_.refused);
  visitor.counter("proxy_refused_full", counters_.refused_full);
  visitor.counter("proxy_refused_user_full", counters_.refused_user_full);
  visitor.counter("proxy_branches_refused", counters_.branches_refused);
  visitor.counter("proxy_timer_c", counters_.timer_c);
  visitor.counter("proxy_responses_stray", counters_.strays);
  visitor.gauge("proxy_contexts", contexts_.size());
  environment_.authenticator.visit(visitor);
}

}  // namespace chordial::sip
