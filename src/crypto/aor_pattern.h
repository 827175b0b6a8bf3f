// The pattern of user names that a delegate may certify, as it stands in the configuration
// document. Always matches a name as a whole. A small regular language that takes time in
// proportion to name × pattern, whatever its author meant: literals, `.`, `[a-z]`, `[^a-z]`, `\`
// before a character that shall stand for itself, and after each of these `*`, `+`, `?`, `{n}`,
// `{n,}` or
// `{n,m}`. A leading `^` and a closing `$` are permitted and change nothing. No groups, no
// alternatives.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace chordial::crypto {

class AorPattern {
 public:
  // Errors: malformed (with the offset in the text), limit.
  [[nodiscard]] static Expected<AorPattern> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view user_name) const;

  static constexpr std::size_t text_bytes_max = 255;
  static constexpr std::size_t steps_max = 255;  // after {n,m} is written out

 private:
  enum class Repeat : std::uint8_t { once, optional, any };
  // One character of the name, or none or many of them.
  struct Step {
    std::uint64_t low = 0;   // which of the characters 0 to 63 it takes
    std::uint64_t high = 0;  // 64 to 127
    Repeat repeat = Repeat::once;

    [[nodiscard]] bool takes(char c) const;
  };
  class Parser;

  std::vector<Step> steps_;
};

}  // namespace chordial::crypto
