#include "app/node_file.h"

namespace chordial::app {

namespace {

// A basic string of TOML.
std::string quoted(const std::string& text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += std::string("\\u00") + digits[byte >> 4] + digits[byte & 15];
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string quoted(const std::vector<SocketAddress>& addresses) {
  std::string result = "[";
  for (const SocketAddress& address : addresses) {
    if (result.size() > 1) result += ", ";
    result += quoted(address.text());
  }
  return result + ']';
}

std::string listening(const char* section, const SocketAddress& listen,
                      const SocketAddress& advertise) {
  std::string text = std::string("\n[") + section + "]\nlisten = " + quoted(listen.text()) + '\n';
  if (advertise.port != 0) text += "advertise = " + quoted(advertise.text()) + '\n';
  return text;
}

}  // namespace

std::string node_file(const node::NodeConfig& config, const std::string& heading) {
  std::string text = "# " + heading + "\n\n[node]\n";
  text += "overlay = " + quoted(config.overlay) + '\n';
  text += "state_dir = " + quoted(config.state_dir) + '\n';
  text += "control_socket = " + quoted(config.control_socket) + '\n';
  if (!config.bootstrap.empty()) text += "bootstrap = " + quoted(config.bootstrap) + '\n';
  if (config.first) text += "first = true  # may found the overlay when nobody answers\n";
  text += listening("link", config.link_listen, config.link_advertise);
  text += listening("application", config.application_listen, config.application_advertise);
  text += "\n# Where phones register.\n[sip]\nudp = " + quoted(config.sip_udp) +
          "\ntcp = " + quoted(config.sip_tcp) + '\n';
  return text;
}

}  // namespace chordial::app
