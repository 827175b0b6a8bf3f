// Requests of others, by method, and outcomes of our own, by purpose.
#include "overlay/core.h"
#include "wire/link_messages.h"
#include "wire/topology_messages.h"

namespace chordial::overlay {

namespace {

constexpr RingPosition position_of(const NodeId& node) {
  return node.position;
}

// The nodes a request has crossed: its via list and the neighbour it came from (§6.1.2).
std::vector<NodeId> path_of(const transport::Request& request) {
  std::vector<NodeId> path;
  if (request.reply.local) return path;
  for (const wire::Destination& destination : request.header.via_list) {
    if (destination.is_node()) path.push_back(destination.node());
  }
  path.push_back(request.neighbour);
  return path;
}

}  // namespace

void Core::on_request(Now now, transport::Request& request) {
  switch (request.contents.message_code) {
    case wire::MessageCode::probe_req:
      on_probe(now, request);
      break;
    case wire::MessageCode::attach_req:
      attachments_.on_request(now, request);
      break;
    case wire::MessageCode::store_req:
      stores_.on_store(now, request);
      break;
    case wire::MessageCode::fetch_req:
      stores_.on_fetch(now, request);
      break;
    case wire::MessageCode::stat_req:
      stores_.on_stat(now, request);
      break;
    case wire::MessageCode::find_req:
      stores_.on_find(now, request);
      break;
    case wire::MessageCode::join_req:
      on_join(now, request);
      break;
    case wire::MessageCode::leave_req:
      on_leave(now, request);
      break;
    case wire::MessageCode::update_req:
      on_update(now, request);
      break;
    case wire::MessageCode::route_query_req:
      on_route_query(now, request);
      break;
    case wire::MessageCode::ping_req:
      on_ping(now, request);
      break;
    case wire::MessageCode::app_attach_req:
      app_attachments_.on_request(now, request);
      break;
    case wire::MessageCode::config_update_req:
      documents_.on_request(now, request);
      break;
    default:
      transport_.refuse(now, request.reply, wire::ErrorCode::invalid_message,
                        as_bytes("unknown method"));
      break;
  }
  settle(now);
}

void Core::on_answer(Now now, const transport::Purpose& purpose, const transport::Answer& answer) {
  switch (static_cast<What>(purpose.what)) {
    case What::intent:
      runner_.on_answer(now, purpose.reference, answer);
      break;
    case What::attach:
      attachments_.on_answer(now, purpose.reference, answer);
      break;
    case What::stale_check:
      attachments_.on_stale_check(now, purpose.reference, true);
      break;
    case What::first_contact:
      bootstrap_.on_first_contact(now, purpose.reference, &answer);
      break;
    case What::replica:
      stores_.on_replica_outcome(now, purpose.reference, nullptr);
      break;
    case What::transfer:
      replication_.on_outcome(now, purpose.reference, nullptr);
      break;
    case What::newer_values:
      replication_.on_newer_values(now, purpose.reference, answer);
      break;
    case What::usage:
      usages_.on_answer(now, purpose.reference, answer);
      break;
    case What::idle_ping:
    case What::document:
      break;
  }
  if (leave_deadline_ != never) leave_step(now);
  settle(now);
}

void Core::on_failed(Now now, const transport::Purpose& purpose, const transport::Failed& failed) {
  // A node that answers with an error is alive.
  const bool silent = failed.code == wire::ErrorCode::invalid;
  // §7.4.1.2: the Kind stands in the document, which that node does not seem to have.
  if (failed.code == wire::ErrorCode::unknown_kind && failed.from != self()) {
    const wire::Destination route[] = {wire::Destination::of(failed.from)};
    documents_.on_older_configuration(now, route);
  }
  switch (static_cast<What>(purpose.what)) {
    case What::intent:
      runner_.on_failed(now, purpose.reference, failed.error);
      break;
    case What::attach:
      attachments_.on_failed(now, purpose.reference);
      break;
    case What::stale_check:
      attachments_.on_stale_check(now, purpose.reference, !silent);
      break;
    case What::idle_ping:
      if (silent) upkeep_.on_ping_failed(now, purpose.reference);
      break;
    case What::first_contact:
      bootstrap_.on_first_contact(now, purpose.reference, nullptr);
      break;
    case What::replica:
      stores_.on_replica_outcome(now, purpose.reference, &failed);
      break;
    case What::transfer:
      replication_.on_outcome(now, purpose.reference, &failed);
      break;
    case What::newer_values:
      replication_.on_no_newer_values(purpose.reference);
      break;
    case What::usage:
      usages_.on_failed(now, purpose.reference, failed);
      break;
    case What::document:
      break;
  }
  if (leave_deadline_ != never) leave_step(now);
  settle(now);
}

bool Core::plausible_responder(RingPosition position, const NodeId& responder) const {
  return !plugin_ || plugin_->plausible_responder(position, responder);
}

void Core::on_older_configuration(Now now, std::span<const wire::Destination> route) {
  documents_.on_older_configuration(now, route);
}

void Core::on_newer_configuration(Now, const NodeId& node) {
  note(LogLevel::info, "newer_configuration", node);
}

// §6.4.2.1: over a link that is bound to the Node-ID that signed.
bool Core::adjacent(const transport::Request& request) const {
  return !request.reply.local && request.neighbour == request.from &&
         request.header.via_list.empty();
}

void Core::on_join(Now now, transport::Request& request) {
  const auto join = wire::parse_body<wire::JoinReq>(request.contents);
  if (!join) return transport_.refuse(now, request.reply, wire::ErrorCode::invalid_message);
  if (!plugin_ || !adjacent(request) || join->joining_peer_id != request.from) {
    return transport_.refuse(now, request.reply, wire::ErrorCode::forbidden);
  }
  if (forwarding::Connection* connection = connections_.find(request.from)) {
    connection->member = true;
  }
  const NodeId joining = request.from;
  Expected<Bytes> granted = Bytes{};
  with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    granted = plugin.on_join(now, joining, join->overlay_specific_data, intents);
  });
  if (!granted) {
    return transport_.refuse(now, request.reply, transport::code_of(granted.error().kind),
                             as_bytes(granted.error().reason));
  }
  transport_.answer(now, request.reply, wire::body_of(wire::JoinAns{*granted}));
  replication_.admit(now, joining);
}

