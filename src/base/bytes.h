// Views and buffers of bytes, and hexadecimal text. Knows no format.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chordial {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes to_bytes(ByteView view) {
  return {view.begin(), view.end()};
}

[[nodiscard]] bool equal(ByteView a, ByteView b);
// Same answer; the time taken depends on the length alone. For secrets and digests.
[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);

[[nodiscard]] std::string to_hex(ByteView bytes);  // lower case
// Accepts both cases; white space between digits is skipped. Empty on anything else or an odd
// count.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

}  // namespace chordial
