// How many bytes went over links and what for. One per shard.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "link/message_network.h"
#include "ports/datagram.h"

namespace chordial::sim {

struct Traffic {
  // Store, Fetch, Find, Stat, AppAttach, and direct connections. SIP in the tunnel, which is a
  // Ping, cannot be told from maintenance.
  std::uint64_t usage_bytes = 0;
  std::uint64_t maintenance_bytes = 0;  // everything else, and opening and closing links
  std::uint64_t messages = 0;

  void count(const link::Packet& packet);
  // Of a whole node.
  void count(const ports::Datagram& datagram);
  void add(const Traffic& other) {
    usage_bytes += other.usage_bytes;
    maintenance_bytes += other.maintenance_bytes;
    messages += other.messages;
  }
};

// An authenticated Binding request and its answer, with IP and UDP, as the wire fidelity would send
// them over an idle link.
inline constexpr std::uint64_t keepalive_bytes = 2 * (28 + 20 + 24 + 24 + 8);

}  // namespace chordial::sim
