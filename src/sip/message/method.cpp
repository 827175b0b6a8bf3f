#include "sip/message/method.h"

#include <array>
#include <cstddef>

namespace chordial::sip {

namespace {

constexpr std::array<std::string_view, 14> names = {
    "ACK",     "BYE",   "CANCEL",  "INFO",  "INVITE",   "MESSAGE",   "NOTIFY",
    "OPTIONS", "PRACK", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE",
};

}  // namespace

Method method_of(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<Method>(i);
  }
  return Method::other;
}

std::string_view text_of(Method method) {
  const auto index = static_cast<std::size_t>(method);
  return index < names.size() ? names[index] : std::string_view{};
}

}  // namespace chordial::sip
