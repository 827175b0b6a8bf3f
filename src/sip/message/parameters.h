// Parameters behind semicolons, `;name=value;flag` (RFC 3261 §25.1 generic-param, uri-parameter),
// as a view over the text they stand in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace chordial::sip {

struct Parameter {
  std::string_view name;
  std::string_view value;  // as it stands there: escapes and quotes included
  bool has_value = false;
};

// Above this a value is refused: finding doubles must stay cheap.
inline constexpr std::size_t parameters_max = 64;

enum class ParameterStyle : std::uint8_t { header, uri };

class Parameters {
 public:
  Parameters() = default;
  // `text` is empty or begins at the first ';'. Caller's duty: it has passed check().
  explicit Parameters(std::string_view text) : text_(text) {}

  // Whether the whole text is well-formed: every name is there and stands once (RFC 3261 §7.3.1),
  // every quote is closed, at most parameters_max of them. `offset` is the place of `text` in the
  // message. In a URI, names and values may hold percent escapes and no white space.
  static Expected<void> check(std::string_view text, ParameterStyle style, const char* field,
                              std::uint32_t offset);

  // Names compare without case.
  [[nodiscard]] std::optional<Parameter> find(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  // The value; empty if the parameter or its value is missing.
  [[nodiscard]] std::string_view value(std::string_view name) const;

  // Takes the first parameter off `rest`, which begins as a Parameters' text does.
  static std::optional<Parameter> take(std::string_view& rest);

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string_view text_;
};

}  // namespace chordial::sip
