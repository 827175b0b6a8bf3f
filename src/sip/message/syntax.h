// The small rules that all of SIP's grammar is made of (RFC 3261 §25.1): tokens, linear white
// space, quoted strings, percent escapes. Knows no header and no message.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chordial::sip {

namespace detail {

inline constexpr std::array<bool, 256> token_chars = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "-.!%*_+`'~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace detail

// Inline, these few: every byte of a header passes through them.
[[nodiscard]] inline bool is_token_char(char c) {
  return detail::token_chars[static_cast<unsigned char>(c)];
}
[[nodiscard]] bool is_token(std::string_view text);  // at least one character
[[nodiscard]] inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
// Space, tab, and the CR and LF that only a folded line can hold.
[[nodiscard]] inline bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
// ASCII only; other bytes are themselves.
[[nodiscard]] inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] inline bool equal_nocase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}
// Without the white space at both ends.
[[nodiscard]] inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_white(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_white(text.back()))
    text.remove_suffix(1);
  return text;
}

// One or more digits and nothing else, at most `max`; empty otherwise.
[[nodiscard]] std::optional<std::uint32_t> parse_decimal(std::string_view text,
                                                         std::uint32_t max = 0xffffffffU);

// The position behind the quoted string that opens at `at` (text[at] is '"'); npos if it never
// ends.
[[nodiscard]] std::size_t skip_quoted(std::string_view text, std::size_t at);
// The content of a quoted string without its quotes and backslashes; text without quotes is
// returned as it is.
[[nodiscard]] std::string unquote(std::string_view text);
// In quotes, with backslashes where they are needed. CR, LF and NUL are left out.
[[nodiscard]] std::string quote(std::string_view text);

// %HH undone once. Empty where a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

}  // namespace chordial::sip
