#include "link/client_hello.h"

#include <algorithm>

namespace chordial::link {

namespace {

constexpr std::uint8_t content_handshake = 22;
constexpr std::uint8_t content_application_data = 23;
constexpr std::uint8_t handshake_client_hello = 1;
// Record: type, version, epoch, sequence number, length. Handshake: type, length, message_seq,
// fragment_offset, fragment_length. Then client_version and random.
constexpr std::size_t record_header_bytes = 13;
constexpr std::size_t handshake_header_bytes = 12;
constexpr std::size_t random_at = record_header_bytes + handshake_header_bytes + 2;

}  // namespace

DatagramKind datagram_kind(ByteView datagram) {
  if (datagram.empty()) return DatagramKind::other;
  if (datagram[0] <= 3) return DatagramKind::stun;
  return datagram[0] >= 20 && datagram[0] <= 63 ? DatagramKind::dtls : DatagramKind::other;
}

std::optional<HelloRandom> client_hello_random(ByteView datagram) {
  HelloRandom random{};
  if (datagram.size() < random_at + random.size() || datagram[0] != content_handshake ||
      datagram[record_header_bytes] != handshake_client_hello) {
    return std::nullopt;
  }
  const bool first_epoch = datagram[3] == 0 && datagram[4] == 0;
  const std::size_t offset_at = record_header_bytes + 6;
  const bool first_fragment =
      datagram[offset_at] == 0 && datagram[offset_at + 1] == 0 && datagram[offset_at + 2] == 0;
  if (!first_epoch || !first_fragment) return std::nullopt;
  std::copy_n(datagram.begin() + random_at, random.size(), random.begin());
  return random;
}

bool handshake_record(ByteView datagram) {
  return !datagram.empty() && datagram[0] != content_application_data;
}

}  // namespace chordial::link
