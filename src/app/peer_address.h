// Addresses of peers as people write them.
#pragma once

#include <optional>
#include <string>

#include "base/address.h"

namespace chordial::app {

// "192.0.2.1", "192.0.2.1:7000", "2001:db8::1" or "[2001:db8::1]:7000"; without a port RELOAD's
// own, 6084. Empty on anything else.
[[nodiscard]] std::optional<SocketAddress> peer_address(const std::string& text);

// What to tell whoever wrote something else behind `option`.
[[nodiscard]] std::string not_an_address(const std::string& option, const std::string& text);

}  // namespace chordial::app
