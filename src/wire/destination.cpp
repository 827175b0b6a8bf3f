#include "wire/destination.h"

#include <algorithm>

#include "base/assert.h"

namespace chordial::wire {

void read(ByteReader& reader, WireResourceId& resource) {
  const ByteView bytes = reader.vector(1, "resource_id");
  if (bytes.size() > resource_id_bytes_max) {
    reader.fail(ErrorKind::limit, "resource_id", "longer than 254 bytes");
    return;
  }
  resource = WireResourceId(bytes);
}

void write(ByteWriter& writer, const WireResourceId& resource) {
  writer.vector(1, resource.bytes());
}

void Destination::keep(ByteView bytes) {
  if (bytes.size() <= own_.size() && !bytes.empty()) {
    std::ranges::copy(bytes, own_.begin());
    own_size_ = static_cast<std::uint8_t>(bytes.size());
  } else {
    view_ = bytes;
  }
}

Destination Destination::of(const NodeId& node) {
  Destination destination;
  destination.type_ = DestinationType::node;
  destination.keep(node.bytes());
  return destination;
}

Destination Destination::of(const WireResourceId& resource) {
  Destination destination;
  destination.type_ = DestinationType::resource;
  destination.keep(resource.bytes());
  return destination;
}

Destination Destination::opaque(ByteView id) {
  Destination destination;
  destination.type_ = DestinationType::opaque_id;
  destination.keep(id);
  return destination;
}

Destination Destination::compressed(std::uint16_t id) {
  Destination destination;
  destination.type_ = DestinationType::opaque_id;
  destination.compressed_ = true;
  destination.own_[0] = static_cast<std::uint8_t>((id >> 8) | 0x80);
  destination.own_[1] = static_cast<std::uint8_t>(id);
  destination.own_size_ = 2;
  return destination;
}

NodeId Destination::node() const {
  CHORDIAL_INVARIANT(is_node());
  return *NodeId::from_bytes(data());
}

std::optional<ResourceId> Destination::resource() const {
  CHORDIAL_INVARIANT(is_resource());
  return ResourceId::from_bytes(data());
}

std::uint16_t Destination::compressed_id() const {
  CHORDIAL_INVARIANT(compressed_);
  return static_cast<std::uint16_t>((own_[0] << 8) | own_[1]);
}

std::size_t Destination::wire_bytes() const {
  if (compressed_) return 2;
  const bool has_own_length = is_resource() || is_opaque();
  return 2 + (has_own_length ? 1 : 0) + data().size();
}

bool operator==(const Destination& a, const Destination& b) {
  return a.type() == b.type() && a.is_compressed() == b.is_compressed() &&
         equal(a.data(), b.data());
}

void read(ByteReader& reader, Destination& destination) {
  ByteReader start = reader;
  const std::uint8_t first = reader.u8("Destination.type");
  if ((first & 0x80) != 0) {
    const std::uint8_t second = reader.u8("Destination.opaque_id");
    destination = Destination::compressed(static_cast<std::uint16_t>((first << 8) | second));
    return;
  }
  ByteReader data = reader.sub_reader(1, "Destination.destination_data");
  destination = Destination();
  destination.type_ = static_cast<DestinationType>(first);
  switch (destination.type_) {
    case DestinationType::invalid:
      start.fail(ErrorKind::malformed, "Destination.type", "invalidDestinationType");
      reader.adopt(start);
      return;
    case DestinationType::node:
      destination.keep(data.take(node_id_bytes, "Destination.node_id"));
      break;
    case DestinationType::resource:
      destination.keep(data.vector(1, "Destination.resource_id"));
      break;
    case DestinationType::opaque_id:
      destination.keep(data.vector(1, "Destination.opaque_id"));
      break;
    default:
      destination.keep(data.rest());
  }
  data.expect_end("Destination.destination_data");
  reader.adopt(data);
}

void write(ByteWriter& writer, const Destination& destination) {
  if (destination.is_compressed()) {
    writer.u16(destination.compressed_id());
    return;
  }
  writer.u8(static_cast<std::uint8_t>(destination.type()));
  const std::size_t hole = writer.open(1);
  if (destination.is_resource() || destination.is_opaque()) {
    writer.vector(1, destination.data());
  } else {
    writer.raw(destination.data());
  }
  writer.close(hole, 1);
}

}  // namespace chordial::wire
