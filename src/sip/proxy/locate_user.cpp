#include <algorithm>

#include "base/byte_writer.h"
#include "base/rng.h"
#include "sip/message/syntax.h"
#include "sip/proxy/processors.h"

namespace chordial::sip {

namespace {

// What another node shall see: the domain by its own name, whatever the phone called it.
std::string uri_for_nodes(const Uri& uri, const OwnNames& names) {
  if (equal_nocase(uri.host, names.domain()) && uri.port == 0) return std::string(uri.text);
  return std::string(uri.scheme_text) + ":" + std::string(uri.user) + "@" + names.domain();
}

std::uint64_t hash_of(const Hop& hop) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(hop.flow.transport));
  writer.raw(hop.flow.remote.ip.bytes());
  writer.u16(hop.flow.remote.port);
  writer.u64(static_cast<std::uint64_t>(hop.flow.stream));
  writer.u64(hop.flow.node.position.high);
  writer.u64(hop.flow.node.position.low);
  writer.raw(as_bytes(hop.request_uri));
  return siphash(0, 0, writer.view());
}

// A target that was tried in this context already is not tried again (§16.5).
void add_hop(RequestContext& context, Hop hop) {
  const std::uint64_t hash = hash_of(hop);
  if (std::find(context.tried.begin(), context.tried.end(), hash) != context.tried.end()) return;
  context.tried.push_back(hash);
  context.hops.push_back(std::move(hop));
}

std::uint16_t status_for_location(const Error& error) {
  return error.kind == ErrorKind::not_found ? 404 : 480;
}

}  // namespace

Verdict LocateUser::process(Now now, Proxy& proxy, RequestContext& context) const {
  if (context.waiting_for<LocationWait>() != nullptr) return proxy.use_located(now, context);
  return proxy.locate(now, context, context.routed.request_uri);
}

Verdict Proxy::locate(Now now, RequestContext& context, std::string request_uri) {
  const auto uri = Uri::parse(request_uri);
  const auto aor = uri ? environment_.names.aor_of(*uri) : Failure(uri.error());
  if (!aor) {
    context.responses.consider(404);
    return Verdict::go_on;
  }
  const ports::RequestId id = next_question();
  context.wait = std::make_unique<Wait>(
      LocationWait{id, uri_for_nodes(*uri, environment_.names), std::nullopt});
  auto at_once = environment_.location.lookup(
      now, id, {.aor = *aor, .local_only = !context.source.addressed()}, *this);
  if (!at_once) {
    expect_answer(id, context);
    return Verdict::wait_for_event;
  }
  context.waiting_for<LocationWait>()->answer = std::move(at_once);
  return use_located(now, context);
}

Verdict Proxy::use_located(Now now, RequestContext& context) {
  const LocationWait located = std::move(*context.waiting_for<LocationWait>());
  context.wait.reset();
  const Expected<Located>& answer = *located.answer;
  if (!answer) {
    context.responses.consider(status_for_location(answer.error()));
    return Verdict::go_on;
  }
  if (!answer->forward_to.empty()) {
    const std::size_t at = answer->forward_to.rfind('@');
    std::string uri = "sip:" + escape_user(std::string_view(answer->forward_to).substr(0, at));
    if (at != std::string::npos) uri += answer->forward_to.substr(at);
    // Only the caller's own node may send its caller's words elsewhere; everyone else says where.
    if (!context.source.addressed()) {
      this->answer(now, context, 302, {{HeaderName::contact, "<" + uri + ">"}});
      return Verdict::skip_all_chains;
    }
    if (context.retargets++ < settings_.retargets_max) return locate(now, context, std::move(uri));
    context.responses.consider(480);
    return Verdict::go_on;
  }
  for (const Target& target : answer->targets) {
    if (context.hops.size() >= targets_max) break;
    if (const auto* phone = std::get_if<LocalContact>(&target)) {
      add_hop(context,
              {phone->flow, request_uri_of(phone->uri), phone->path, phone->q_thousandths});
    } else {
      const NodeId& node = std::get<RemoteNode>(target).node;
      const Flow flow = environment_.nodes.flow_to(node, context.request().bytes().size());
      add_hop(context, {flow, located.request_uri, {}});
    }
  }
  std::stable_sort(context.hops.begin(), context.hops.end(),
                   [](const Hop& a, const Hop& b) { return a.q_thousandths > b.q_thousandths; });
  // §16.5: nobody is there now.
  if (context.hops.empty()) context.responses.consider(480);
  return Verdict::go_on;
}

// Contacts of a 301 or 302 that name a user of the domain are followed here, at the caller's node
// (§16.7 step 4); of several the first.
bool Proxy::follow_redirection(Now now, RequestContext& context, const Message& response) {
  if (response.status() != 301 && response.status() != 302) return false;
  if (!context.source.addressed() || context.answered || context.cancelled || context.waits() ||
      context.retargets >= settings_.retargets_max)
    return false;
  const auto contacts = response.contacts();
  if (!contacts) return false;
  for (const NameAddress& contact : *contacts) {
    if (contact.star || !contact.uri.has_user || !environment_.names.is_domain(contact.uri) ||
        environment_.names.node_of(contact.uri))
      continue;
    ++context.retargets;
    const Verdict verdict = locate(now, context, std::string(contact.uri.text));
    if (verdict == Verdict::wait_for_event)
      environment_.timers.arm(context.timer, now.monotonic + settings_.answer_wait);
    return true;
  }
  return false;
}

}  // namespace chordial::sip
