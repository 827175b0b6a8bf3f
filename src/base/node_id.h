// Node-ID and Resource-ID, 128 bits each, and arithmetic on the ring they share (RFC 6940 §3,
// §10.2). Deviation: node-id-length (§11.1) may be 16 to 20; overlays of ours always use 16, and a
// document that says otherwise is refused when it is read.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chordial {

inline constexpr std::size_t node_id_bytes = 16;

// A place on the ring of 2^128, big-endian.
struct RingPosition {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr auto operator<=>(const RingPosition&, const RingPosition&) = default;
  friend constexpr RingPosition operator+(RingPosition a, RingPosition b) {
    const std::uint64_t sum_low = a.low + b.low;
    return {a.high + b.high + (sum_low < a.low ? 1 : 0), sum_low};
  }
  friend constexpr RingPosition operator-(RingPosition a, RingPosition b) {
    return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
  }
  // 2^exponent, exponent 0 to 127.
  static constexpr RingPosition power_of_two(unsigned exponent) {
    return exponent >= 64 ? RingPosition{std::uint64_t{1} << (exponent - 64), 0}
                          : RingPosition{0, std::uint64_t{1} << exponent};
  }
};

// True when walking clockwise from `after`, one meets `x` no later than `until`: x in (after,
// until]. The interval (a, a] is the whole ring.
[[nodiscard]] constexpr bool in_half_open(RingPosition after, RingPosition x, RingPosition until) {
  const RingPosition one{0, 1};
  return (x - after) - one <= (until - after) - one;
}
// x in (after, until), where (a, a) is the whole ring without a.
[[nodiscard]] constexpr bool in_open(RingPosition after, RingPosition x, RingPosition until) {
  return x != until && in_half_open(after, x, until);
}

namespace detail {

// Both kinds of id: same bytes, never mixed up by accident.
template <class Tag>
struct Id {
  RingPosition position;

  friend constexpr auto operator<=>(const Id&, const Id&) = default;

  [[nodiscard]] std::array<std::uint8_t, node_id_bytes> bytes() const {
    std::array<std::uint8_t, node_id_bytes> out{};
    for (unsigned i = 0; i < 8; ++i) {
      out[i] = static_cast<std::uint8_t>(position.high >> (56 - 8 * i));
      out[8 + i] = static_cast<std::uint8_t>(position.low >> (56 - 8 * i));
    }
    return out;
  }
  [[nodiscard]] std::string hex() const { return to_hex(bytes()); }

  // Exactly 16 bytes; empty otherwise.
  static std::optional<Id> from_bytes(ByteView view) {
    if (view.size() != node_id_bytes) return std::nullopt;
    Id id;
    for (unsigned i = 0; i < 8; ++i) {
      id.position.high = (id.position.high << 8) | view[i];
      id.position.low = (id.position.low << 8) | view[8 + i];
    }
    return id;
  }
  // Exactly 32 hexadecimal digits; empty otherwise.
  static std::optional<Id> from_hex(std::string_view text) {
    const auto bytes = chordial::from_hex(text);
    if (text.size() != 2 * node_id_bytes || !bytes) return std::nullopt;
    return from_bytes(*bytes);
  }
};

}  // namespace detail

using NodeId = detail::Id<struct NodeIdTag>;
using ResourceId = detail::Id<struct ResourceIdTag>;

// All zeros is never a valid Node-ID; all ones is the wildcard that every peer answers to (RFC 6940
// §3, §6.1.1).
inline constexpr NodeId invalid_node_id{};
inline constexpr NodeId wildcard_node_id{{~std::uint64_t{0}, ~std::uint64_t{0}}};

}  // namespace chordial
