#include "app/peer_address.h"

#include "configuration/overlay_configuration.h"

namespace chordial::app {

std::optional<SocketAddress> peer_address(const std::string& text) {
  std::optional<SocketAddress> address = SocketAddress::parse(text);
  if (!address) {
    if (const auto ip = IpAddress::parse(text)) {
      address = SocketAddress{*ip, configuration::default_port};
    }
  }
  if (!address || address->port == 0 || address->ip.is_unspecified() ||
      address->ip.is_multicast()) {
    return std::nullopt;
  }
  return address;
}

std::string not_an_address(const std::string& option, const std::string& text) {
  return option + " takes an IP address with or without a port, like 192.0.2.1:6084 or " +
         "[2001:db8::1]:6084, and not '" + text + "'";
}

}  // namespace chordial::app
