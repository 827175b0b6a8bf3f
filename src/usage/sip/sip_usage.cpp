#include "usage/sip/sip_usage.h"

namespace chordial::usage {

namespace {

// What a proxy adds to a request on its way out: Via, Record-Route, a longer Request-URI.
constexpr std::size_t rewrite_bytes_max = 400;

}  // namespace

SipUsage::SipUsage(const SipUsageEnvironment& environment)
    : environment_(environment),
      rights_(*environment.peer.context().certificates, environment.peer.context().overlay_name),
      location_(environment.peer.context().overlay_name, environment.peer, environment.outbox,
                environment.timers, environment.rng, environment.signers, rights_),
      tunnel_(environment.peer, environment.signers, *this),
      direct_(environment.peer, environment.application_links, environment.timers, *this),
      introductions_(environment.peer, rights_, *this) {
}

Expected<void> SipUsage::send(Now now, const sip::Flow& flow, ByteView bytes,
                              sip::TransactionId on_behalf_of) {
  if (flow.transport != sip::TransportKind::tunnel &&
      flow.transport != sip::TransportKind::application) {
    return failure(ErrorKind::unsupported, "flow", "does not lead to another node");
  }
  const auto message = sip::Message::parse(bytes);
  if (!message) return Failure(message.error());
  detour_.forget_old(now);
  if (without_tunnel(flow.node)) return send_around_tunnel(now, flow.node, bytes, on_behalf_of);
  const bool opens_dialog = message->is_request() && message->method() == sip::Method::invite;
  if (flow.transport == sip::TransportKind::application &&
      direct_.can_send(flow.node, bytes.size())) {
    // The other node must have seen the sender's certificate once; it goes with the tunnel only.
    const std::string user = from_aor(*message);
    const bool known = user.empty() || environment_.signers.signer_of(user) == nullptr ||
                       tunnel_.introduced(flow.node, user);
    if (known) return direct_.send(now, flow.node, bytes);
  }
  if (opens_dialog) static_cast<void>(direct_.open(now, flow.node));
  return tunnel_.send(now, flow.node, bytes, on_behalf_of);
}

bool SipUsage::without_tunnel(const NodeId& node) const {
  return environment_.peer.context().tunnel_extension == 0 || detour_.needed(node);
}

// What the tunnel has refused was written for a reliable transport, and goes once over one that is
// not: should that one record be lost, SIP's own timers end the transaction.
Expected<void> SipUsage::send_around_tunnel(Now now, const NodeId& node, ByteView bytes,
                                            sip::TransactionId on_behalf_of) {
  if (direct_.established_with(node)) return direct_.send(now, node, bytes);
  if (!direct_.open(now, node)) {
    return failure(ErrorKind::unavailable, "node",
                   "takes no tunnelled message, and no connection to it can be made");
  }
  return detour_.wait(node, on_behalf_of, bytes);
}

sip::Flow SipUsage::flow_to(const NodeId& node, std::size_t message_bytes) const {
  const bool direct =
      without_tunnel(node) || direct_.can_send(node, message_bytes + rewrite_bytes_max);
  return sip::Flow::to_node(direct ? sip::TransportKind::application : sip::TransportKind::tunnel,
                            node);
}

Expected<void> SipUsage::admit(Now now, const sip::Message& /*request*/, const sip::Flow& flow,
                               std::string_view from_aor) const {
  return rights_.may_say_from(now, flow.node, from_aor);
}

Expected<void> SipUsage::on_tunnel_message(Now now, const overlay::TunnelMessage& message) {
  rights_.learn(message.from, *message.signer);
  direct_.heard_through_overlay(now, message.from);
  trace(message);
  environment_.handler.on_node_message(
      now, sip::Flow::to_node(sip::TransportKind::tunnel, message.from), message.bytes);
  return {};
}

void SipUsage::trace(const overlay::TunnelMessage& message) {
  const auto sip = sip::Message::parse(message.bytes);
  if (!sip || !sip->is_request() || sip->method() != sip::Method::invite) return;
  const auto call_id = sip->call_id();
  if (!call_id || call_id->size() > call_id_bytes_max) return;
  if (traces_.size() == traces_max) traces_.pop_front();
  TunnelTrace trace{std::string(*call_id), message.path};
  trace.path.push_back(environment_.peer.self());
  traces_.push_back(std::move(trace));
}

void SipUsage::on_tunnel_failed(Now now, const NodeId& node, sip::TransactionId on_behalf_of,
                                ByteView sip, const Error& why) {
  tunnel_.forget(node);
  Expected<void> sent = Failure(why);
  if (why.kind == ErrorKind::unsupported) {
    detour_.note(now, node);
    sent = send_around_tunnel(now, node, sip, on_behalf_of);
  }
  if (!sent) environment_.handler.on_node_send_failed(now, on_behalf_of, sent.error());
}

void SipUsage::on_direct_up(Now now, const NodeId& node) {
  for (const Detour::Waiting& waiting : detour_.take(node)) {
    const auto sent = direct_.send(now, node, waiting.bytes);
    if (!sent) environment_.handler.on_node_send_failed(now, waiting.on_behalf_of, sent.error());
  }
}

void SipUsage::on_direct_refused(Now now, const NodeId& node, const Error& why) {
  for (const Detour::Waiting& waiting : detour_.take(node))
    environment_.handler.on_node_send_failed(now, waiting.on_behalf_of, why);
}

void SipUsage::on_direct_message(Now now, const NodeId& node, ByteView sip) {
  const auto message = sip::Message::parse(sip);
  const std::string from = message ? from_aor(*message) : std::string();
  if (!from.empty() && !rights_.may_say_from(now, node, from) &&
      introductions_.hold(now, node, from, sip)) {
    return;
  }
  on_introduced(now, node, sip);
}

void SipUsage::on_introduced(Now now, const NodeId& node, ByteView sip) {
  environment_.handler.on_node_message(
      now, sip::Flow::to_node(sip::TransportKind::application, node), sip);
}

void SipUsage::on_direct_down(Now now, const NodeId& node, const Error& why) {
  tunnel_.forget(node);
  environment_.handler.on_node_flow_lost(
      now, sip::Flow::to_node(sip::TransportKind::application, node), why);
}

// The node may have been started anew, and have forgotten the certificates it has seen.
void SipUsage::on_direct_given_up(Now /*now*/, const NodeId& node) {
  tunnel_.forget(node);
}

void SipUsage::count(CounterVisitor& visitor) const {
  location_.count(visitor);
  tunnel_.count(visitor);
  direct_.count(visitor);
  detour_.count(visitor);
  introductions_.count(visitor);
}

}  // namespace chordial::usage
