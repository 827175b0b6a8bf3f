#include "overlay/intent_runner.h"

#include "overlay/core.h"
#include "wire/link_messages.h"
#include "wire/topology_messages.h"

namespace chordial::overlay {

void IntentRunner::carry_out(Now now, topology::Intents& intents) {
  // First, so that what follows finds jobs planned with the plugin's state of this moment.
  if (intents.responsibility_changed) core_.replication().on_responsibility_changed(now);
  if (intents.replica_set_changed) core_.replication().on_replica_set_changed(now);
  if (intents.responsibility_changed || intents.replica_set_changed) {
    core_.note_neighbours_changed();
  }
  for (const auto& intent : intents.update)
    update(now, intent);
  for (const auto& intent : intents.join)
    join(now, intent);
  for (const auto& intent : intents.leave)
    leave(now, intent);
  for (const auto& intent : intents.route_query)
    route_query(now, intent);
  for (const auto& intent : intents.ping)
    ping(now, intent);
  for (const auto& intent : intents.attach)
    core_.attachments().start(now, intent);
  for (const auto& intent : intents.close)
    core_.close_link(now, intent.node);
}

void IntentRunner::request(Now now, const Pending& pending, transport::Outgoing outgoing) {
  outgoing.code = pending.code;
  outgoing.purpose = purpose(What::intent, pending.reference);
  pending_.push_back(pending);
  if (const auto sent = core_.transport().request(now, outgoing); !sent) {
    on_failed(now, pending.reference, sent.error());
  }
}

void IntentRunner::update(Now now, const topology::UpdateIntent& intent) {
  const wire::Destination destination[] = {wire::Destination::of(intent.to)};
  transport::Outgoing outgoing;
  outgoing.destinations = destination;
  outgoing.body = intent.overlay_specific_data;
  outgoing.first_hop = intent.to;
  outgoing.adjacent = true;
  request(now, {core_.next_reference(), wire::MessageCode::update_req, false, intent.to, {}, {}},
          outgoing);
}

void IntentRunner::join(Now now, const topology::JoinIntent& intent) {
  const wire::Destination destination[] = {wire::Destination::of(intent.to)};
  const Bytes body = wire::body_of(wire::JoinReq{core_.self(), intent.overlay_specific_data});
  transport::Outgoing outgoing;
  outgoing.destinations = destination;
  outgoing.body = body;
  outgoing.first_hop = intent.to;
  outgoing.adjacent = true;
  request(now, {core_.next_reference(), wire::MessageCode::join_req, false, intent.to, {}, {}},
          outgoing);
}

void IntentRunner::leave(Now now, const topology::LeaveIntent& intent) {
  const wire::Destination destination[] = {wire::Destination::of(intent.to)};
  const Bytes body = wire::body_of(wire::LeaveReq{core_.self(), intent.overlay_specific_data});
  transport::Outgoing outgoing;
  outgoing.destinations = destination;
  outgoing.body = body;
  outgoing.first_hop = intent.to;
  outgoing.adjacent = true;
  request(now, {core_.next_reference(), wire::MessageCode::leave_req, false, intent.to, {}, {}},
          outgoing);
}

void IntentRunner::route_query(Now now, const topology::RouteQueryIntent& intent) {
  const wire::Destination destination[] = {wire::Destination::of(intent.to)};
  const Bytes body = wire::body_of(wire::RouteQueryReq{
      intent.send_update, wire::Destination::of(ResourceId{intent.destination}), {}});
  transport::Outgoing outgoing;
  outgoing.destinations = destination;
  outgoing.body = body;
  outgoing.first_hop = intent.to;
  outgoing.adjacent = true;
  request(now,
          {core_.next_reference(),
           wire::MessageCode::route_query_req,
           intent.send_update,
           intent.to,
           {},
           intent.destination},
          outgoing);
}

void IntentRunner::ping(Now now, const topology::PingIntent& intent) {
  std::vector<wire::Destination> destinations;
  if (intent.via && intent.via != intent.node) {
    destinations.push_back(wire::Destination::of(*intent.via));
  }
  destinations.push_back(intent.node ? wire::Destination::of(*intent.node)
                                     : wire::Destination::of(ResourceId{intent.position}));
  const Bytes body = wire::body_of(wire::PingReq{});
  transport::Outgoing outgoing;
  outgoing.destinations = destinations;
  outgoing.body = body;
  request(now,
          {core_.next_reference(), wire::MessageCode::ping_req, false, intent.node, intent.via,
           intent.position},
          outgoing);
}

std::optional<IntentRunner::Pending> IntentRunner::take(std::uint64_t reference) {
  for (auto it = pending_.begin(); it != pending_.end(); ++it) {
    if (it->reference != reference) continue;
    const Pending pending = *it;
    pending_.erase(it);
    if (pending_.empty()) pending_.shrink_to_fit();
    return pending;
  }
  return std::nullopt;
}

void IntentRunner::on_answer(Now now, std::uint64_t reference, const transport::Answer& answer) {
  if (const auto pending = take(reference)) report(now, *pending, &answer);
}

void IntentRunner::on_failed(Now now, std::uint64_t reference, const Error& why) {
  const auto pending = take(reference);
  if (!pending) return;
  if (pending->code == wire::MessageCode::join_req) {
    core_.bootstrap().on_join_failed(*pending->node, why);
  }
  report(now, *pending, nullptr);
}

void IntentRunner::report(Now now, const Pending& pending, const transport::Answer* answer) {
  const ByteView body = answer != nullptr ? answer->contents.message_body : ByteView();
  core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    switch (pending.code) {
      case wire::MessageCode::update_req:
        plugin.on_update_answered(now, *pending.node, answer != nullptr, intents);
        break;
      case wire::MessageCode::join_req: {
        const auto join =
            answer != nullptr
                ? wire::parse_body<wire::JoinAns>(answer->contents)
                : Expected<wire::JoinAns>(failure(ErrorKind::unavailable, "JoinAns", "no answer"));
        plugin.on_join_answered(now, *pending.node, join.has_value(),
                                join ? join->overlay_specific_data : ByteView(), intents);
        break;
      }
      case wire::MessageCode::route_query_req:
        plugin.on_route_query_answered(now, {*pending.node, pending.position, pending.send_update},
                                       answer != nullptr, body, intents);
        break;
      case wire::MessageCode::ping_req:
        plugin.on_ping_answered(
            now, {pending.position, pending.node, pending.via},
            answer != nullptr ? std::optional<NodeId>(answer->from) : std::nullopt, intents);
        break;
      default:  // a LeaveAns is of no interest
        break;
    }
  });
}

}  // namespace chordial::overlay
