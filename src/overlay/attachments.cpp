#include "overlay/attachments.h"

#include <algorithm>

#include "overlay/core.h"
#include "wire/attach.h"
#include "wire/link_messages.h"

namespace chordial::overlay {

namespace {

// One host candidate: with No-ICE there is nothing to choose between. The priority is that of
// RFC 8445 §5.1.2.1 for a host candidate of one component.
constexpr std::uint32_t host_priority = (126U << 24) | (65535U << 8) | 255U;

Bytes attach_body(const SocketAddress& address, std::string_view role, bool send_update) {
  wire::IceCandidate candidate;
  candidate.addr_port = address;
  candidate.overlay_link = wire::OverlayLinkType::dtls_udp_sr_no_ice;
  candidate.foundation = as_bytes("1");
  candidate.priority = host_priority;
  const wire::IceCandidate candidates[] = {candidate};
  wire::AttachReqAns attach;
  attach.role = as_bytes(role);
  attach.candidates = std::span<const wire::IceCandidate>(candidates);
  attach.send_update = send_update;
  return wire::body_of(attach);
}

// The first candidate this node can connect to.
std::optional<SocketAddress> usable_candidate(const wire::AttachReqAns& attach, bool v4) {
  for (const wire::IceCandidate& candidate : attach.candidates) {
    if (candidate.overlay_link != wire::OverlayLinkType::dtls_udp_sr_no_ice) continue;
    const auto address = candidate.addr_port.address();
    if (address && address->port != 0 && !address->ip.is_unspecified() &&
        !address->ip.is_multicast() && address->ip.is_v4() == v4) {
      return address;
    }
  }
  return std::nullopt;
}

}  // namespace

template <class Test>
std::optional<Attachments::Outgoing> Attachments::take(Test test) {
  const auto at = std::find_if(outgoing_.begin(), outgoing_.end(), test);
  if (at == outgoing_.end()) return std::nullopt;
  Outgoing taken = *at;
  outgoing_.erase(at);
  if (outgoing_.empty()) outgoing_.shrink_to_fit();
  return taken;
}

void Attachments::start(Now now, const topology::AttachIntent& intent) {
  if (intent.node && !intent.send_update && core_.connections().find(*intent.node) != nullptr) {
    core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
      plugin.on_link_up(now, *intent.node, intents);
    });
    return;
  }
  Outgoing outgoing;
  outgoing.intent = intent;
  begin(now, outgoing);
}

void Attachments::start_for_client(Now now, const NodeId& via) {
  Outgoing outgoing;
  // One further, like a joining node (§11.4): a request for its own place would come back to it
  // from the first peer that is linked with it (§10.3).
  outgoing.intent.position = core_.self().position + RingPosition{0, 1};
  outgoing.intent.via = via;
  outgoing.for_client = true;
  begin(now, outgoing);
}

void Attachments::begin(Now now, Outgoing outgoing) {
  const topology::AttachIntent& intent = outgoing.intent;
  std::vector<wire::Destination> destinations;
  // §10.6. A peer that is gone cannot help on the way.
  if (intent.via && intent.via != intent.node && core_.connections().find(*intent.via) != nullptr) {
    destinations.push_back(wire::Destination::of(*intent.via));
  }
  destinations.push_back(intent.node ? wire::Destination::of(*intent.node)
                                     : wire::Destination::of(ResourceId{intent.position}));
  const Bytes body = attach_body(core_.environment().links.local_address(), wire::role_passive,
                                 intent.send_update);
  outgoing.reference = core_.next_reference();
  transport::Outgoing request;
  request.destinations = destinations;
  request.code = wire::MessageCode::attach_req;
  request.body = body;
  request.purpose = purpose(What::attach, outgoing.reference);
  const auto transaction = outgoing_.size() < outgoing_max
                               ? core_.transport().request(now, request)
                               : Expected<std::uint64_t>(failure(ErrorKind::limit, "Attach", ""));
  if (!transaction) return end(now, outgoing, nullptr);
  outgoing.transaction = *transaction;
  outgoing_.push_back(outgoing);
}

void Attachments::end(Now now, const Outgoing& outgoing, const NodeId* linked) {
  if (linked == nullptr) {
    core_.note(LogLevel::debug, "attach_failed",
               outgoing.intent.node.value_or(NodeId{outgoing.intent.position}));
  }
  if (outgoing.for_client) return core_.bootstrap().on_client_attached(now, linked);
  core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    if (linked != nullptr) {
      plugin.on_link_up(now, *linked, intents);
    } else {
      plugin.on_attach_failed(now, outgoing.intent, intents);
    }
  });
}

void Attachments::on_answer(Now now, std::uint64_t reference, const transport::Answer& answer) {
  const auto same = [&](const Outgoing& o) { return o.reference == reference; };
  const auto at = std::find_if(outgoing_.begin(), outgoing_.end(), same);
  if (at == outgoing_.end()) return;
  const auto body = wire::parse_body<wire::AttachReqAns>(answer.contents);
  const NodeId responder = answer.from;
  if (!body || responder == core_.self() || wire::mixes_ice_and_no_ice(body->candidates)) {
    const auto failed = take(same);
    return end(now, *failed, nullptr);
  }
  if (core_.connections().find(responder) != nullptr) {
    const auto done = take(same);
    return end(now, *done, &responder);
  }
  at->responder = responder;
  at->deadline = now.monotonic + handshake_limit;
}

void Attachments::on_failed(Now now, std::uint64_t reference) {
  const auto failed = take([&](const Outgoing& o) { return o.reference == reference; });
  if (failed) end(now, *failed, nullptr);
}

