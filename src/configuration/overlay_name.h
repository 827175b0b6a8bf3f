// The overlay's name and its 32-bit hash in every message (RFC 6940 §6.3.2).
#pragma once

#include <cstdint>
#include <string_view>

namespace chordial::configuration {

inline constexpr std::size_t overlay_name_bytes_max = 253;

// A DNS name: labels of letters, digits and inner hyphens, 1 to 63 bytes each (RFC 1035 §2.3.1,
// with digits first as RFC 1123 §2.1 allows).
[[nodiscard]] bool is_overlay_name(std::string_view name);

// The low-order 32 bits of the SHA-1 of the name as it is written.
[[nodiscard]] std::uint32_t overlay_hash(std::string_view name);

}  // namespace chordial::configuration
