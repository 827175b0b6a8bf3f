// What forwarding and the overlay see of links: authenticated, ordered-enough carriers of RELOAD
// messages between two nodes (RFC 6940 §6.6). Two fidelities implement it: *wire* (DTLS, framing,
// acks) and *message* (whole messages, loss of a link as an event). Knows no message contents.
#pragma once

#include <optional>

#include "base/address.h"
#include "base/error.h"
#include "base/node_id.h"
#include "base/time.h"
#include "crypto/certificate.h"

namespace chordial::link {

// Never reused within a node's lifetime.
enum class LinkId : std::uint64_t {};

// Calls come from inside the link layer's own verbs; every call back into the layer is allowed from
// them, close() of the same link included.
class LinkHandler {
 public:
  // The handshake is over and the peer's certificate is proven; the reference lives during the
  // call. Two nodes may come to hold two links with each other (over different addresses, or
  // because each connected to the other): both are announced, and it is the handler's choice which
  // to keep.
  virtual void on_link_up(Now now, LinkId link, const NodeId& peer,
                          const crypto::Certificate& certificate) = 0;
  // One whole RELOAD message or fragment; the view dies with the call.
  virtual void on_link_message(Now now, LinkId link, ByteView message) = 0;
  // The link is over (failed handshake, lost, closed by the peer). Not called for close() of ours.
  // The id means nothing any more.
  virtual void on_link_down(Now now, LinkId link, const Error& why) = 0;
  // A handshake came to nothing. `passive`: the other side began it, and no link was announced;
  // else on_link_down follows.
  virtual void on_handshake_failed(Now /*now*/, const SocketAddress& /*remote*/, bool /*passive*/,
                                   const Error& /*why*/) {}
  // A record without RELOAD framing whose first byte is an upper-case letter: one SIP message of
  // the dialog that is this link. Unreliable and unordered.
  virtual void on_link_sip(Now /*now*/, LinkId /*link*/, ByteView /*message*/) {}

 protected:
  ~LinkHandler() = default;
};

struct LinkInfo {
  SocketAddress remote;
  const char* security = "";  // the cipher suite's name
  std::uint32_t rtt_us = 0;   // smoothed; 0 before the first sample
  bool established = false;
  // No acknowledgement since three retransmissions: leave it out of the routing table until it is
  // false again (RFC 6940 §6.6.3.1).
  bool suspect = false;
  MonotonicTime
      last_heard{};  // the latest authenticated record or message; of a new link, its start
};

class LinkLayer {
 public:
  virtual ~LinkLayer() = default;

  // Starts a handshake as client (RFC 6940 §6.5.1: the active side). `expected`: who must answer;
  // nothing for a bootstrap address. The passive side needs no call: whoever comes with a
  // certificate of this overlay shows up by on_link_up. Where a handshake with that address is
  // under way already, its link is returned. Errors: limit (too many links), conflict (an
  // established link with that very address: close it first), invalid (no port, or this node's own
  // address).
  [[nodiscard]] virtual Expected<LinkId> connect(Now now, const SocketAddress& remote,
                                                 std::optional<NodeId> expected) = 0;
  // At most message_bytes_max(). Errors: limit (size), unavailable (unknown link, queue full): the
  // message was dropped, end-to-end retransmission repairs it.
  [[nodiscard]] virtual Expected<void> send(Now now, LinkId link, ByteView message) = 0;
  // Tells the other side and forgets the link; an unknown id is ignored.
  virtual void close(Now now, LinkId link) = 0;
  [[nodiscard]] virtual LinkInfo info(LinkId link) const = 0;
  // Where peers reach this node: the candidates of an Attach.
  [[nodiscard]] virtual SocketAddress local_address() const = 0;
  // Anything longer must be fragmented (§6.7).
  [[nodiscard]] virtual std::size_t message_bytes_max() const = 0;
};

}  // namespace chordial::link
