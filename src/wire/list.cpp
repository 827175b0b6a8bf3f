#include "wire/list.h"

namespace chordial::wire {

void read(ByteReader& reader, NodeId& node) {
  const ByteView bytes = reader.take(node_id_bytes, "node_id");
  if (reader.ok()) node = *NodeId::from_bytes(bytes);
}

void write(ByteWriter& writer, const NodeId& node) {
  writer.u64(node.position.high);
  writer.u64(node.position.low);
}

void read(ByteReader& reader, std::uint32_t& number) {
  number = reader.u32("KindId");
}

void write(ByteWriter& writer, std::uint32_t number) {
  writer.u32(number);
}

bool read_boolean(ByteReader& reader, const char* field) {
  ByteReader before = reader;
  const std::uint8_t value = reader.u8(field);
  if (value > 1) {
    before.fail(ErrorKind::malformed, field, "a Boolean is neither 0 nor 1");
    reader = before;
  }
  return value == 1;
}

}  // namespace chordial::wire
