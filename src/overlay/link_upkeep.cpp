#include "overlay/link_upkeep.h"

#include "overlay/core.h"
#include "wire/link_messages.h"

namespace chordial::overlay {

void LinkUpkeep::on_link_up(Now now) {
  const Duration interval = core_.context().idle_ping_interval;
  const Duration wait =
      interval > Duration(0) ? std::min(interval, bootstrap_grace) : bootstrap_grace;
  next_ = std::min(next_, now.monotonic + wait);
}

void LinkUpkeep::ping(Now now, const NodeId& node, std::uint64_t link) {
  const wire::Destination destination[] = {wire::Destination::of(node)};
  const Bytes body = wire::body_of(wire::PingReq{});
  transport::Outgoing request;
  request.destinations = destination;
  request.code = wire::MessageCode::ping_req;
  request.body = body;
  request.first_hop = node;
  request.adjacent = true;
  request.transmissions = ping_transmissions;
  request.purpose = purpose(What::idle_ping, link);
  (void)core_.transport().request(now, request);
}

void LinkUpkeep::on_ping_failed(Now now, std::uint64_t reference) {
  const forwarding::Connection* connection = core_.connections().find(link::LinkId{reference});
  if (connection != nullptr) core_.drop_link(now, NodeId(connection->node));
}

void LinkUpkeep::on_timer(Now now) {
  if (next_ > now.monotonic) return;
  next_ = never;
  const Duration interval = core_.context().idle_ping_interval;
  const auto now_ms = static_cast<std::uint32_t>(now.monotonic.time_since_epoch().count() / 1000);
  const auto grace_ms = static_cast<std::uint32_t>(bootstrap_grace.count() / 1000);
  const std::vector<forwarding::Connection> all = core_.connections().all();
  for (const forwarding::Connection& connection : all) {
    const topology::Plugin* plugin = core_.plugin();
    if (connection.bootstrap && plugin != nullptr && now_ms - connection.up_ms >= grace_ms &&
        plugin->phase() == topology::Phase::ring && !plugin->wants(connection.node)) {
      core_.close_link(now, connection.node);
      continue;
    }
    if (connection.bootstrap && plugin != nullptr && !plugin->wants(connection.node)) {
      next_ = std::min(next_, now.monotonic + bootstrap_grace);
    }
    if (interval == Duration(0)) continue;
    // Pinged early, so that its silence is noticed one interval after the last word.
    const MonotonicTime heard = core_.environment().links.info(connection.link).last_heard;
    MonotonicTime due = heard + interval;
    if (due <= now.monotonic) {
      ping(now, connection.node, static_cast<std::uint64_t>(connection.link));
      due = now.monotonic + interval;
    }
    next_ = std::min(next_, due);
  }
}

}  // namespace chordial::overlay
