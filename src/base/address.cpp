#include "base/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace chordial {

IpAddress IpAddress::v4(std::uint32_t host_order) {
  IpAddress ip;
  for (unsigned i = 0; i < 4; ++i)
    ip.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return ip;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress ip;
  ip.bytes_ = bytes;
  ip.v4_ = false;
  return ip;
}

std::optional<IpAddress> IpAddress::from_bytes(ByteView bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  IpAddress ip;
  ip.v4_ = bytes.size() == 4;
  std::copy(bytes.begin(), bytes.end(), ip.bytes_.begin());
  return ip;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  }
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::copy(text.begin(), text.end(), buffer);
  buffer[text.size()] = 0;
  std::uint8_t raw[16];
  if (inet_pton(AF_INET, buffer, raw) == 1) return from_bytes({raw, 4});
  if (inet_pton(AF_INET6, buffer, raw) == 1) return from_bytes({raw, 16});
  return std::nullopt;
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_loopback() const {
  if (v4_) return bytes_[0] == 127;
  return bytes_[15] == 1 &&
         std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_multicast() const {
  return v4_ ? (bytes_[0] >> 4) == 14 : bytes_[0] == 0xff;
}

std::uint32_t IpAddress::v4_host_order() const {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value = (value << 8) | bytes_[i];
  return value;
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.find(':') != std::string_view::npos && host.front() != '[') return std::nullopt;
  const auto ip = IpAddress::parse(host);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!ip || digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return SocketAddress{*ip, port};
}

std::string SocketAddress::text() const {
  return (ip.is_v4() ? ip.text() : "[" + ip.text() + "]") + ":" + std::to_string(port);
}

}  // namespace chordial
