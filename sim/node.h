// One simulated node: an overlay::Peer, its links, its users, its disk and what it looks up. Lives
// on one shard. Dies and comes back under the same index.
#pragma once

#include <memory>
#include <optional>

#include "link/message_link_layer.h"
#include "overlay/peer.h"
#include "sim/disk.h"
#include "sim/node_users.h"
#include "sim/site.h"
#include "sim/trace.h"

namespace chordial::sim {

class Shard;

class Node final : public ports::Outbox,
                   public overlay::PeerHandler,
                   public overlay::ConfigurationHandler,
                   public overlay::UsageHandler,
                   private TimerHandler {
 public:
  Node(const World& world, Shard& shard, NodeIndex index);
  ~Node();

  // Comes to life; start() follows. Without a plugin it gets a fresh one. It joins through
  // `bootstrap`; `first` founds the overlay.
  void boot(Now now, std::unique_ptr<topology::Plugin> plugin, std::vector<SocketAddress> bootstrap,
            bool first);
  void start(Now now);
  // Ends without a word; only the disk stays.
  void kill();
  // The network has come apart: links across the cut go silent.
  void note_cut();
  // Registers its users within the span; now and, at once, after every boot.
  void begin_registering(Now now, Duration within);
  // Looks up random users from now until `end`, and, where the scenario says so, dies and comes
  // back.
  void begin_work(Now now, MonotonicTime end);
  // Addresses of some random nodes.
  [[nodiscard]] std::vector<SocketAddress> draw_bootstrap();

  // False: nobody is here who would acknowledge the packet.
  [[nodiscard]] bool handle(Now now, const Event& event);

  [[nodiscard]] bool alive() const { return site_ ? site_->alive() : peer_ != nullptr; }
  [[nodiscard]] NodeIndex index() const { return index_; }
  // How often it has come to life.
  [[nodiscard]] std::uint32_t incarnation() const { return incarnation_; }
  // Only of a living node.
  [[nodiscard]] overlay::Peer& peer() { return site_ ? site_->whole().peer() : *peer_; }
  [[nodiscard]] const overlay::Peer& peer() const { return site_ ? site_->whole().peer() : *peer_; }
  // Only where nodes are not whole.
  [[nodiscard]] link::MessageLinkLayer& links() { return *links_; }
  [[nodiscard]] Rng& rng() { return rng_; }
  [[nodiscard]] const Trace& trace() const { return trace_; }
  [[nodiscard]] std::uint32_t next_sequence() { return ++sequence_; }
  // A datagram between the node's phones and its SIP socket.
  void note_local(Now now, ByteView datagram);
  // Keepalives idle links would have sent so far.
  [[nodiscard]] std::uint64_t keepalives(Now now) const;

  // ports::Outbox
  void transmit(const ports::Datagram&) override {}
  void stream_connect(ports::StreamId, const SocketAddress&) override {}
  void stream_send(ports::StreamId, Bytes) override {}
  void stream_close(ports::StreamId) override {}
  void persist(ports::PersistRequest request) override;
  ports::RequestId next_request_id() override { return ports::RequestId{++last_request_}; }

  // overlay::PeerHandler
  void on_phase_changed(Now now, overlay::Phase phase) override;
  void on_neighbours_changed(Now now) override;
  Expected<void> on_tunnel_message(Now now, const overlay::TunnelMessage& message) override;
  void on_app_attach(Now now, overlay::AppAttachId id, const NodeId& from,
                     const overlay::AppAttach& offer) override;

  // overlay::ConfigurationHandler
  Expected<void> on_configuration(Now now, ByteView document) override;
  Expected<void> on_kinds(Now now, const std::vector<ByteView>& kinds) override;

  // overlay::UsageHandler
  void on_fetched(Now now, overlay::RequestId id,
                  const overlay::Outcome<overlay::Fetched>& outcome) override;

 private:
  struct Lookup {
    overlay::RequestId request;
    UserIndex user;
    MonotonicTime started;
  };

  static constexpr std::uint32_t lookup_timer = 0;
  static constexpr std::uint32_t session_timer = 1;

  void on_timer(Now now, std::uint32_t id) override;
  void boot_peer(Now now, std::unique_ptr<topology::Plugin> plugin,
                 std::vector<SocketAddress> bootstrap, bool first);
  void handle_datagram(Now now, const Event& event);
  void look_up(Now now);
  void committed(Now now, std::uint32_t incarnation);
  void live_or_die(Now now);
  [[nodiscard]] Duration exponential(double mean_s);

  const World& world_;
  Shard& shard_;
  NodeIndex index_;
  std::uint32_t sequence_ = 0;
  std::uint32_t incarnation_ = 0;
  std::uint64_t last_request_ = 0;
  std::uint64_t keepalives_before_ = 0;  // of earlier incarnations
  Rng rng_;
  Trace trace_;
  crypto::mock::MockSigner signer_;
  std::optional<link::MessageLinkLayer> links_;
  std::unique_ptr<overlay::Peer> peer_;
  std::unique_ptr<Site> site_;  // instead of links_, peer_ and users_ where nodes are whole
  std::unique_ptr<NodeUsers> users_;
  std::unique_ptr<Disk> disk_;
  std::vector<ports::PersistRequest> committing_;
  std::vector<Lookup> lookups_;
  MonotonicTime work_end_ = start_time;
  bool registers_ = false;
  Timer lookup_timer_;
  std::unique_ptr<Timer> session_timer_;  // only where nodes come and go
};

}  // namespace chordial::sim
