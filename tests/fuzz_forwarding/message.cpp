// Any bytes from a neighbour: whatever is passed on is a message that parses, with a smaller TTL.
#include <cstdlib>

#include "forwarding/forwarder.h"

namespace chordial::forwarding {
namespace {

NodeId node(std::uint64_t n) {
  return NodeId{{n, n}};
}

struct Around final : link::LinkLayer, RoutingTable, ForwardingHandler {
  std::uint8_t ttl = 0;

  Expected<link::LinkId> connect(Now, const SocketAddress&, std::optional<NodeId>) override {
    return failure(ErrorKind::limit, "links", "none here");
  }
  Expected<void> send(Now, link::LinkId, ByteView message) override {
    const auto view = wire::MessageView::parse(message);
    if (!view || message.size() > message_bytes_max() || view->header().ttl >= ttl) std::abort();
    return {};
  }
  void close(Now, link::LinkId) override {}
  link::LinkInfo info(link::LinkId) const override { return {}; }
  SocketAddress local_address() const override { return {}; }
  std::size_t message_bytes_max() const override { return 700; }

  NextHop next_hop(RingPosition position) const override {
    return {NextHop::Kind::node, node(2 + position.low % 3)};
  }
  bool responsible(RingPosition position) const override { return position.low % 4 == 0; }

  void on_arrival(Now, const Arrival& arrival) override {
    (void)arrival.message.contents();
    (void)arrival.message.security_block();
  }
  void on_refused(Now, const Arrival& arrival, wire::ErrorCode, const char*) override {
    if (begins_request(arrival.message) != true) std::abort();
  }
};

}  // namespace
}  // namespace chordial::forwarding

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chordial;
  using namespace chordial::forwarding;
  Bytes message(data, data + size);
  if (message.size() >= wire::fixed_header_bytes) {
    // So that mutations get past the cheapest checks.
    for (unsigned i = 0; i < 4; ++i) {
      message[i] = static_cast<std::uint8_t>(wire::relo_token >> (24 - 8 * i));
      message[16 + i] = static_cast<std::uint8_t>(message.size() >> (24 - 8 * i));
    }
    message[10] = wire::reload_version;
  }
  Rules rules;
  rules.self = node(1);
  ConnectionTable connections;
  for (std::uint64_t n : {2, 3, 4})
    connections.put({node(n), link::LinkId{n}});
  Around around;
  around.ttl = size > 11 ? data[11] : 0;
  if (size >= 8) {
    rules.overlay_hash = static_cast<std::uint32_t>(data[4]) << 24 |
                         static_cast<std::uint32_t>(data[5]) << 16 |
                         static_cast<std::uint32_t>(data[6]) << 8 | data[7];
  }
  Forwarder forwarder(rules, connections, around, around, around);
  forwarder.receive({}, link::LinkId{2}, node(2), message);
  return 0;
}
