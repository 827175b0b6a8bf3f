#include "topology/chord/messages.h"

namespace chordial::topology::chord {

namespace {

NodeIdList read_list(ByteReader& reader, const char* field) {
  const ByteView bytes = reader.vector(2, field);
  if (bytes.size() % node_id_bytes != 0) {
    reader.fail(ErrorKind::malformed, field, "no whole number of Node-IDs");
    return {};
  }
  return NodeIdList(bytes);
}

void write_list(ByteWriter& writer, const std::vector<NodeId>& nodes) {
  const std::size_t hole = writer.open(2);
  for (const NodeId& node : nodes)
    writer.raw(node.bytes());
  writer.close(hole, 2);
}

ByteWriter start_update(std::uint32_t uptime_s, UpdateType type) {
  ByteWriter writer;
  writer.u32(uptime_s);
  writer.u8(static_cast<std::uint8_t>(type));
  return writer;
}

}  // namespace

NodeId NodeIdList::operator[](std::size_t i) const {
  return *NodeId::from_bytes(bytes_.subspan(i * node_id_bytes, node_id_bytes));
}

bool NodeIdList::contains(const NodeId& node) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if ((*this)[i] == node) return true;
  }
  return false;
}

Expected<ChordUpdate> decode_update(ByteView bytes) {
  ByteReader reader(bytes);
  ChordUpdate update;
  update.uptime_s = reader.u32("uptime");
  const std::uint8_t type = reader.u8("type");
  update.type = static_cast<UpdateType>(type);
  if (reader.ok() && (type < 1 || type > 3)) {
    reader.fail(ErrorKind::malformed, "type", "no ChordUpdateType");
  }
  if (type == 2 || type == 3) {
    update.predecessors = read_list(reader, "predecessors");
    update.successors = read_list(reader, "successors");
  }
  if (type == 3) update.fingers = read_list(reader, "fingers");
  reader.expect_end("ChordUpdate");
  if (!reader.ok()) return Failure(reader.error());
  return update;
}

Expected<NodeId> decode_route_query_answer(ByteView bytes) {
  ByteReader reader(bytes);
  const ByteView next_peer = reader.take(node_id_bytes, "next_peer");
  reader.expect_end("ChordRouteQueryAns");
  if (!reader.ok()) return Failure(reader.error());
  return *NodeId::from_bytes(next_peer);
}

Expected<ChordLeaveData> decode_leave(ByteView bytes) {
  ByteReader reader(bytes);
  ChordLeaveData leave;
  const std::uint8_t type = reader.u8("type");
  leave.type = static_cast<LeaveType>(type);
  if (reader.ok() && (type < 1 || type > 2)) {
    reader.fail(ErrorKind::malformed, "type", "no ChordLeaveType");
  }
  leave.nodes = read_list(reader, type == 1 ? "successors" : "predecessors");
  reader.expect_end("ChordLeaveData");
  if (!reader.ok()) return Failure(reader.error());
  return leave;
}

Bytes encode_peer_ready(std::uint32_t uptime_s) {
  return start_update(uptime_s, UpdateType::peer_ready).take();
}

Bytes encode_neighbors(std::uint32_t uptime_s, const std::vector<NodeId>& predecessors,
                       const std::vector<NodeId>& successors) {
  ByteWriter writer = start_update(uptime_s, UpdateType::neighbors);
  write_list(writer, predecessors);
  write_list(writer, successors);
  return writer.take();
}

Bytes encode_full(std::uint32_t uptime_s, const std::vector<NodeId>& predecessors,
                  const std::vector<NodeId>& successors, const std::vector<NodeId>& fingers) {
  ByteWriter writer = start_update(uptime_s, UpdateType::full);
  write_list(writer, predecessors);
  write_list(writer, successors);
  write_list(writer, fingers);
  return writer.take();
}

Bytes encode_route_query_answer(const NodeId& next_peer) {
  ByteWriter writer;
  writer.raw(next_peer.bytes());
  return writer.take();
}

Bytes encode_leave(LeaveType type, const std::vector<NodeId>& nodes) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(type));
  write_list(writer, nodes);
  return writer.take();
}

}  // namespace chordial::topology::chord
