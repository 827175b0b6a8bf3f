// Links coming up and going down, two of them with the same node, and routing by them.
#include <algorithm>

#include "overlay/core.h"

namespace chordial::overlay {

namespace {

// Two nodes that connect to each other at the same time know it by this.
constexpr std::uint32_t crossing_ms = 15'000;
// Until what was sent over the link that is given up has arrived.
constexpr Duration closing_delay{3'000'000};

std::uint32_t milliseconds(Now now) {
  return static_cast<std::uint32_t>(now.monotonic.time_since_epoch().count() / 1000);
}

}  // namespace

// Which of two links with one node stays must come out the same at both ends. Where each side has
// made one, within a short time, it is the one that the lower Node-ID has made. Otherwise the other
// side has started anew, and the older link is dead.
bool Core::keep_old(Now now, const forwarding::Connection& old, bool initiated) const {
  if (old.initiated == initiated || milliseconds(now) - old.up_ms > crossing_ms) return false;
  return old.initiated == (self() < old.node);
}

void Core::close_later(Now now, link::LinkId link, const NodeId& node) {
  closing_.push_back({link, node, now.monotonic + closing_delay});
}

void Core::assume_link(Now now, link::LinkId link, const NodeId& member, bool initiated) {
  forwarding::Connection connection;
  connection.node = member;
  connection.link = link;
  connection.up_ms = milliseconds(now) - crossing_ms;
  connection.initiated = initiated;
  connection.member = true;
  (void)connections_.put(connection);
}

void Core::on_link_up(Now now, link::LinkId link, const NodeId& node) {
  const bool initiated = attachments_.connecting(link) || bootstrap_.connecting(link);
  if ((life_ != Life::started && life_ != Life::handing_over) || node == self()) {
    environment_.links.close(now, link);
    attachments_.on_handshake_failed(now, link);
    bootstrap_.on_handshake_failed(
        now, link,
        {ErrorKind::conflict, "address", 0,
         node == self() ? "belongs to this very node" : "this node is leaving"});
    return settle(now);
  }
  forwarding::Connection connection;
  connection.node = node;
  connection.link = link;
  connection.up_ms = milliseconds(now);
  connection.initiated = initiated;
  bool use_new = true;
  if (const forwarding::Connection* found = connections_.find(node)) {
    const forwarding::Connection old = *found;
    const bool crossing = old.initiated != initiated && connection.up_ms - old.up_ms <= crossing_ms;
    use_new = !keep_old(now, old, initiated);
    if (!use_new) {
      note(LogLevel::debug, "link_crossed", node);
      close_later(now, link, node);
    } else if (crossing) {
      close_later(now, old.link, node);
      connection.member = old.member;
      connection.bootstrap = old.bootstrap;
      connection.certificate = old.certificate;
    } else {
      environment_.links.close(now, old.link);
      forget_link(now, node);
    }
  }
  if (use_new && !connections_.put(connection)) {
    environment_.links.close(now, link);
    return settle(now);
  }
  note(LogLevel::debug, initiated ? "link_up_active" : "link_up_passive", node);
  neighbours_changed_ = true;
  with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    plugin.on_link_up(now, node, intents);
  });
  attachments_.on_link_up(now, link, node);
  bootstrap_.on_link_up(now, link, node);
  upkeep_.on_link_up(now);
  settle(now);
}

void Core::on_link_message(Now now, link::LinkId link, ByteView message) {
  if (const forwarding::Connection* connection = connections_.find(link)) {
    const NodeId node = connection->node;
    return forwarder_.receive(now, link, node, message);
  }
  const auto closing = std::find_if(closing_.begin(), closing_.end(),
                                    [link](const ClosingLink& c) { return c.link == link; });
  if (closing == closing_.end()) return;
  const NodeId node = closing->node;
  forwarder_.receive(now, link, node, message);
}

void Core::on_link_down(Now now, link::LinkId link, const Error& why) {
  if (std::erase_if(closing_, [link](const ClosingLink& c) { return c.link == link; }) > 0) return;
  if (const forwarding::Connection* connection = connections_.find(link)) {
    const NodeId node = connection->node;
    forget_link(now, node);
  } else {
    attachments_.on_handshake_failed(now, link);
    bootstrap_.on_handshake_failed(now, link, why);
  }
  settle(now);
}

void Core::forget_link(Now now, const NodeId& node) {
  note(LogLevel::debug, "link_gone", node);
  connections_.remove(node);
  neighbours_changed_ = true;
  transport_.on_neighbour_lost(now, node);
  with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    plugin.on_link_down(now, node, intents);
  });
  bootstrap_.on_link_lost(now, node);
}

void Core::drop_link(Now now, const NodeId& node) {
  const forwarding::Connection* connection = connections_.find(node);
  if (connection == nullptr) return;
  environment_.links.close(now, connection->link);
  forget_link(now, node);
}

void Core::close_link(Now now, const NodeId& node) {
  if (!bootstrap_.uses(node)) drop_link(now, node);
}

forwarding::RoutingTable::NextHop Core::next_hop(RingPosition position) const {
  NextHop hop;
  if (plugin_) {
    const topology::NextHop next = plugin_->next_hop(position);
    hop.node = next.node;
    if (next.kind == topology::NextHop::Kind::self) hop.kind = NextHop::Kind::self;
    if (next.kind == topology::NextHop::Kind::node) hop.kind = NextHop::Kind::node;
    return hop;
  }
  // A client knows no ring: its peer routes for it, and until it has one any other does.
  if (const auto peer = bootstrap_.client_peer()) {
    hop = {NextHop::Kind::node, *peer};
  } else if (!connections_.empty()) {
    hop = {NextHop::Kind::node, connections_.all().front().node};
  }
  return hop;
}

bool Core::responsible(RingPosition position) const {
  return plugin_ && plugin_->responsible(position);
}

}  // namespace chordial::overlay