void Core::on_leave(Now now, transport::Request& request) {
  const auto leave = wire::parse_body<wire::LeaveReq>(request.contents);
  if (!leave) return transport_.refuse(now, request.reply, wire::ErrorCode::invalid_message);
  if (!adjacent(request) || leave->leaving_peer_id != request.from) {
    return transport_.refuse(now, request.reply, wire::ErrorCode::forbidden);
  }
  if (forwarding::Connection* connection = connections_.find(request.from)) {
    connection->member = false;
  }
  Expected<void> accepted;
  with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    accepted = plugin.on_leave(now, request.from, leave->overlay_specific_data, intents);
  });
  bootstrap_.on_link_lost(now, request.from);
  if (!accepted) {
    return transport_.refuse(now, request.reply, transport::code_of(accepted.error().kind));
  }
  transport_.answer(now, request.reply, {});
}

void Core::on_update(Now now, transport::Request& request) {
  if (!adjacent(request)) {
    return transport_.refuse(now, request.reply, wire::ErrorCode::forbidden);
  }
  forwarding::Connection* connection = connections_.find(request.from);
  if (connection != nullptr && !connection->member) {
    connection->member = true;
    neighbours_changed_ = true;
  }
  if (!plugin_) bootstrap_.on_client_updated(now);
  Expected<void> accepted;
  with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    accepted = plugin.on_update(now, request.from, request.contents.message_body, intents);
  });
  if (!accepted) {
    return transport_.refuse(now, request.reply, transport::code_of(accepted.error().kind));
  }
  transport_.answer(now, request.reply, {});
}

void Core::on_route_query(Now now, transport::Request& request) {
  const auto query = wire::parse_body<wire::RouteQueryReq>(request.contents);
  if (!query) return transport_.refuse(now, request.reply, wire::ErrorCode::invalid_message);
  std::optional<RingPosition> position;
  if (query->destination.is_node()) position = position_of(query->destination.node());
  if (query->destination.is_resource() && query->destination.resource()) {
    position = query->destination.resource()->position;
  }
  if (!plugin_ || !position) {
    return transport_.refuse(now, request.reply, wire::ErrorCode::not_found);
  }
  const auto answer =
      plugin_->on_route_query(now, request.from, *position, query->overlay_specific_data);
  if (!answer) {
    return transport_.refuse(now, request.reply, transport::code_of(answer.error().kind));
  }
  transport_.answer(now, request.reply, *answer);
  if (!query->send_update || connections_.find(request.from) == nullptr) return;
  with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    plugin.on_update_requested(now, request.from, intents);
  });
}

// Never rounded down to nothing: a joining node takes it for the mark of a member.
std::uint32_t Core::responsible_ppb() const {
  if (!plugin_ || !plugin_->responsible(self().position)) return 0;
  return std::max<std::uint32_t>(1, plugin_->responsible_ppb());
}

void Core::on_probe(Now now, transport::Request& request) {
  const auto probe = wire::parse_body<wire::ProbeReq>(request.contents);
  if (!probe) return transport_.refuse(now, request.reply, wire::ErrorCode::invalid_message);
  std::vector<wire::ProbeInformation> information;
  for (const wire::ProbeInformationType type : probe->requested_info) {
    switch (type) {
      case wire::ProbeInformationType::responsible_set:
        information.push_back({type, responsible_ppb(), {}});
        break;
      case wire::ProbeInformationType::num_resources:
        information.push_back({type, static_cast<std::uint32_t>(storage_.resources()), {}});
        break;
      case wire::ProbeInformationType::uptime:
        information.push_back({type, uptime_s(now), {}});
        break;
      default:  // §6.4.2.5.2: others MUST NOT be returned
        break;
    }
  }
  transport_.answer(now, request.reply, wire::body_of(wire::ProbeAns{information}));
}

void Core::on_ping(Now now, transport::Request& request) {
  const std::uint16_t type = context_->tunnel_extension;
  if (type != 0) {
    const auto tunnel = wire::find_sip_tunnel(request.contents, type);
    if (!tunnel) return transport_.refuse(now, request.reply, wire::ErrorCode::invalid_message);
    if (*tunnel) {
      const std::vector<NodeId> path = path_of(request);
      const transport::ReplyTo reply = request.reply;
      const auto taken = environment_.handler.on_tunnel_message(
          now, {request.from, &request.signer, path, (*tunnel)->sip_message});
      if (!taken) {
        return transport_.refuse(now, reply, transport::code_of(taken.error().kind),
                                 as_bytes(taken.error().reason));
      }
    }
  }
  transport_.answer(now, request.reply,
                    wire::body_of(wire::PingAns{environment_.rng.u64(), now.wall_ms()}));
}

}  // namespace chordial::overlay
