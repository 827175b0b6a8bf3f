#include "overlay/document_spreading.h"

#include <algorithm>

#include "overlay/core.h"
#include "wire/link_messages.h"

namespace chordial::overlay {

void DocumentSpreading::on_adopted(Now now) {
  recent_.clear();
  const std::vector<forwarding::Connection> all = core_.connections().all();
  const Bytes body = wire::body_of(wire::PingReq{});
  for (const forwarding::Connection& connection : all) {
    const wire::Destination destination[] = {wire::Destination::of(connection.node)};
    transport::Outgoing ping;
    ping.destinations = destination;
    ping.code = wire::MessageCode::ping_req;
    ping.body = body;
    ping.first_hop = connection.node;
    ping.adjacent = true;
    // Who is in the new document's list of bad nodes proves nothing any more, and so its link goes
    // the way of a silent one.
    ping.purpose = purpose(What::idle_ping, static_cast<std::uint64_t>(connection.link));
    (void)core_.transport().request(now, ping);
  }
}

void DocumentSpreading::on_older_configuration(Now now, std::span<const wire::Destination> route) {
  const Bytes& document = core_.context().document;
  if (document.empty() || route.empty() || !route.back().is_node()) return;
  const NodeId node = route.back().node();
  std::erase_if(recent_, [&](const Recent& r) { return r.at + repeat_interval <= now.monotonic; });
  const bool told =
      std::any_of(recent_.begin(), recent_.end(), [&](const Recent& r) { return r.node == node; });
  if (told || recent_.size() >= recent_max) return;
  recent_.push_back({node, now.monotonic});
  wire::ConfigUpdateReq update;
  update.type = wire::ConfigUpdateType::config;
  update.config_data = document;
  const Bytes body = wire::body_of(update);
  transport::Outgoing request;
  request.destinations = route;
  request.code = wire::MessageCode::config_update_req;
  request.body = body;
  request.purpose = purpose(What::document, 0);
  (void)core_.transport().request(now, request);
}

void DocumentSpreading::on_request(Now now, transport::Request& request) {
  const auto update = wire::parse_body<wire::ConfigUpdateReq>(request.contents);
  if (!update) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::invalid_message);
  }
  // Both judge what is said by its own signature; who brings it does not matter (§6.5.4.2).
  ConfigurationHandler& judge = core_.environment().configuration;
  Expected<void> judged = failure(ErrorKind::invalid, "type", "not a ConfigUpdateType");
  const Bytes document = to_bytes(update->config_data);
  std::vector<ByteView> kinds;
  for (const wire::KindDescription& kind : update->kinds)
    kinds.push_back(kind.xml);
  const transport::ReplyTo reply = request.reply;
  if (update->type == wire::ConfigUpdateType::config)
    judged = judge.on_configuration(now, document);
  if (update->type == wire::ConfigUpdateType::kind) judged = judge.on_kinds(now, kinds);
  if (judged) return core_.transport().answer(now, reply, {});
  const wire::ErrorCode code = judged.error().kind == ErrorKind::conflict
                                   ? wire::ErrorCode::forbidden
                                   : transport::code_of(judged.error().kind);
  core_.transport().refuse(now, reply, code, as_bytes(judged.error().reason));
}

}  // namespace chordial::overlay
