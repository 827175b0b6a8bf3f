// One Forwarder on a bench: links that record, a routing table that says what it is told, and what
// reached the upper layers.
#pragma once

#include <map>

#include "forwarding/forwarder.h"

namespace chordial::forwarding {

inline NodeId node(std::uint64_t n) {
  return NodeId{{n, n}};
}
inline ResourceId resource(std::uint64_t n) {
  return ResourceId{{n, n}};
}
inline Now at_ms(std::int64_t ms) {
  return {MonotonicTime(Duration(ms * 1000)), WallTime{}};
}

struct BenchLinks final : link::LinkLayer {
  struct Sent {
    link::LinkId link;
    Bytes bytes;
  };
  std::vector<Sent> sent;
  std::size_t bytes_max = 65536;

  Expected<link::LinkId> connect(Now, const SocketAddress&, std::optional<NodeId>) override {
    return failure(ErrorKind::limit, "links", "none here");
  }
  Expected<void> send(Now, link::LinkId link, ByteView message) override {
    if (message.size() > bytes_max) return failure(ErrorKind::limit, "message", "too long");
    sent.push_back({link, to_bytes(message)});
    return {};
  }
  void close(Now, link::LinkId) override {}
  link::LinkInfo info(link::LinkId) const override { return {}; }
  SocketAddress local_address() const override { return {}; }
  std::size_t message_bytes_max() const override { return bytes_max; }
};

struct BenchRouting final : RoutingTable {
  std::map<RingPosition, NodeId> next;
  std::vector<RingPosition> own;

  NextHop next_hop(RingPosition position) const override {
    if (responsible(position)) return {NextHop::Kind::self, {}};
    const auto at = next.find(position);
    if (at == next.end()) return {};
    return {NextHop::Kind::node, at->second};
  }
  bool responsible(RingPosition position) const override {
    for (const RingPosition& mine : own) {
      if (mine == position) return true;
    }
    return false;
  }
};

struct BenchHandler final : ForwardingHandler {
  struct Delivered {
    NodeId neighbour;
    wire::DestinationType type;
    Bytes body;
  };
  std::vector<Delivered> delivered;
  std::vector<wire::ErrorCode> refused;

  void on_arrival(Now, const Arrival& arrival) override {
    delivered.push_back(
        {arrival.neighbour, arrival.target.type(), to_bytes(arrival.message.body())});
  }
  void on_refused(Now, const Arrival&, wire::ErrorCode error, const char*) override {
    refused.push_back(error);
  }
};

// Node 1, linked with nodes 2, 3 and 4 over links of the same number; responsible for 100.
struct Bench {
  Rules rules;
  ConnectionTable connections;
  BenchRouting routing;
  BenchLinks links;
  BenchHandler handler;
  Forwarder forwarder{rules, connections, routing, links, handler};

  Bench() {
    rules.self = node(1);
    rules.overlay_hash = 77;
    for (std::uint64_t n : {2, 3, 4})
      connections.put({node(n), link::LinkId{n}});
    routing.own.push_back(resource(100).position);
    routing.own.push_back(node(5).position);  // its place, but no link
    routing.next[resource(200).position] = node(3);
    routing.next[node(9).position] = node(4);
  }

  void receive(const Bytes& message, std::uint64_t from = 2) {
    forwarder.receive(at_ms(1000), link::LinkId{from}, node(from), message);
  }
};

// A message of two code bytes and a filling.
struct Message {
  wire::ForwardingHeader header;
  std::vector<wire::Destination> to;
  std::vector<wire::Destination> via;
  std::vector<wire::ForwardingOption> options;
  Bytes body;

  explicit Message(std::vector<wire::Destination> destinations,
                   wire::MessageCode code = wire::MessageCode::ping_req, std::size_t size = 40)
      : to(std::move(destinations)) {
    header.overlay = 77;
    header.transaction_id = 0x1122334455667788;
    const auto number = static_cast<std::uint16_t>(code);
    body.push_back(static_cast<std::uint8_t>(number >> 8));
    body.push_back(static_cast<std::uint8_t>(number));
    for (std::size_t i = 2; i < size; ++i)
      body.push_back(static_cast<std::uint8_t>(i * 7));
  }
  Bytes bytes() {
    header.destination_list = to;
    header.via_list = via;
    header.options = options;
    return wire::with_header(header, body);
  }
};

}  // namespace chordial::forwarding