bool Attachments::must_wait(Now now, const NodeId& from) {
  for (Outgoing& outgoing : outgoing_) {
    if (outgoing.responder == from) return true;  // a handshake is in progress
    if (outgoing.intent.node != from || outgoing.responder) continue;
    if (core_.self() > from) return true;
    // The other side's Attach goes on; ours ends with the link that it brings.
    core_.transport().cancel(outgoing.transaction);
    outgoing.responder = from;
    outgoing.deadline = now.monotonic + handshake_limit;
    return false;
  }
  return false;
}

void Attachments::on_request(Now now, transport::Request& request) {
  const NodeId from = request.from;
  if (from == core_.self() || must_wait(now, from)) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::in_progress);
  }
  const auto body = wire::parse_body<wire::AttachReqAns>(request.contents);
  // §6.5.1.1: not both candidates with ICE and without.
  if (!body || wire::mixes_ice_and_no_ice(body->candidates)) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::invalid_message);
  }
  const SocketAddress own = core_.environment().links.local_address();
  const auto address = usable_candidate(*body, own.ip.is_v4());
  if (!address || incoming_.size() >= incoming_max) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::not_found);
  }
  Incoming incoming;
  incoming.node = from;
  incoming.address = *address;
  incoming.send_update = body->send_update;
  incoming.reference = core_.next_reference();
  incoming.deadline = now.monotonic + handshake_limit;
  const bool linked = core_.connections().find(from) != nullptr;
  const bool direct = request.neighbour == from;
  const auto begun = std::find_if(incoming_.begin(), incoming_.end(),
                                  [&](const Incoming& i) { return i.node == from && i.link; });
  if (!linked && begun == incoming_.end() && !connect(now, incoming)) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::not_found);
  }
  if (!linked && begun == incoming_.end()) {
    incoming_.push_back(incoming);
  } else if (!linked) {
    begun->send_update = begun->send_update || incoming.send_update;  // one link serves both
  }
  core_.transport().answer(now, request.reply, attach_body(own, wire::role_active, false));
  if (!linked) return;
  if (body->send_update) {
    core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
      plugin.on_update_requested(now, from, intents);
    });
  }
  if (!direct) check_stale(now, incoming);
}

bool Attachments::connect(Now now, Incoming& incoming) {
  const auto link =
      core_.environment().links.connect(now, incoming.address, std::optional(incoming.node));
  if (!link) return false;
  incoming.link = *link;
  return true;
}

// A linked node whose Attach came another way either looked for whoever is responsible for some
// place, or has started anew and has no link. A Ping tells.
void Attachments::check_stale(Now now, const Incoming& incoming) {
  for (const Incoming& other : incoming_) {
    if (other.node == incoming.node) return;
  }
  const wire::Destination destination[] = {wire::Destination::of(incoming.node)};
  const Bytes body = wire::body_of(wire::PingReq{});
  transport::Outgoing ping;
  ping.destinations = destination;
  ping.code = wire::MessageCode::ping_req;
  ping.body = body;
  ping.first_hop = incoming.node;
  ping.adjacent = true;
  ping.transmissions = 2;
  ping.purpose = purpose(What::stale_check, incoming.reference);
  if (core_.transport().request(now, ping)) incoming_.push_back(incoming);
}

void Attachments::on_stale_check(Now now, std::uint64_t reference, bool alive) {
  const auto at = std::find_if(incoming_.begin(), incoming_.end(),
                               [&](const Incoming& i) { return i.reference == reference; });
  if (at == incoming_.end()) return;
  Incoming incoming = *at;
  incoming_.erase(at);
  if (alive) return;
  core_.drop_link(now, incoming.node);
  incoming.deadline = now.monotonic + handshake_limit;
  if (connect(now, incoming)) incoming_.push_back(incoming);
}

bool Attachments::connecting(link::LinkId link) const {
  return std::any_of(incoming_.begin(), incoming_.end(),
                     [link](const Incoming& i) { return i.link == link; });
}

void Attachments::on_link_up(Now now, link::LinkId link, const NodeId& node) {
  bool send_update = false;
  std::erase_if(incoming_, [&](const Incoming& incoming) {
    if (incoming.link != link && (incoming.node != node || !incoming.link)) return false;
    send_update = send_update || (incoming.send_update && incoming.node == node);
    return true;
  });
  if (incoming_.empty()) incoming_.shrink_to_fit();
  while (const auto done = take(
             [&](const Outgoing& o) { return o.responder == node || o.intent.node == node; })) {
    core_.transport().cancel(done->transaction);
    end(now, *done, &node);
  }
  if (!send_update) return;
  core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    plugin.on_update_requested(now, node, intents);
  });
}

void Attachments::on_handshake_failed(Now, link::LinkId link) {
  std::erase_if(incoming_, [link](const Incoming& i) { return i.link == link; });
}

void Attachments::on_timer(Now now) {
  std::erase_if(incoming_, [&](const Incoming& i) {
    return i.link.has_value() && i.deadline <= now.monotonic;
  });
  while (const auto late = take([&](const Outgoing& o) { return o.deadline <= now.monotonic; })) {
    end(now, *late, nullptr);
  }
}

MonotonicTime Attachments::next_timer() const {
  MonotonicTime next = never;
  for (const Outgoing& outgoing : outgoing_)
    next = std::min(next, outgoing.deadline);
  for (const Incoming& incoming : incoming_) {
    if (incoming.link) next = std::min(next, incoming.deadline);
  }
  return next;
}

}  // namespace chordial::overlay
