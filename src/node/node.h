// One whole node without IO (design §3): overlay peer, SIP and the usage between them, behind the
// verbs of ports::Driven. No globals: any number of nodes live in one process. Knows no socket,
// file or thread.
#pragma once

#include <memory>

#include "base/log.h"
#include "crypto/link_security.h"
#include "link/wire_link_layer.h"
#include "node/node_config.h"
#include "node/node_outbox.h"
#include "node/node_status.h"
#include "node/sip_front.h"
#include "overlay/peer.h"

namespace chordial::node {

// Everything referred to outlives the node; the context may go once adopt() has brought the next.
struct NodeEnvironment {
  const overlay::SharedContext& context;
  crypto::Signer& signer;                 // the node certificate's key
  crypto::LinkSecurityContext& security;  // of links and of direct connections
  usage::UserSigners& users;              // user certificates for this node
  sip::CredentialStore& credentials;      // HA1 of this node's phones
  overlay::ConfigurationHandler& configuration;
  TimerQueue& timers;
  Log& log;
  bool names_proven = true;  // false in a self-signed overlay
};

class Node final : public ports::Driven,
                   private overlay::PeerHandler,
                   private usage::SipUsageHandler {
 public:
  Node(const NodeConfig& config, const NodeEnvironment& environment, Rng rng);
  ~Node() override;

  // Once and before anything else, with what the disk held; then the node joins.
  void start(Now now, const std::vector<ports::PersistedRecord>& records);
  // Closes the direct connections and says goodbye to the overlay; finished() follows within 6 s.
  // What its users have stored there stays until its lifetime ends, for a restart to find.
  void leave(Now now);
  // A newer configuration document was accepted; `writes` keep it for the next start.
  void adopt(Now now, const overlay::SharedContext& context,
             std::vector<ports::PersistWrite> writes);

  [[nodiscard]] overlay::Peer& peer() { return peer_; }
  [[nodiscard]] const usage::SipUsage& usage() const { return usage_; }
  // The key this node holds for a user; null where it has none.
  [[nodiscard]] crypto::Signer* user_signer(std::string_view aor) {
    return environment_.users.signer_of(aor);
  }
  [[nodiscard]] usage::OverlayLocation& location() { return usage_.location(); }
  [[nodiscard]] NodeStatus status() const;
  // Users with a phone here and their contacts, in order of AOR.
  void registrations(Now now,
                     std::vector<std::pair<std::string, std::vector<sip::Target>>>& users) const;
  [[nodiscard]] std::size_t user_count() const { return sip_->registrar().aors(); }
  // The same for people: of more than `users_max` users the first ones.
  [[nodiscard]] std::vector<UserStatus> users(Now now, std::size_t users_max) const;
  void count(CounterVisitor& visitor) const;

  void handle_datagram(Now now, const ports::Datagram& datagram) override;
  void handle_stream(Now now, const ports::StreamAccepted& event) override;
  void handle_stream(Now now, const ports::StreamConnected& event) override;
  void handle_stream(Now now, const ports::StreamReceived& event) override;
  void handle_stream(Now now, const ports::StreamClosed& event) override;
  void handle_completion(Now now, const ports::PersistCompletion& completion) override;
  void handle_timeout(Now now) override;
  [[nodiscard]] bool poll_transmit(ports::Datagram& datagram) override {
    return outbox_.poll_transmit(datagram);
  }
  [[nodiscard]] std::optional<ports::StreamRequest> poll_stream() override {
    return outbox_.poll_stream();
  }
  [[nodiscard]] std::optional<ports::PersistRequest> poll_persist() override {
    return outbox_.poll_persist();
  }
  [[nodiscard]] MonotonicTime poll_timeout() const override {
    return outbox_.has_refused() ? MonotonicTime{} : environment_.timers.next();
  }
  [[nodiscard]] bool finished() const override;

 private:
  // overlay::PeerHandler
  void on_phase_changed(Now now, overlay::Phase phase) override;
  void on_neighbours_changed(Now now) override;
  [[nodiscard]] Expected<void> on_tunnel_message(Now now,
                                                 const overlay::TunnelMessage& message) override;
  void on_app_attach(Now now, overlay::AppAttachId id, const NodeId& from,
                     const overlay::AppAttach& offer) override;

  // usage::SipUsageHandler
  void on_node_message(Now now, const sip::Flow& flow, ByteView bytes) override;
  void on_node_send_failed(Now now, sip::TransactionId on_behalf_of, const Error& why) override;
  void on_node_flow_lost(Now now, const sip::Flow& flow, const Error& why) override;

  [[nodiscard]] FlowTokenKey flow_token_key(const std::vector<ports::PersistedRecord>& records);
  void tell_refused(Now now);
  void remember_peers();
  void note_disk(const Expected<void>& result);
  [[nodiscard]] BootstrapStatus bootstrap_status(overlay::Phase phase) const;
  [[nodiscard]] overlay::PeerOptions peer_options() const;

  NodeConfig config_;
  NodeEnvironment environment_;
  Rng rng_;
  NodeOutbox outbox_;
  link::WireLinkLayer wire_links_;
  link::WireLinkLayer application_links_;
  overlay::Peer peer_;
  usage::SipUsage usage_;
  std::optional<SipFront> sip_;            // from start() on
  std::vector<SocketAddress> remembered_;  // as they stand on disk
  std::optional<Error> unwritten_;         // why the disk has refused the latest write
  bool leaving_ = false;
};

}  // namespace chordial::node
