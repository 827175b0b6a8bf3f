// Something that happens to one node at one moment. Order: (time, destination, source, sequence,
// kind), which no two events share.
#pragma once

#include <tuple>

#include "base/bytes.h"
#include "base/time.h"
#include "link/message_network.h"

namespace chordial::sim {

// Nodes are numbered from 0 in the order of their Node-IDs.
using NodeIndex = std::uint32_t;

enum class EventKind : std::uint8_t {
  packet,    // `packet_kind` and the link numbers count
  given_up,  // a packet of one's own never arrived: packet_kind is `lost`, sequence the packet's
  silence,   // a keepalive of one's own was not answered; the link is lost if that is so still
  disk,      // the oldest PersistRequest is committed; from_link = incarnation
  datagram,  // between whole nodes; from_link, to_link: the ports
};

struct Event {
  MonotonicTime at;
  NodeIndex to = 0;
  NodeIndex from = 0;
  std::uint32_t sequence = 0;  // counted by the source; of given_up: by the destination
  EventKind kind = EventKind::packet;
  link::PacketKind packet_kind = link::PacketKind::message;
  std::uint32_t from_link = 0;
  std::uint32_t to_link = 0;
  Bytes bytes;

  [[nodiscard]] friend bool operator<(const Event& a, const Event& b) {
    return std::tie(a.at, a.to, a.from, a.sequence, a.kind) <
           std::tie(b.at, b.to, b.from, b.sequence, b.kind);
  }
};

}  // namespace chordial::sim
