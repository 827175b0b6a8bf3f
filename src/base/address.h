// IPv4 and IPv6 transport addresses as values. Knows no socket.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chordial {

class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0
  static IpAddress v4(std::uint32_t host_order);
  static IpAddress v6(const std::array<std::uint8_t, 16>& bytes);
  // 4 or 16 bytes in network order; empty otherwise.
  static std::optional<IpAddress> from_bytes(ByteView bytes);
  // "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; empty on anything else (host names included).
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const { return v4_; }
  [[nodiscard]] bool is_v6() const { return !v4_; }
  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_multicast() const;
  // 4 or 16 bytes, network order.
  [[nodiscard]] ByteView bytes() const {
    return {bytes_.data(), v4_ ? std::size_t{4} : std::size_t{16}};
  }
  [[nodiscard]] std::uint32_t v4_host_order() const;
  // Without brackets.
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // the first four for IPv4, the rest zero
  bool v4_ = true;
};

struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  // "192.0.2.1:5060" or "[2001:db8::1]:5060"; empty on anything else.
  static std::optional<SocketAddress> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

}  // namespace chordial
