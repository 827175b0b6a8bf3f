// The overlay algorithm as a plugin (RFC 6940 §6.4.1): a pure state machine over ids and time. It
// knows no transport, no message format but its own overlay-specific bodies, no storage and no
// certificates.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "base/time.h"
#include "topology/intents.h"

namespace chordial::topology {

// What the configuration document says to a plugin (RFC 6940 §11.1 and extensions of ours).
struct Parameters {
  std::uint32_t update_interval_s = 600;  // chord-update-interval
  std::uint32_t ping_interval_s = 3600;   // chord-ping-interval
  bool reactive = true;                   // chord-reactive
  std::uint8_t successors = 8;            // length of the successor list, 1 to 32
  std::uint8_t predecessors = 3;          // 1 to 32
  std::uint8_t fingers = 16;              // 0 to 128
  std::uint8_t replicas = 2;              // copies beside the responsible peer's, 0 to 8
  bool full_mesh = true;                  // run as full mesh below successors + 1 peers
  std::uint32_t replica_hold_s = 30;      // no new replicas so long after a failure (§10.7.1)
};

enum class Phase : std::uint8_t {
  idle,     // not started
  joining,  // looking for its place
  ring,     // a member
  leaving,
  // Was a member and has lost the link to every other one. It still answers for everything it is
  // asked, and still admits joining nodes. The overlay's duty: discover, then start_joining.
  isolated,
};

// "joining" and so on, as `status` prints them.
[[nodiscard]] const char* phase_name(Phase phase);

// Where a message for a position goes next.
struct NextHop {
  enum class Kind : std::uint8_t { self, node, none } kind = Kind::none;
  NodeId node;  // a linked node, when kind is node
};

class Plugin {
 public:
  virtual ~Plugin() = default;

  // The name in the configuration document's topology-plugin element.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // This node is the first of the overlay.
  virtual void start_first(Now now, Intents& intents) = 0;
  // A link to `bootstrap`, a member of the overlay, is up: join through it. Also after isolation.
  virtual void start_joining(Now now, const NodeId& bootstrap, Intents& intents) = 0;
  // Leave gracefully; Phase::leaving until the node goes away.
  virtual void start_leaving(Now now, Intents& intents) = 0;

  // §10.7.4.4, now and then: ask through `bootstrap`, a linked node found by discovery, who is
  // responsible for the place after this node; anyone but the successor means another ring, and the
  // two are merged. Nothing happens outside Phase::ring.
  virtual void check_partition(Now, const NodeId& bootstrap, Intents&) {
    static_cast<void>(bootstrap);
  }

  // A proven link with `peer` is up (either side may have asked for it). It becomes a member to
  // route through only when an Update says so: a RELOAD client never sends one. Caller's duty:
  // where a peer has restarted and comes with a new association, on_link_down for the old one comes
  // first. A second on_link_up without it changes nothing.
  virtual void on_link_up(Now now, const NodeId& peer, Intents& intents) = 0;
  // The link is lost.
  virtual void on_link_down(Now now, const NodeId& peer, Intents& intents) = 0;
  virtual void on_attach_failed(Now now, const AttachIntent& attach, Intents& intents) = 0;

  // Requests from linked, proven nodes. The returned bytes are the answer's overlay_specific_data;
  // an error is answered with the RELOAD error of its kind, and the state is unchanged.
  [[nodiscard]] virtual Expected<Bytes> on_join(Now now, const NodeId& joining, ByteView data,
                                                Intents& intents) = 0;
  // The values for the joining node have been stored there: announce it (§10.5 steps 7 and 8). If
  // the place has gone to another joining node meanwhile, this one is told and asks that one.
  virtual void on_join_transferred(Now now, const NodeId& joining, Intents& intents) = 0;
  [[nodiscard]] virtual Expected<void> on_update(Now now, const NodeId& from, ByteView data,
                                                 Intents& intents) = 0;
  [[nodiscard]] virtual Expected<void> on_leave(Now now, const NodeId& from, ByteView data,
                                                Intents& intents) = 0;
  // Also where a linked node asks for an Update by Attach or RouteQuery with send_update.
  [[nodiscard]] virtual Expected<Bytes> on_route_query(Now now, const NodeId& from,
                                                       RingPosition destination, ByteView data) = 0;
  virtual void on_update_requested(Now now, const NodeId& from, Intents& intents) = 0;

  // Answers to intents. `answered` is false for an error or a time-out.
  virtual void on_join_answered(Now now, const NodeId& from, bool answered, ByteView data,
                                Intents& intents) = 0;
  virtual void on_update_answered(Now now, const NodeId& to, bool answered, Intents& intents) = 0;
  virtual void on_route_query_answered(Now now, const RouteQueryIntent& query, bool answered,
                                       ByteView data, Intents& intents) = 0;
  // `responder` is who answered the Ping.
  virtual void on_ping_answered(Now now, const PingIntent& ping, std::optional<NodeId> responder,
                                Intents& intents) = 0;

  virtual void on_timer(Now now, Intents& intents) = 0;
  [[nodiscard]] virtual MonotonicTime next_timer() const = 0;

  [[nodiscard]] virtual Phase phase() const = 0;
  // Whether so few peers are known that everyone is linked with everyone (`mesh` in status).
  [[nodiscard]] virtual bool mesh() const { return false; }
  // The next hop for a message to whoever is responsible for `position` (Resource-ID or Node-ID).
  [[nodiscard]] virtual NextHop next_hop(RingPosition position) const = 0;
  [[nodiscard]] virtual bool responsible(RingPosition position) const = 0;
  // Who shall hold copies of what this node is responsible for, nearest first; at most
  // Parameters::replicas. Replaces what `nodes` held.
  virtual void replica_set(std::vector<NodeId>& nodes) const = 0;
  // Whether `from` may store a replica of `position` here: it is (or was just now) responsible for
  // it.
  [[nodiscard]] virtual bool accepts_replica(RingPosition position, const NodeId& from) const = 0;
  // Whether a value at `position` should still be kept here, as responsible peer or replica.
  [[nodiscard]] virtual bool keeps(RingPosition position) const = 0;
  // §6.3.4: whether an answer for `position` may come from `responder`: nobody this node knows is
  // closer.
  [[nodiscard]] virtual bool plausible_responder(RingPosition position,
                                                 const NodeId& responder) const = 0;

  // For status and the checkers, nearest first; these replace what `nodes` held.
  virtual void successors(std::vector<NodeId>& nodes) const = 0;
  virtual void predecessors(std::vector<NodeId>& nodes) const = 0;
  virtual void fingers(std::vector<NodeId>& nodes) const = 0;
  // Whether the plugin wants to keep a link with this node.
  [[nodiscard]] virtual bool wants(const NodeId& node) const = 0;
  [[nodiscard]] virtual double overlay_size_estimate() const = 0;
  // Parts per billion of the ring this node answers for (Probe).
  [[nodiscard]] virtual std::uint32_t responsible_ppb() const = 0;
  // Heap and object bytes, for the memory account of the simulator.
  [[nodiscard]] virtual std::size_t memory_bytes() const = 0;
};

// The plugin the document names; null when this build has none of that name. The rng and the
// parameters outlive it. Defined in registry/, which alone knows all plugins.
[[nodiscard]] std::unique_ptr<Plugin> make_plugin(std::string_view name, const NodeId& self,
                                                  const Parameters& parameters, Rng& rng);

}  // namespace chordial::topology
