// IpAddressPort (RFC 6940 §6.3.1.1) and TurnServer (§9).
#pragma once

#include <optional>

#include "base/address.h"
#include "wire/list.h"

namespace chordial::wire {

enum class AddressType : std::uint8_t { invalid = 0, ipv4_address = 1, ipv6_address = 2 };

// The structure may be extended: an unknown type is kept as bytes and has no address.
class IpAddressPort {
 public:
  IpAddressPort() = default;
  IpAddressPort(const SocketAddress& address)  // NOLINT(google-explicit-constructor)
      : type_(address.ip.is_v4() ? AddressType::ipv4_address : AddressType::ipv6_address),
        address_(address) {}

  [[nodiscard]] AddressType type() const { return type_; }
  [[nodiscard]] std::optional<SocketAddress> address() const;
  // The value of an unknown type; empty otherwise.
  [[nodiscard]] ByteView unknown() const { return unknown_; }

 private:
  friend void read(ByteReader& reader, IpAddressPort& value);

  AddressType type_ = AddressType::invalid;
  SocketAddress address_;
  ByteView unknown_;
};

void read(ByteReader& reader, IpAddressPort& value);
void write(ByteWriter& writer, const IpAddressPort& value);

// The value of Kind TURN-SERVICE.
struct TurnServer {
  std::uint8_t iteration = 0;
  IpAddressPort server_address;
};

void read(ByteReader& reader, TurnServer& server);
void write(ByteWriter& writer, const TurnServer& server);

}  // namespace chordial::wire
