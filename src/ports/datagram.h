// A UDP datagram on its way in or out of a node. Knows no protocol.
#pragma once

#include "base/address.h"
#include "base/bytes.h"

namespace chordial::ports {

// The sockets of a node (design: one NAT binding for all links).
enum class SocketRole : std::uint8_t {
  link,         // every overlay link
  application,  // AppAttach connections
  sip,          // phones
};

// `bytes` lives until the call it is an argument of returns.
struct Datagram {
  SocketRole socket = SocketRole::link;
  SocketAddress local;  // the address the peer sent to; answers leave from it
  SocketAddress remote;
  ByteView bytes;
};

}  // namespace chordial::ports
