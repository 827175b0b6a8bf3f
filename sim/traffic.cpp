#include "sim/traffic.h"

#include "wire/codes.h"
#include "wire/forwarding_header.h"
#include "wire/framing.h"

namespace chordial::sim {

namespace {

constexpr std::uint64_t datagram_bytes = 28;         // IPv4 and UDP
constexpr std::uint64_t record_bytes = 13 + 8 + 16;  // DTLS 1.2 with an AEAD cipher
constexpr std::uint64_t message_overhead =
    2 * (datagram_bytes + record_bytes) + wire::frame_data_header_bytes + wire::frame_ack_bytes;
// A DTLS handshake with certificates on both sides, spread over its two packets, beside them.
constexpr std::uint64_t handshake_half_bytes = 700;

std::size_t u16(ByteView bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at] << 8 | bytes[at + 1]);
}

// The message code, from its place alone; invalid where there is none.
wire::MessageCode code_of(ByteView message) {
  constexpr std::size_t lengths_at = wire::fixed_header_bytes - 6;
  if (message.size() < wire::fixed_header_bytes) return wire::MessageCode::invalid;
  const std::size_t at = wire::fixed_header_bytes + u16(message, lengths_at) +
                         u16(message, lengths_at + 2) + u16(message, lengths_at + 4);
  if (message.size() < at + 2) return wire::MessageCode::invalid;
  return static_cast<wire::MessageCode>(u16(message, at));
}

bool is_usage(wire::MessageCode code) {
  switch (code) {
    case wire::MessageCode::store_req:
    case wire::MessageCode::store_ans:
    case wire::MessageCode::fetch_req:
    case wire::MessageCode::fetch_ans:
    case wire::MessageCode::find_req:
    case wire::MessageCode::find_ans:
    case wire::MessageCode::stat_req:
    case wire::MessageCode::stat_ans:
    case wire::MessageCode::app_attach_req:
    case wire::MessageCode::app_attach_ans:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Traffic::count(const ports::Datagram& datagram) {
  (datagram.socket == ports::SocketRole::link ? maintenance_bytes : usage_bytes) +=
      datagram_bytes + datagram.bytes.size();
}

void Traffic::count(const link::Packet& packet) {
  if (packet.kind != link::PacketKind::message) {
    maintenance_bytes +=
        packet.bytes.size() + message_overhead + (packet.bytes.empty() ? 0 : handshake_half_bytes);
    return;
  }
  ++messages;
  (is_usage(code_of(packet.bytes)) ? usage_bytes : maintenance_bytes) +=
      packet.bytes.size() + message_overhead;
}

}  // namespace chordial::sim
