// The network under links of the *message* fidelity: it carries whole messages between the nodes of
// one process and says when a link is lost. The simulator implements it. Knows no message contents.
#pragma once

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace chordial::link {

enum class PacketKind : std::uint8_t {
  hello,    // opens a link; bytes = the client's certificate
  welcome,  // the server's answer; bytes = its certificate
  refusal,  // the server did not accept the client
  message,  // one RELOAD message
  goodbye,  // the other side closed the link
  lost,     // made by the network: what `from_link` sent could not be delivered
};

// Ends of a link are numbered by the layer they belong to; 0 where the number is not known yet.
struct Packet {
  PacketKind kind = PacketKind::message;
  SocketAddress from;
  SocketAddress to;
  std::uint32_t from_link = 0;
  std::uint32_t to_link = 0;
  ByteView bytes;  // lives until the call it is an argument of returns
};

// Keeps the order of packets between two nodes or not, as it likes; never duplicates. A packet that
// cannot be delivered (loss of all its retransmissions, a dead node, a partition) comes back to its
// sender as `lost`, with from_link and to_link swapped, when the wire fidelity would have given up.
// A goodbye that cannot be delivered does not come back: the end it was for becomes `lost`, when
// its keepalives would have met with silence.
class MessageNetwork {
 public:
  virtual void carry(Now now, const Packet& packet) = 0;

 protected:
  ~MessageNetwork() = default;
};

}  // namespace chordial::link
