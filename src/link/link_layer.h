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

class LinkHandler {
 public:
  // The handshake is over and the peer's certificate is proven; the pointer lives during the call.
  virtual void on_link_up(Now now, LinkId link, const NodeId& peer,
                          const crypto::Certificate& certificate) = 0;
  // One whole RELOAD message or fragment; the view dies with the call.
  virtual void on_link_message(Now now, LinkId link, ByteView message) = 0;
  // The link is over (failed handshake, lost, closed by the peer). Not called for close() of ours.
  // The id means nothing any more.
  virtual void on_link_down(Now now, LinkId link, const Error& why) = 0;

 protected:
  ~LinkHandler() = default;
};

struct LinkInfo {
  SocketAddress remote;
  const char* security = "";  // the cipher suite's name
  std::uint32_t rtt_us = 0;   // smoothed; 0 before the first sample
  bool established = false;
};

class LinkLayer {
 public:
  virtual ~LinkLayer() = default;

  // Starts a handshake as client (RFC 6940 §6.5.1: the active side). `expected`: who must answer;
  // nothing for a bootstrap address. The passive side needs no call: whoever comes with a
  // certificate of this overlay shows up by on_link_up. Errors: limit (too many links).
  [[nodiscard]] virtual Expected<LinkId> connect(Now now, const SocketAddress& remote,
                                                 std::optional<NodeId> expected) = 0;
  // At most message_bytes_max(). Errors: limit (size), unavailable (unknown link, queue full): the
  // message was dropped, end-to-end retransmission repairs it.
  [[nodiscard]] virtual Expected<void> send(Now now, LinkId link, ByteView message) = 0;
  virtual void close(Now now, LinkId link) = 0;
  [[nodiscard]] virtual LinkInfo info(LinkId link) const = 0;
  // Where peers reach this node: the candidates of an Attach.
  [[nodiscard]] virtual SocketAddress local_address() const = 0;
  // Anything longer must be fragmented (§6.7).
  [[nodiscard]] virtual std::size_t message_bytes_max() const = 0;
};

}  // namespace chordial::link
