// The overlay-specific bodies of CHORD-RELOAD: ChordUpdate (RFC 6940 §10.7), ChordRouteQueryAns
// (§10.8) and ChordLeaveData (§10.9). Pure codec; knows no state of a ring.
#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/node_id.h"

namespace chordial::topology::chord {

// NodeId list<0..2^16-1> as it lies in a message: nothing is copied. The bytes outlive it.
class NodeIdList {
 public:
  NodeIdList() = default;
  // Caller's duty: a multiple of 16 bytes.
  explicit NodeIdList(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size() / node_id_bytes; }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] NodeId operator[](std::size_t i) const;
  [[nodiscard]] bool contains(const NodeId& node) const;

 private:
  ByteView bytes_;
};

enum class UpdateType : std::uint8_t { peer_ready = 1, neighbors = 2, full = 3 };

// Lists of a type that does not carry them are empty. A list of a foreign peer may name anything,
// the receiver included; at most 4095 ids fit.
struct ChordUpdate {
  std::uint32_t uptime_s = 0;
  UpdateType type = UpdateType::peer_ready;
  NodeIdList predecessors;  // nearest first
  NodeIdList successors;    // nearest first
  NodeIdList fingers;       // numerically ascending
};

enum class LeaveType : std::uint8_t { from_successor = 1, from_predecessor = 2 };

struct ChordLeaveData {
  LeaveType type = LeaveType::from_successor;
  NodeIdList nodes;  // the leaving node's successors, or its predecessors
};

// Errors of all three: truncated, malformed (a list that is no multiple of 16 bytes, an unknown
// type, bytes left over). The views point into `bytes`.
[[nodiscard]] Expected<ChordUpdate> decode_update(ByteView bytes);
[[nodiscard]] Expected<NodeId> decode_route_query_answer(ByteView bytes);
[[nodiscard]] Expected<ChordLeaveData> decode_leave(ByteView bytes);

[[nodiscard]] Bytes encode_peer_ready(std::uint32_t uptime_s);
[[nodiscard]] Bytes encode_neighbors(std::uint32_t uptime_s,
                                     const std::vector<NodeId>& predecessors,
                                     const std::vector<NodeId>& successors);
[[nodiscard]] Bytes encode_full(std::uint32_t uptime_s, const std::vector<NodeId>& predecessors,
                                const std::vector<NodeId>& successors,
                                const std::vector<NodeId>& fingers);
[[nodiscard]] Bytes encode_route_query_answer(const NodeId& next_peer);
[[nodiscard]] Bytes encode_leave(LeaveType type, const std::vector<NodeId>& nodes);

}  // namespace chordial::topology::chord
