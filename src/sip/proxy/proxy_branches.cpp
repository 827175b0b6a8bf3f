// The branches of a request and what becomes of their answers (RFC 3261 §16.6 step 9 to §16.10).
#include <algorithm>

#include "sip/message/rewrite.h"
#include "sip/proxy/proxy.h"

namespace chordial::sip {

namespace {

constexpr std::string_view answered_elsewhere =
    "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n";

Branch* branch_of(RequestContext& context, TransactionId client) {
  const auto found = std::find_if(context.branches.begin(), context.branches.end(),
                                  [&](const Branch& branch) { return branch.client == client; });
  return found == context.branches.end() ? nullptr : &*found;
}

// §16.7 step 8: each end of a dialog gets a token of its own.
void give_tokens_to_caller(Rewriter& rewriter, const Message& response, const OwnNames& names,
                           const FlowTokens& tokens) {
  std::optional<DialogNames> dialog;
  ListReader routes = response.list(HeaderName::record_route);
  while (const auto element = routes.next()) {
    const auto route = NameAddress::parse(element->text, "Record-Route");
    if (!route || !route->uri.has_user || !names.is_own_route(route->uri)) continue;
    if (!dialog) {
      auto read = DialogNames::of(response, names);
      if (!read) return;
      dialog = *std::move(read);
    }
    if (const auto token = tokens.for_caller(route->uri.user, *dialog))
      rewriter.replace(route->uri.user, *token);
  }
}

// What one hop is given of the breadth that is left. Where it is not enough to give every other
// node as much as one user has phones there, phones get 1: they do not fork.
std::uint32_t share_of(const Hop& hop, std::uint32_t breadth, std::size_t nodes,
                       std::size_t phones) {
  const std::size_t equal = breadth / (nodes + phones);
  if (nodes == 0 || phones == 0 || equal >= bindings_per_aor_max || breadth < nodes + phones)
    return static_cast<std::uint32_t>(std::max<std::size_t>(equal, 1));
  return hop.flow.addressed() ? 1U : static_cast<std::uint32_t>((breadth - phones) / nodes);
}

}  // namespace

// §16.7 step 3 and 9. Nothing where no Via is left: the response was for us.
std::optional<Bytes> Proxy::without_our_via(
    const Message& response, bool to_stream,
    const std::vector<ResponseContext::Challenge>& more) const {
  ListReader vias = response.list(HeaderName::via);
  if (!vias.next() || !vias.next()) return std::nullopt;
  Rewriter rewriter(response);
  rewriter.remove_top_via();
  if (response.status() < 300 && response.has(HeaderName::record_route))
    give_tokens_to_caller(rewriter, response, environment_.names, tokens_);
  for (const auto& challenge : more)
    rewriter.append(challenge.name, challenge.value);
  if (to_stream && !response.has(HeaderName::content_length))
    rewriter.append(HeaderName::content_length, std::to_string(response.body().size()));
  return rewriter.gather();
}

// The hops of the highest q that are left, all at once, as far as breadth and limits go. All
// branches of a request, one after the other or not, share one Max-Breadth (RFC 5393 §5.3.3.1 asks
// for it only of those at one time), so that a request becomes no more than 60, whatever users have
// registered.
void Proxy::start_group(Now now, RequestContext& context) {
  const std::size_t room = settings_.branches_max - context.branches.size();
  const std::size_t most = std::min<std::size_t>(room, context.breadth);
  std::size_t count = 0;
  while (count < context.hops.size() && count < most &&
         context.hops[count].q_thousandths == context.hops[0].q_thousandths)
    ++count;
  if (count == 0) {
    ++counters_.branches_refused;
    if (context.breadth == 0) context.responses.consider(440);
    return context.hops.clear();
  }
  const std::size_t phones =
      static_cast<std::size_t>(std::count_if(context.hops.begin(), context.hops.end(),
                                             [](const Hop& hop) { return hop.flow.addressed(); }));
  const std::size_t nodes = context.hops.size() - phones;
  const std::uint32_t whole = context.breadth;
  const std::vector<Hop> group(
      std::make_move_iterator(context.hops.begin()),
      std::make_move_iterator(context.hops.begin() + static_cast<std::ptrdiff_t>(count)));
  context.hops.erase(context.hops.begin(),
                     context.hops.begin() + static_cast<std::ptrdiff_t>(count));
  // To send may close the connection of a branch that has begun: it ends then, the request does
  // not.
  context.starting = true;
  for (const Hop& hop : group) {
    if (context.answered) break;
    const std::uint32_t share = share_of(hop, whole, nodes, phones);
    context.breadth -= share;
    start_branch(now, context, hop, share);
  }
  context.starting = false;
}

void Proxy::start_branch(Now now, RequestContext& context, const Hop& hop, std::uint32_t breadth) {
  ++counters_.branches;
  const Message& request = context.request();
  const std::string branch_parameter = transactions_->new_branch() + "-" + mark_of(request);
  const Bytes bytes =
      forwarded_request(request, context.source, context.routed, hop, branch_parameter, breadth,
                        {environment_.names, tokens_, environment_.authenticator.realm()});
  const auto sent = transactions_->forward_request(now, hop.flow, bytes, *this,
                                                   static_cast<std::uint64_t>(context.server));
  Branch branch;
  branch.breadth = breadth;
  if (sent) {
    branch.client = *sent;
    if (context.is_invite()) branch.timer_c = now.monotonic + settings_.timer_c;
  } else {
    branch.final = true;
    // With what every proxy on its way adds it has become longer than a message may be.
    context.responses.consider(sent.error().kind == ErrorKind::limit ? 513 : 503);
  }
  context.branches.push_back(branch);
}

void Proxy::on_response(Now now, TransactionId id, std::uint64_t server, const Message& response,
                        const Flow&) {
  if (id == TransactionId::none) {
    ++counters_.strays;
    return;
  }
  RequestContext* context = find(server);
  if (context == nullptr) {
    // Answered and forgotten; yet every 2xx of an INVITE goes to the caller (RFC 6026 §8.1).
    const bool success = response.status() >= 200 && response.status() < 300;
    if (!success || response.method() != Method::invite) return;
    const auto back = transactions_->flow_of(TransactionId{server});
    const auto bytes = back ? without_our_via(response, back->is_stream()) : std::nullopt;
    if (bytes) (void)transactions_->respond(now, TransactionId{server}, *bytes);
    return;
  }
  Branch* branch = branch_of(*context, id);
  if (branch == nullptr) return;
  if (response.status() < 200) return receive_provisional(now, *context, *branch, response);
  if (response.status() < 300) return receive_success(now, *context, *branch, response);
  receive_failure(now, *context, *branch, response);
}

void Proxy::receive_provisional(Now now, RequestContext& context, Branch& branch,
                                const Message& response) {
  branch.provisional = true;
  if (response.status() == 100) return;
  if (branch.timer_c != never) branch.timer_c = now.monotonic + settings_.timer_c;
  if (!context.answered) forward_response(now, context, response);
  arm(context);
}

void Proxy::receive_success(Now now, RequestContext& context, Branch& branch,
                            const Message& response) {
  branch.final = true;
  if (context.is_invite() || !context.answered) forward_response(now, context, response);
  if (!context.answered) {
    context.answered = true;
    context.hops.clear();
    if (context.is_invite()) cancel_branches(now, context, answered_elsewhere);
  }
  advance(now, context);
}

void Proxy::receive_failure(Now now, RequestContext& context, Branch& branch,
                            const Message& response) {
  if (branch.final) return;
  branch.final = true;
  // Who redirects has used up one of his share.
  if (response.status() < 400) context.breadth += branch.breadth - 1;
  if (!context.answered && !follow_redirection(now, context, response)) {
    context.responses.consider(response);
    if (response.status() >= 600) {
      context.hops.clear();
      cancel_branches(now, context, {});
    }
  }
  advance(now, context);
}

void Proxy::on_timeout(Now now, TransactionId id, std::uint64_t server) {
  RequestContext* context = find(server);
  Branch* branch = context ? branch_of(*context, id) : nullptr;
  if (branch != nullptr) branch_over(now, *context, *branch, 408);
}

void Proxy::on_transport_error(Now now, TransactionId id, std::uint64_t server, const Error&) {
  RequestContext* context = find(server);
  if (context == nullptr) return;
  if (Branch* branch = branch_of(*context, id)) return branch_over(now, *context, *branch, 503);
  if (id != context->server) return;
  // The caller cannot be told anything any more.
  context->answered = true;
  cancel_branches(now, *context, {});
  advance(now, *context);
}

void Proxy::on_terminated(Now now, TransactionId id, std::uint64_t server) {
  RequestContext* context = find(server);
  Branch* branch = context ? branch_of(*context, id) : nullptr;
  if (branch != nullptr && !branch->final) branch_over(now, *context, *branch, 408);
}

void Proxy::branch_over(Now now, RequestContext& context, Branch& branch, std::uint16_t status) {
  if (branch.final) return;
  branch.final = true;
  context.responses.consider(status);
  advance(now, context);
}

void Proxy::cancel_branches(Now now, RequestContext& context, std::string_view extra_lines) {
  if (!context.is_invite()) return;
  for (Branch& branch : context.branches) {
    if (!branch.final) transactions_->cancel(now, branch.client, extra_lines);
  }
}

void Proxy::forward_response(Now now, RequestContext& context, const Message& response) {
  const auto bytes = without_our_via(response, context.source.is_stream());
  if (!bytes) return;
  ++counters_.forwarded;
  const auto sent = transactions_->respond(now, context.server, *bytes);
  if (!sent && environment_.log.enabled(LogLevel::debug))
    environment_.log.write(
        {LogLevel::debug, "proxy", "response_not_forwarded", {LogField{"why", sent.error()}}});
}

void Proxy::forward_best(Now now, RequestContext& context) {
  const auto best = context.responses.best();
  const std::uint16_t status = context.responses.best_status();
  if (context.cancelled && status != 487) return answer(now, context, 487);
  // §16.7 step 6: a 503 speaks of one server further on, and not of this one.
  if (status == 503) return answer(now, context, 500);
  if (!best) return answer(now, context, status == 0 ? std::uint16_t{480} : status);
  const auto bytes =
      without_our_via(*best, context.source.is_stream(), context.responses.other_challenges());
  if (!bytes) return answer(now, context, 500);
  ++counters_.forwarded;
  // A 408 to a request other than INVITE is not sent on (RFC 4320 §4.2).
  if (!transactions_->respond(now, context.server, *bytes)) transactions_->abandon(context.server);
  context.answered = true;
}

void Proxy::advance(Now now, RequestContext& context) {
  if (context.starting) return;
  const auto runs = [&] {
    return std::any_of(context.branches.begin(), context.branches.end(),
                       [](const Branch& branch) { return !branch.final; });
  };
  while (!context.answered && !context.waits() && !runs()) {
    if (context.hops.empty()) {
      forward_best(now, context);
    } else {
      start_group(now, context);
    }
  }
  if (context.answered) {
    if (!runs()) return forget(context);
    context.hops.clear();
    context.routed.routes.clear();
    context.drop_request();
    context.wait.reset();
    context.responses.clear();
  }
  arm(context);
}

// A wait keeps the deadline it was given.
void Proxy::arm(RequestContext& context) {
  if (context.waits()) return;
  MonotonicTime first = never;
  for (const Branch& branch : context.branches) {
    if (!branch.final) first = std::min(first, branch.timer_c);
  }
  if (first == never) return context.timer.cancel();
  environment_.timers.arm(context.timer, first);
}

bool Proxy::has_credentials(Now now, const Message& ack, const Flow& flow, std::string_view from) {
  std::vector<std::string_view> values;
  for (auto i = ack.first(HeaderName::proxy_authorization); i != no_header; i = ack.next_same(i))
    values.push_back(ack.header(i).value);
  if (values.empty()) return false;
  const Authenticator& authenticator = environment_.authenticator;
  const DigestRequest invite{text_of(Method::invite), ack.request_uri_text(), values,
                             flow.remote.ip, flow.local};
  const auto begun = authenticator.begin(invite);
  const auto* need = std::get_if<NeedCredential>(&begun);
  if (need == nullptr) return false;
  // An ACK has no transaction that could wait: a store that has to ask somebody does without.
  const auto known = environment_.credentials.credential(now, next_question(), need->query, *this);
  return known && authenticator.repeats(now, invite, *need, *known) && (*known)->aor == from;
}

void Proxy::on_ack(Now now, TransactionId, std::uint64_t, const Message& ack, const Flow& flow) {
  ++counters_.acks;
  const auto drop = [&] { ++counters_.acks_dropped; };
  const auto hops = ack.max_forwards();
  if (hops && *hops == 0) return drop();
  const auto routed = preprocess_routes(ack, flow, environment_.names, tokens_);
  const auto from = ack.from();
  if (!routed || !from) return drop();
  const std::string aor =
      environment_.names.aor_of(from->uri).value_or(std::string(from->uri.text));
  const bool admitted = flow.addressed()
                            ? routed->opened || has_credentials(now, ack, flow, aor)
                            : environment_.admission.admit(now, ack, flow, aor).has_value();
  if (!admitted) return drop();
  const auto hop = prescribed_hop(now, ack, *routed, environment_.names, environment_.bindings,
                                  environment_.nodes);
  if (!hop || !*hop) return drop();
  const Bytes bytes =
      forwarded_request(ack, flow, *routed, **hop, transactions_->new_branch(), 0,
                        {environment_.names, tokens_, environment_.authenticator.realm()});
  (void)transactions_->send_stateless(now, (*hop)->flow, bytes);
}

}  // namespace chordial::sip
