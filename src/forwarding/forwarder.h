// Receipt and forwarding of messages (RFC 6940 §6.1, §6.2, §6.3.2, §6.7): destination and via
// lists, TTL, loop defence, forwarding options, fragments. A message that passes through is never
// parsed behind its header, and costs one output buffer. Knows no signatures and no methods.
//
// Via lists are kept in full: this node adds the node a request came from, and needs no state for
// the way back. Opaque ids of others (§6.1.3) are carried; a list that begins with one is dropped,
// for this node never issues any.
#pragma once

#include <optional>

#include "base/counters.h"
#include "forwarding/connection_table.h"
#include "forwarding/rate_limit.h"
#include "wire/message.h"

namespace chordial::forwarding {

// What the configuration document and the node's role say; outlives the Forwarder, may change.
struct Rules {
  NodeId self;
  std::uint32_t overlay_hash = 0;
  std::uint8_t initial_ttl = 100;
  std::uint32_t max_message_bytes = 65536;  // of a whole message and of a fragment
  bool routes = true;                       // false for a client (§4.2)
};

// Where messages go that no link leads to: the topology plugin, seen from here.
class RoutingTable {
 public:
  struct NextHop {
    enum class Kind : std::uint8_t { self, node, none } kind = Kind::none;
    NodeId node;
  };
  [[nodiscard]] virtual NextHop next_hop(RingPosition position) const = 0;
  [[nodiscard]] virtual bool responsible(RingPosition position) const = 0;

 protected:
  ~RoutingTable() = default;
};

// A message or fragment for this node. Views die with the call.
struct Arrival {
  link::LinkId link{};
  NodeId neighbour;  // at the other end of the link
  const wire::MessageView& message;
  wire::Destination target;  // the entry of the destination list that means this node
};

class ForwardingHandler {
 public:
  virtual void on_arrival(Now now, const Arrival& arrival) = 0;
  // This node must answer the request with an error (§6.3.3.1); `arrival.target` means nothing.
  // Never called about an answer, an error or a later fragment; rate-limited already.
  virtual void on_refused(Now now, const Arrival& arrival, wire::ErrorCode error,
                          const char* info) = 0;

 protected:
  ~ForwardingHandler() = default;
};

// The first step of a message of our own.
struct FirstHop {
  enum class Kind : std::uint8_t {
    self,  // this node is the destination
    link,
    none,  // no route
  } kind = Kind::none;
  link::LinkId link{};
  NodeId node;
};

struct ForwardingCounters {
  std::uint32_t received = 0;
  std::uint32_t delivered = 0;
  std::uint32_t forwarded = 0;
  std::uint32_t fragments_made = 0;
  std::uint32_t dropped_malformed = 0;
  std::uint32_t dropped_overlay = 0;  // another overlay's hash
  std::uint32_t dropped_ttl = 0;
  std::uint32_t dropped_loop = 0;       // where it goes, it has been
  std::uint32_t dropped_duplicate = 0;  // a node twice in the destination list
  std::uint32_t dropped_place = 0;      // a Resource-ID where none may stand
  std::uint32_t dropped_route = 0;      // no next hop
  std::uint32_t dropped_option = 0;
  std::uint32_t dropped_size = 0;
  std::uint32_t dropped_link = 0;  // the link did not take it
  std::uint32_t errors_withheld = 0;
};

class Forwarder {
 public:
  // Errors sent by this node for others' requests.
  static constexpr std::uint16_t errors_per_second_max = 20;
  static constexpr std::uint16_t errors_burst_max = 40;

  // All references outlive it.
  Forwarder(const Rules& rules, ConnectionTable& connections, const RoutingTable& routing,
            link::LinkLayer& links, ForwardingHandler& handler)
      : rules_(rules),
        connections_(connections),
        routing_(routing),
        links_(links),
        handler_(handler) {}

  // One message or fragment from a linked node.
  void receive(Now now, link::LinkId link, const NodeId& neighbour, ByteView bytes);

  // Where a message of ours with this destination list goes first.
  [[nodiscard]] FirstHop first_hop(const wire::DestinationList& destinations) const;
  // Sends a message of ours, in fragments where it must be. `body` is all behind the header.
  // Errors: those of LinkLayer::send, limit.
  Expected<void> send(Now now, link::LinkId link, const wire::ForwardingHeader& header,
                      ByteView body);

  [[nodiscard]] const ForwardingCounters& counters() const { return counters_; }
  void count(CounterVisitor& visitor) const;

 private:
  struct Step {
    enum class Kind : std::uint8_t { deliver, forward, drop } kind = Kind::drop;
    wire::Destination target;
    std::size_t removed = 0;  // own entries at the front of the destination list
    link::LinkId link{};
    NodeId next;
  };

  [[nodiscard]] Step step_for(const wire::DestinationList& destinations) const;
  [[nodiscard]] Step route(const wire::Destination& target, RingPosition position) const;
  void forward(Now now, const Arrival& arrival, const Step& step);
  void refuse(Now now, const Arrival& arrival, wire::ErrorCode error, const char* info);
  Expected<void> send_bytes(Now now, link::LinkId link, ByteView message, std::size_t header_bytes);

  const Rules& rules_;
  ConnectionTable& connections_;
  const RoutingTable& routing_;
  link::LinkLayer& links_;
  ForwardingHandler& handler_;
  RateLimit errors_{errors_per_second_max, errors_burst_max};
  ForwardingCounters counters_;
};

// Whether the message begins with the code of a request; nothing for a later fragment, which does
// not say.
[[nodiscard]] std::optional<bool> begins_request(const wire::MessageView& message);

}  // namespace chordial::forwarding
