// The SIP usage of one node (RFC 7904), composed: where users are, how SIP reaches another node
// (tunnel or direct connection), and who may say From. What the SIP rooms ask for, answered by the
// overlay.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sip/proxy/admission_policy.h"
#include "usage/sip/caller_rights.h"
#include "usage/sip/detour.h"
#include "usage/sip/direct_connections.h"
#include "usage/sip/introductions.h"
#include "usage/sip/overlay_location.h"
#include "usage/sip/tunnel.h"

namespace chordial::usage {

class SipUsageHandler {
 public:
  // A SIP message from another node, over a flow of kind tunnel or application.
  virtual void on_node_message(Now now, const sip::Flow& flow, ByteView bytes) = 0;
  // A message did not arrive; a `flow_lost` takes every transaction on that flow with it.
  virtual void on_node_send_failed(Now now, sip::TransactionId on_behalf_of, const Error& why) = 0;
  virtual void on_node_flow_lost(Now now, const sip::Flow& flow, const Error& why) = 0;

 protected:
  ~SipUsageHandler() = default;
};

// An INVITE that came through the tunnel, and the nodes it crossed; for `chordial routes`.
struct TunnelTrace {
  std::string call_id;
  std::vector<NodeId> path;  // origin first, this node last
};

struct SipUsageEnvironment {
  overlay::Peer& peer;
  link::LinkLayer& application_links;  // its handler is direct_connections()
  ports::Outbox& outbox;
  TimerQueue& timers;
  Rng& rng;
  UserSigners& signers;
  SipUsageHandler& handler;
};

class SipUsage final : public sip::NodeFlows,
                       public sip::AdmissionPolicy,
                       private TunnelHandler,
                       private DirectConnectionsHandler,
                       private IntroductionsHandler {
 public:
  static constexpr std::size_t traces_max = 32;
  static constexpr std::size_t call_id_bytes_max = 256;  // of a trace

  // Everything outlives it.
  explicit SipUsage(const SipUsageEnvironment& environment);

  [[nodiscard]] OverlayLocation& location() { return location_; }
  [[nodiscard]] DirectConnections& direct_connections() { return direct_; }
  [[nodiscard]] CallerRights& rights() { return rights_; }
  [[nodiscard]] const std::deque<TunnelTrace>& traces() const { return traces_; }
  // Users of this node whose record stands in the overlay.
  [[nodiscard]] std::size_t published() const { return location_.published(); }

  // sip::Sender for flows of kind tunnel and application. Errors: unavailable, limit, unsupported
  // (any other kind of flow).
  [[nodiscard]] Expected<void> send(Now now, const sip::Flow& flow, ByteView bytes,
                                    sip::TransactionId on_behalf_of);

  // From overlay::PeerHandler.
  [[nodiscard]] Expected<void> on_tunnel_message(Now now, const overlay::TunnelMessage& message);
  void on_neighbours_changed(Now now) { location_.recheck(now); }

  [[nodiscard]] sip::Flow flow_to(const NodeId& node, std::size_t message_bytes) const override;
  [[nodiscard]] Expected<void> admit(Now now, const sip::Message& request, const sip::Flow& flow,
                                     std::string_view from_aor) const override;
  void count(CounterVisitor& visitor) const;

 private:
  void trace(const overlay::TunnelMessage& message);
  [[nodiscard]] bool without_tunnel(const NodeId& node) const;
  [[nodiscard]] Expected<void> send_around_tunnel(Now now, const NodeId& node, ByteView bytes,
                                                  sip::TransactionId on_behalf_of);
  void on_tunnel_failed(Now now, const NodeId& node, sip::TransactionId on_behalf_of, ByteView sip,
                        const Error& why) override;
  void on_direct_message(Now now, const NodeId& node, ByteView sip) override;
  void on_direct_up(Now now, const NodeId& node) override;
  void on_direct_refused(Now now, const NodeId& node, const Error& why) override;
  void on_introduced(Now now, const NodeId& node, ByteView sip) override;
  void on_direct_down(Now now, const NodeId& node, const Error& why) override;
  void on_direct_given_up(Now now, const NodeId& node) override;

  SipUsageEnvironment environment_;
  CallerRights rights_;
  OverlayLocation location_;
  Tunnel tunnel_;
  DirectConnections direct_;
  Detour detour_;
  Introductions introductions_;
  std::deque<TunnelTrace> traces_;
};

}  // namespace chordial::usage
