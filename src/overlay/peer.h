// One member of an overlay: a peer or a client of RELOAD (RFC 6940 §3, §4.2). Composes forwarding,
// transport, storage and the topology plugin; carries out the plugin's intents; joins, repairs,
// leaves. Sans-IO: time, links, timers, randomness and the disk are given. Knows no SIP, no XML and
// no socket.
#pragma once

#include <memory>
#include <vector>

#include "base/counters.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/timer_queue.h"
#include "link/link_layer.h"
#include "overlay/requests.h"
#include "overlay/shared_context.h"
#include "ports/outbox.h"

namespace chordial::overlay {

enum class Role : std::uint8_t {
  peer,
  client,  // §4.2: uses the overlay; routes and stores nothing
};

enum class Phase : std::uint8_t {
  stopped,   // start() has not been called, or the leaving is over
  isolated,  // no link to any other member: local stores are served, bootstrap is retried
  joining,
  ring,  // a member (of a client: admitted through at least one peer)
  mesh,  // a member of an overlay small enough to be a full mesh
  leaving,
};

// "stopped" and so on, as `status` prints them.
[[nodiscard]] const char* phase_name(Phase phase);

// What one peer is made of; everything referred to outlives it.
struct PeerOptions {
  NodeId self;  // named by signer.certificate()
  Role role = Role::peer;
  // May found the overlay when no bootstrap address answers; false: keeps asking.
  bool first = false;
  std::vector<SocketAddress> bootstrap;  // addresses to try in turn; at most bootstrap_max
};
inline constexpr std::size_t bootstrap_max = 64;

struct BootstrapState;
class PeerHandler;
class ConfigurationHandler;
class Core;

struct PeerEnvironment {
  crypto::Signer& signer;  // the node certificate's key
  link::LinkLayer& links;  // its LinkHandler is the Peer
  ports::Outbox& outbox;
  TimerQueue& timers;
  Rng& rng;
  Log& log;
  PeerHandler& handler;
  ConfigurationHandler& configuration;
};

struct LinkState {
  NodeId node;
  link::LinkInfo info;
  bool client = false;  // has never sent an Update or a Join
};

// Present sizes, for status and the memory account.
struct Sizes {
  std::size_t links = 0;
  std::size_t transactions = 0;  // requests of ours without an answer yet
  std::size_t resources = 0;     // stored here
  std::size_t stored_bytes = 0;
  std::size_t memory_bytes = 0;  // object and heap, estimated
};

// What happens to the peer. One per Peer. Calls may come from inside any call into the Peer.
class PeerHandler {
 public:
  virtual void on_phase_changed(Now now, Phase phase) = 0;
  // Successors, predecessors or links have changed: look again whether one's records still stand.
  virtual void on_neighbours_changed(Now now) = 0;
  // A SIP message for this node. An error is answered with the RELOAD error of its kind and means
  // that the message was not taken over; success is answered "delivered". Repetitions of a request
  // never get here.
  [[nodiscard]] virtual Expected<void> on_tunnel_message(Now now, const TunnelMessage& message) = 0;
  // Somebody wants a direct connection. Answer with Peer::answer_app_attach within 15 s, also from
  // inside this call; then, with No-ICE, connect to offer.candidates as DTLS client.
  virtual void on_app_attach(Now now, AppAttachId id, const NodeId& from,
                             const AppAttach& offer) = 0;

 protected:
  ~PeerHandler() = default;
};

// Who judges configuration documents heard from the overlay (§6.5.4).
class ConfigurationHandler {
 public:
  // A document said to be newer. Verify it; if it is good, build a new SharedContext and call
  // Peer::adopt (now or later). Errors: unauthentic, malformed, conflict (not newer).
  [[nodiscard]] virtual Expected<void> on_configuration(Now now, ByteView document) = 0;
  // Signed Kind definitions (ConfigUpdateType kind).
  [[nodiscard]] virtual Expected<void> on_kinds(Now now, const std::vector<ByteView>& kinds) = 0;

