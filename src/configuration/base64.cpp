#include "configuration/base64.h"

#include <array>

namespace chordial::configuration {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_a_digit = 0xff;

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(not_a_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8) | (i < count ? bytes[at + i] : 0u);
    for (std::size_t i = 0; i < 4; ++i) {
      text.push_back(i <= count ? digits[(group >> (18 - 6 * i)) & 63] : '=');
    }
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  static constexpr auto values = digit_values();
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  unsigned count = 0;
  unsigned padding = 0;
  for (const char c : text) {
    if (is_space(c)) continue;
    if (c == '=') {
      if (++padding > 2) return std::nullopt;
      continue;
    }
    const std::uint8_t value = values[static_cast<std::uint8_t>(c)];
    if (value == not_a_digit || padding != 0) return std::nullopt;
    group = (group << 6) | value;
    if (++count == 4) {
      for (int shift = 16; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<std::uint8_t>(group >> shift));
      }
      group = 0;
      count = 0;
    }
  }
  if (count == 0) return padding == 0 ? std::optional(std::move(bytes)) : std::nullopt;
  if (count == 1 || count + padding != 4) return std::nullopt;
  group <<= 6 * (4 - count);
  const std::uint32_t unused = count == 2 ? 0xffffu : 0xffu;
  if ((group & unused) != 0) return std::nullopt;
  bytes.push_back(static_cast<std::uint8_t>(group >> 16));
  if (count == 3) bytes.push_back(static_cast<std::uint8_t>(group >> 8));
  return bytes;
}

}  // namespace chordial::configuration
