// SIP across the overlay: one message in one signed request, delivered or failed exactly once
// (design: the tunnel). Requests are signed by the user certificate of their From, where this node
// has it, so that the destination learns the right to that From; everything else by the node's own.
#pragma once

#include <map>

#include "overlay/peer.h"
#include "sip/flow/sender.h"
#include "sip/message/message.h"
#include "usage/sip/user_signers.h"

namespace chordial::usage {

class TunnelHandler {
 public:
  // The message did not arrive; the destination may not even know the tunnel (error unsupported).
  virtual void on_tunnel_failed(Now now, const NodeId& node, sip::TransactionId on_behalf_of,
                                ByteView sip, const Error& why) = 0;

 protected:
  ~TunnelHandler() = default;
};

class Tunnel final : public overlay::UsageHandler {
 public:
  static constexpr std::size_t outstanding_max = overlay::usage_requests_max;
  static constexpr std::size_t introduced_max = 4096;

  Tunnel(overlay::Peer& peer, UserSigners& signers, TunnelHandler& handler);
  ~Tunnel();

  // Errors: unavailable (too much outstanding).
  [[nodiscard]] Expected<void> send(Now now, const NodeId& node, ByteView bytes,
                                    sip::TransactionId on_behalf_of);
  // Whether `node` has taken a message over that `aor`'s certificate signed: from then on it
  // accepts this From on a direct connection, too.
  [[nodiscard]] bool introduced(const NodeId& node, std::string_view aor) const;
  // The node went away or started anew: what it learnt is forgotten.
  void forget(const NodeId& node);
  void count(CounterVisitor& visitor) const;

  void on_tunnel_delivered(Now now, overlay::RequestId id,
                           const overlay::Outcome<void>& outcome) override;

 private:
  struct Sent {
    NodeId node;
    sip::TransactionId on_behalf_of;
    std::string user;  // whose certificate signed; empty: the node's
    Bytes bytes;       // until it has arrived
  };

  overlay::Peer& peer_;
  UserSigners& signers_;
  TunnelHandler& handler_;
  std::map<overlay::RequestId, Sent> sent_;
  std::map<std::pair<NodeId, std::string>, std::uint64_t> introduced_;  // -> when, as a sequence
  std::uint64_t messages_ = 0, bytes_ = 0, failures_ = 0;
};

// The canonical AOR of a request's From; empty for a response or one that has none.
[[nodiscard]] std::string from_aor(const sip::Message& message);

}  // namespace chordial::usage