 protected:
  ~ConfigurationHandler() = default;
};

class Peer final : public link::LinkHandler {
 public:
  // `plugin`: topology::make_plugin(context.topology_plugin, options.self, context.topology, rng);
  // null for a client. `context`, and every one that adopt() is given, outlives the peer.
  Peer(const SharedContext& context, const PeerOptions& options,
       std::unique_ptr<topology::Plugin> plugin, const PeerEnvironment& environment);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Life. restore() before start(): the records of space stored_resources, in any order.
  void restore(Now now, const std::vector<ports::PersistedRecord>& records);
  // A simulation starts from a settled overlay: `plugin` is already that of a member, so is
  // `member`, and the link between them has long stood. Before start(); nobody is told.
  void assume_link(Now now, link::LinkId link, const NodeId& member, bool initiated);
  // Connects to the bootstrap addresses and joins; with PeerOptions::first and none that answers
  // (or none given) becomes the first peer.
  void start(Now now);
  // A link to a member was made by other means (a control connection of p2pc): join through it.
  void join_through(Now now, const NodeId& member);
  // Replaces the addresses start() tries; they also serve after isolation.
  void set_bootstrap(Now now, std::vector<SocketAddress> addresses);
  // Hands values over, tells the neighbours, closes all links; Phase::stopped follows within 5 s.
  void leave(Now now);
  // A newer configuration document. Neighbours that have an older one are sent it.
  void adopt(Now now, const SharedContext& context);
  // Disk has answered a PersistRequest. False: nothing here waits for this id.
  bool handle_completion(Now now, const ports::PersistCompletion& completion);

  // link::LinkHandler
  void on_link_up(Now now, link::LinkId link, const NodeId& peer,
                  const crypto::Certificate& certificate) override;
  void on_link_message(Now now, link::LinkId link, ByteView message) override;
  void on_link_down(Now now, link::LinkId link, const Error& why) override;
  void on_handshake_failed(Now now, const SocketAddress& remote, bool passive,
                           const Error& why) override;

  // Requests. The outcome comes to `usage` exactly once, never from inside these calls, at the
  // latest after 5 × reliability_timer (15 s); store takes up to twice that.
  // `signer` signs the values and the request (§7.3); null: the node's own.
  RequestId store(Now now, const Store& request, crypto::Signer* signer, UsageHandler& usage);
  RequestId fetch(Now now, const Fetch& request, UsageHandler& usage);
  RequestId stat(Now now, const Fetch& request, UsageHandler& usage);
  RequestId find(Now now, const ResourceId& near, std::uint32_t kind, UsageHandler& usage);
  RequestId ping(Now now, const Target& target, UsageHandler& usage);
  // One SIP message; `sip` is copied. `signer` null: the node's own.
  RequestId send_tunnel(Now now, const Target& target, ByteView sip, crypto::Signer* signer,
                        UsageHandler& usage);
  RequestId app_attach(Now now, const NodeId& node, const AppAttach& offer, UsageHandler& usage);
  // The next hop that the last node of `target` would take to `position`.
  RequestId route_query(Now now, const Target& target, RingPosition position, UsageHandler& usage);
  // Nothing more is heard of this request.
  void cancel(RequestId id);
  // The answer to PeerHandler::on_app_attach; an error is answered with the RELOAD error of its
  // kind. An id that has timed out is ignored.
  void answer_app_attach(Now now, AppAttachId id, const Expected<AppAttach>& answer);

  // State.
  [[nodiscard]] const NodeId& self() const;
  [[nodiscard]] Role role() const;
  [[nodiscard]] Phase phase() const;
  [[nodiscard]] const SharedContext& context() const;
  // Null for a client.
  [[nodiscard]] const topology::Plugin* topology() const;
  [[nodiscard]] bool linked(const NodeId& node) const;
  // overlay/bootstrap.h
  [[nodiscard]] BootstrapState bootstrap_state() const;
  // Sorted by Node-ID; at most links_max.
  void links(std::vector<LinkState>& links) const;
  [[nodiscard]] Sizes sizes() const;
  // Whether this node holds live values there (as responsible peer or replica), for the checkers.
  [[nodiscard]] bool holds(const ResourceId& resource) const;
  void count(CounterVisitor& visitor) const;

 private:
  std::unique_ptr<Core> core_;
  MonotonicTime refusal_noted_{};  // when the log last named one
};

}  // namespace chordial::overlay
