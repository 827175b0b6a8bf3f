#include "forwarding/forwarder.h"

#include "forwarding/fragments.h"

namespace chordial::forwarding {

namespace {

bool has_duplicates(const wire::DestinationList& destinations) {
  NodeId seen[wire::destinations_max];
  std::size_t count = 0;
  for (const wire::Destination& destination : destinations) {
    if (!destination.is_node()) continue;
    const NodeId node = destination.node();
    for (std::size_t i = 0; i < count; ++i) {
      if (seen[i] == node) return true;
    }
    seen[count++] = node;
  }
  return false;
}

// §6.3.2.2: a Resource-ID is the last destination or none at all.
bool resource_out_of_place(const wire::ForwardingHeader& header) {
  std::size_t left = header.destination_list.size();
  for (const wire::Destination& destination : header.destination_list) {
    if (--left > 0 && destination.is_resource()) return true;
  }
  for (const wire::Destination& destination : header.via_list) {
    if (destination.is_resource()) return true;
  }
  return false;
}

bool names(const wire::DestinationList& list, const NodeId& node) {
  for (const wire::Destination& destination : list) {
    if (destination.is_node() && destination.node() == node) return true;
  }
  return false;
}

bool forward_critical(const wire::ForwardingHeader& header) {
  for (const wire::ForwardingOption& option : header.options) {
    if ((option.flags & wire::ForwardingOption::forward_critical) != 0) return true;
  }
  return false;
}

}  // namespace

std::optional<bool> begins_request(const wire::MessageView& message) {
  const ByteView body = message.body();
  if (message.header().fragment_offset() != 0 || body.size() < 2) return std::nullopt;
  return wire::is_request(static_cast<wire::MessageCode>(body[0] << 8 | body[1]));
}

Forwarder::Step Forwarder::route(const wire::Destination& target, RingPosition position) const {
  Step step;
  step.target = target;
  const RoutingTable::NextHop hop = routing_.next_hop(position);
  if (hop.kind != RoutingTable::NextHop::Kind::node) return step;
  const Connection* connection = connections_.find(hop.node);
  if (connection == nullptr) return step;
  step.kind = Step::Kind::forward;
  step.link = connection->link;
  step.next = hop.node;
  return step;
}

Forwarder::Step Forwarder::step_for(const wire::DestinationList& destinations) const {
  std::size_t removed = 0;
  for (const wire::Destination& destination : destinations) {
    Step step;
    step.target = destination;
    if (destination.is_node()) {
      const NodeId node = destination.node();
      if (node == rules_.self && removed + 1 < destinations.size()) {
        ++removed;
        continue;
      }
      if (node == rules_.self || node == wildcard_node_id) {
        step.kind = Step::Kind::deliver;
      } else if (const Connection* connection = connections_.find(node)) {
        step.kind = Step::Kind::forward;
        step.link = connection->link;
        step.next = node;
      } else {
        // A Node-ID this node is responsible for and not linked with is dropped (§6.1.1).
        step = route(destination, node.position);
      }
    } else if (destination.is_resource()) {
      const auto resource = destination.resource();
      if (!resource || removed + 1 != destinations.size()) return step;  // §6.1.1: silently
      if (routing_.responsible(resource->position)) {
        step.kind = Step::Kind::deliver;
      } else if (const Connection* connection = connections_.find(NodeId{resource->position})) {
        step.kind = Step::Kind::forward;  // §10.3
        step.link = connection->link;
        step.next = connection->node;
      } else {
        step = route(destination, resource->position);
      }
    }
    step.removed = removed;
    return step;
  }
  return {};
}

FirstHop Forwarder::first_hop(const wire::DestinationList& destinations) const {
  const Step step = step_for(destinations);
  switch (step.kind) {
    case Step::Kind::deliver:
      if (step.target.is_node() && step.target.node() == wildcard_node_id) return {};
      return {FirstHop::Kind::self, {}, rules_.self};
    case Step::Kind::forward:
      return {FirstHop::Kind::link, step.link, step.next};
    case Step::Kind::drop:
      break;
  }
  return {};
}

void Forwarder::receive(Now now, link::LinkId link, const NodeId& neighbour, ByteView bytes) {
  ++counters_.received;
  const auto message = wire::MessageView::parse(bytes);
  if (!message) {
    ++counters_.dropped_malformed;
    return;
  }
  const wire::ForwardingHeader& header = message->header();
  if (header.overlay != rules_.overlay_hash) {
    ++counters_.dropped_overlay;
    return;
  }
  Arrival arrival{link, neighbour, *message, {}};
  if (bytes.size() > rules_.max_message_bytes) {
    ++counters_.dropped_size;
    return refuse(now, arrival, wire::ErrorCode::message_too_large, "max-message-size");
  }
  if (header.ttl > rules_.initial_ttl) {
    ++counters_.dropped_ttl;
    return refuse(now, arrival, wire::ErrorCode::ttl_exceeded, "ttl above initial-ttl");
  }
  if (resource_out_of_place(header)) {  // §6.1.1: silently
    ++counters_.dropped_place;
    return;
  }
  // §13.6.5. Only Node-IDs can be told: equal opaque ids may be of different nodes.
  if (has_duplicates(header.destination_list)) {
    ++counters_.dropped_duplicate;
    return refuse(now, arrival, wire::ErrorCode::invalid_message, "a node is listed twice");
  }
  const Step step = step_for(header.destination_list);
  switch (step.kind) {
    case Step::Kind::deliver:
      ++counters_.delivered;
      arrival.target = step.target;
      handler_.on_arrival(now, arrival);
      return;
    case Step::Kind::forward:
      return forward(now, arrival, step);
    case Step::Kind::drop:
      ++counters_.dropped_route;
      return;
  }
}

void Forwarder::forward(Now now, const Arrival& arrival, const Step& step) {
  const wire::ForwardingHeader& header = arrival.message.header();
  if (!rules_.routes) {
    ++counters_.dropped_route;
    return;
  }
  if (header.ttl == 0) {
    ++counters_.dropped_ttl;
    return refuse(now, arrival, wire::ErrorCode::ttl_exceeded, "ttl");
  }
  if (forward_critical(header)) {
    ++counters_.dropped_option;
    return refuse(now, arrival, wire::ErrorCode::unsupported_forwarding_option, "option");
  }
  const bool answer = !begins_request(arrival.message).value_or(true);
  wire::HeaderChange change;
  change.ttl = static_cast<std::uint8_t>(header.ttl - 1);
  change.destinations_removed = step.removed;
  if (!answer) {
    // A request that was here already, or that would go back to where it has been, goes round.
    if (names(header.via_list, rules_.self) || names(header.via_list, step.next) ||
        step.next == arrival.neighbour) {
      ++counters_.dropped_loop;
      return refuse(now, arrival, wire::ErrorCode::not_found, "routing loop");
    }
    change.via_appended = wire::Destination::of(arrival.neighbour);
  }
  const auto bytes = wire::forwarded(arrival.message, change);
  if (!bytes) {
    ++counters_.dropped_size;
    return refuse(now, arrival, wire::ErrorCode::message_too_large, "via_list");
  }
  const std::size_t header_bytes = bytes->size() - arrival.message.body().size();
  if (send_bytes(now, step.link, *bytes, header_bytes)) ++counters_.forwarded;
}

void Forwarder::refuse(Now now, const Arrival& arrival, wire::ErrorCode error, const char* info) {
  if (!begins_request(arrival.message).value_or(false)) return;
  if (!errors_.allow(now)) {
    ++counters_.errors_withheld;
    return;
  }
  handler_.on_refused(now, arrival, error, info);
}

Expected<void> Forwarder::send(Now now, link::LinkId link, const wire::ForwardingHeader& header,
                               ByteView body) {
  const Bytes message = wire::with_header(header, body);
  return send_bytes(now, link, message, message.size() - body.size());
}

Expected<void> Forwarder::send_bytes(Now now, link::LinkId link, ByteView message,
                                     std::size_t header_bytes) {
  const auto pieces = FragmentPlan::of(message.size(), header_bytes, links_.message_bytes_max());
  if (!pieces) {
    ++counters_.dropped_size;
    return Failure(pieces.error());
  }
  Expected<void> result;
  if (pieces->count == 1) {
    result = links_.send(now, link, message);
  } else {
    Bytes piece;
    for (std::size_t i = 0; i < pieces->count && result; ++i) {
      make_fragment(message, header_bytes, *pieces, i, piece);
      result = links_.send(now, link, piece);
      ++counters_.fragments_made;
    }
  }
  if (!result) ++counters_.dropped_link;
  return result;
}

void Forwarder::count(CounterVisitor& visitor) const {
  const ForwardingCounters& c = counters_;
  visitor.counter("forwarding_messages_received", c.received);
  visitor.counter("forwarding_messages_delivered", c.delivered);
  visitor.counter("forwarding_messages_forwarded", c.forwarded);
  visitor.counter("forwarding_fragments_made", c.fragments_made);
  visitor.counter("forwarding_messages_dropped_malformed", c.dropped_malformed);
  visitor.counter("forwarding_messages_dropped_overlay", c.dropped_overlay);
  visitor.counter("forwarding_messages_dropped_ttl", c.dropped_ttl);
  visitor.counter("forwarding_messages_dropped_loop", c.dropped_loop);
  visitor.counter("forwarding_messages_dropped_duplicate", c.dropped_duplicate);
  visitor.counter("forwarding_messages_dropped_place", c.dropped_place);
  visitor.counter("forwarding_messages_dropped_route", c.dropped_route);
  visitor.counter("forwarding_messages_dropped_option", c.dropped_option);
  visitor.counter("forwarding_messages_dropped_size", c.dropped_size);
  visitor.counter("forwarding_messages_dropped_link", c.dropped_link);
  visitor.counter("forwarding_errors_withheld", c.errors_withheld);
  visitor.gauge("forwarding_connections", connections_.size());
}

}  // namespace chordial::forwarding
