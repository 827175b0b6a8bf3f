#include "wire/address_port.h"

namespace chordial::wire {
namespace {

constexpr std::size_t ipv4_bytes = 4;
constexpr std::size_t ipv6_bytes = 16;

}  // namespace

std::optional<SocketAddress> IpAddressPort::address() const {
  if (type_ != AddressType::ipv4_address && type_ != AddressType::ipv6_address) return std::nullopt;
  return address_;
}

void read(ByteReader& reader, IpAddressPort& value) {
  value = IpAddressPort();
  value.type_ = static_cast<AddressType>(reader.u8("IpAddressPort.type"));
  ByteReader inside = reader.sub_reader(1, "IpAddressPort.length");
  const bool is_v4 = value.type_ == AddressType::ipv4_address;
  if (is_v4 || value.type_ == AddressType::ipv6_address) {
    const ByteView ip = inside.take(is_v4 ? ipv4_bytes : ipv6_bytes, "IpAddressPort.addr");
    value.address_.port = inside.u16("IpAddressPort.port");
    inside.expect_end("IpAddressPort");
    if (inside.ok()) value.address_.ip = *IpAddress::from_bytes(ip);
  } else {
    value.unknown_ = inside.rest();
  }
  reader.adopt(inside);
}

void write(ByteWriter& writer, const IpAddressPort& value) {
  writer.u8(static_cast<std::uint8_t>(value.type()));
  const std::size_t hole = writer.open(1);
  if (const auto address = value.address()) {
    writer.raw(address->ip.bytes());
    writer.u16(address->port);
  } else {
    writer.raw(value.unknown());
  }
  writer.close(hole, 1);
}

void read(ByteReader& reader, TurnServer& server) {
  server.iteration = reader.u8("TurnServer.iteration");
  read(reader, server.server_address);
}

void write(ByteWriter& writer, const TurnServer& server) {
  writer.u8(server.iteration);
  write(writer, server.server_address);
}

}  // namespace chordial::wire
