// The Connection Table (RFC 6940 §3, §6.1.2): which nodes this one is linked with, and over which
// link. Peers, clients and joining nodes alike; whether one may be routed through is the topology
// plugin's to say. Knows no messages.
#pragma once

#include <cstdint>
#include <vector>

#include "base/node_id.h"
#include "base/time.h"
#include "link/link_layer.h"

namespace chordial::forwarding {

inline constexpr std::size_t connections_max = 1024;

// Whether the node needs our certificate in messages (§6.3.4), as far as its answers have shown.
enum class CertificateNeed : std::uint8_t {
  unknown,
  known,   // it has checked our signature before
  always,  // it forgets: a message without was answered only when repeated with
};

// One linked node: 32 bytes. The flags from `initiated` on are the overlay's own notes.
struct Connection {
  NodeId node;
  link::LinkId link{};
  std::uint32_t up_ms = 0;  // monotonic clock, wraps: only differences count
  CertificateNeed certificate = CertificateNeed::unknown;
  bool initiated = false;  // this node was the active side of the handshake
  bool bootstrap = false;  // this node asked for the link to find the overlay
  bool member = false;     // has sent Join or Update: a peer and not a client
};
static_assert(sizeof(Connection) == 32);

// One link per node, sorted by Node-ID. A plain vector: a node has some dozens of links, and an
// empty table costs three words.
class ConnectionTable {
 public:
  // Adds the node or replaces its link. False when the table is full.
  bool put(const Connection& connection);
  void remove(const NodeId& node);

  [[nodiscard]] Connection* find(const NodeId& node);
  [[nodiscard]] const Connection* find(const NodeId& node) const;
  [[nodiscard]] Connection* find(link::LinkId link);

  [[nodiscard]] std::size_t size() const { return connections_.size(); }
  [[nodiscard]] bool empty() const { return connections_.empty(); }
  [[nodiscard]] const std::vector<Connection>& all() const { return connections_; }
  [[nodiscard]] std::size_t memory_bytes() const {
    return connections_.capacity() * sizeof(Connection);
  }

 private:
  std::vector<Connection> connections_;
};

}  // namespace chordial::forwarding
