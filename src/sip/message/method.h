// The request methods (RFC 3261 §7.1 and its extensions). Method names compare case-sensitively.
#pragma once

#include <cstdint>
#include <string_view>

namespace chordial::sip {

enum class Method : std::uint8_t {
  ack,
  bye,
  cancel,
  info,
  invite,
  message,
  notify,
  options,
  prack,
  publish,
  refer,
  register_,
  subscribe,
  update,
  other,  // an extension; its text is in the message
};

[[nodiscard]] Method method_of(std::string_view text);
// Empty for `other`.
[[nodiscard]] std::string_view text_of(Method method);

}  // namespace chordial::sip
