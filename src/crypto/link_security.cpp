#include "crypto/link_security.h"

namespace chordial::crypto {

bool is_client_hello(ByteView datagram) {
  constexpr std::size_t record_header_bytes = 13;
  constexpr std::uint8_t content_type_handshake = 22;
  constexpr std::uint8_t handshake_type_client_hello = 1;
  return datagram.size() > record_header_bytes && datagram[0] == content_type_handshake &&
         datagram[1] == 0xfe && datagram[3] == 0 && datagram[4] == 0 &&
         datagram[record_header_bytes] == handshake_type_client_hello;
}

}  // namespace chordial::crypto
