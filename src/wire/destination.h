// Where a message goes and where it came from: Destination, its 16-bit compressed form, and the
// Resource-ID as it stands on the wire (RFC 6940 §6.3.1.1, §6.3.2.2). Knows nothing of routing.
#pragma once

#include <array>
#include <optional>

#include "wire/limits.h"
#include "wire/list.h"

namespace chordial::wire {

// ResourceId<0..2^8-1>. Ours are 16 bytes (§10.2); other overlays' may be up to 254, which we carry
// and print but never store.
class WireResourceId {
 public:
  WireResourceId() = default;
  WireResourceId(const ResourceId& id)  // NOLINT(google-explicit-constructor)
      : own_(id.bytes()), is_own_(true) {}
  // A window on other bytes, at most resource_id_bytes_max.
  explicit WireResourceId(ByteView view) : view_(view) {}

  [[nodiscard]] ByteView bytes() const { return is_own_ ? ByteView(own_) : view_; }
  // Empty unless it is 16 bytes long.
  [[nodiscard]] std::optional<ResourceId> id() const { return ResourceId::from_bytes(bytes()); }

 private:
  std::array<std::uint8_t, node_id_bytes> own_{};
  ByteView view_;
  bool is_own_ = false;
};

// With its length byte.
void read(ByteReader& reader, WireResourceId& resource);
void write(ByteWriter& writer, const WireResourceId& resource);

enum class DestinationType : std::uint8_t {
  invalid = 0,
  node = 1,
  resource = 2,
  opaque_id = 3,
};

class Destination {
 public:
  Destination() = default;
  static Destination of(const NodeId& node);
  static Destination of(const WireResourceId& resource);
  static Destination of(const ResourceId& resource) { return of(WireResourceId(resource)); }
  // At most 254 bytes, which outlive it.
  static Destination opaque(ByteView id);
  // The 16-bit form; the top bit is set whatever `id` says.
  static Destination compressed(std::uint16_t id);

  // A number without a name is kept and written again as it came: the list may be extended.
  [[nodiscard]] DestinationType type() const { return type_; }
  [[nodiscard]] bool is_node() const { return type_ == DestinationType::node; }
  [[nodiscard]] bool is_resource() const { return type_ == DestinationType::resource; }
  [[nodiscard]] bool is_opaque() const { return type_ == DestinationType::opaque_id; }
  [[nodiscard]] bool is_compressed() const { return compressed_; }

  // Only with is_node().
  [[nodiscard]] NodeId node() const;
  // Only with is_resource(). Empty where it is not 16 bytes long: not one of this overlay.
  [[nodiscard]] std::optional<ResourceId> resource() const;
  // The Node-ID's bytes, the Resource-ID's, the opaque id's (two for the compressed form, top bit
  // set), or the data of an unknown type.
  [[nodiscard]] ByteView data() const {
    return own_size_ != 0 ? ByteView(own_).first(own_size_) : view_;
  }
  // The two bytes as a number; only with is_compressed().
  [[nodiscard]] std::uint16_t compressed_id() const;

  [[nodiscard]] std::size_t wire_bytes() const;

 private:
  friend void read(ByteReader& reader, Destination& destination);

  void keep(ByteView bytes);

  ByteView view_;
  std::array<std::uint8_t, node_id_bytes> own_{};
  std::uint8_t own_size_ = 0;  // 0: view_ counts
  DestinationType type_ = DestinationType::invalid;
  bool compressed_ = false;
};

// Same type, form and bytes.
[[nodiscard]] bool operator==(const Destination& a, const Destination& b);

void read(ByteReader& reader, Destination& destination);
void write(ByteWriter& writer, const Destination& destination);

using DestinationList = List<Destination>;

}  // namespace chordial::wire
