// Some peers in one process: mock certificates, links of the message fidelity over a network with
// latency, loss of nodes and cuts, disks, and virtual time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"
#include "link/message_link_layer.h"
#include "overlay/peer.h"

namespace chordial::overlay {

class World;

// What a usage heard, each as (request, text or value).
struct Heard final : UsageHandler {
  std::map<RequestId, Outcome<Stored>> stored;
  std::map<RequestId, Outcome<Fetched>> fetched;
  std::map<RequestId, Outcome<Statted>> statted;
  std::map<RequestId, Outcome<Found>> found;
  std::map<RequestId, Outcome<Pinged>> pinged;
  std::map<RequestId, Outcome<AppAttach>> app_attached;
  std::map<RequestId, Outcome<void>> delivered;
  std::map<RequestId, Outcome<Bytes>> queried;
  std::size_t calls = 0;

  void on_stored(Now, RequestId id, const Outcome<Stored>& o) override { put(stored, id, o); }
  void on_fetched(Now, RequestId id, const Outcome<Fetched>& o) override { put(fetched, id, o); }
  void on_statted(Now, RequestId id, const Outcome<Statted>& o) override { put(statted, id, o); }
  void on_found(Now, RequestId id, const Outcome<Found>& o) override { put(found, id, o); }
  void on_pinged(Now, RequestId id, const Outcome<Pinged>& o) override { put(pinged, id, o); }
  void on_app_attached(Now, RequestId id, const NodeId&, const Outcome<AppAttach>& o) override {
    put(app_attached, id, o);
  }
  void on_tunnel_delivered(Now, RequestId id, const Outcome<void>& o) override {
    put(delivered, id, o);
  }
  void on_route_queried(Now, RequestId id, const Outcome<Bytes>& o) override {
    put(queried, id, o);
  }

 private:
  template <class T>
  void put(std::map<RequestId, Outcome<T>>& table, RequestId id, const Outcome<T>& outcome) {
    ++calls;
    EXPECT_TRUE(table.emplace(id, outcome).second) << "a second outcome for one request";
  }
};

struct TunnelArrival {
  NodeId from;
  std::vector<NodeId> path;
  std::string text;
};

// One peer with everything around it. Stopping it leaves its disk.
class Member final : public ports::Outbox, public PeerHandler, public ConfigurationHandler {
 public:
  Member(World& world, std::size_t index, Role role);

  void boot(std::vector<SocketAddress> bootstrap, bool first);
  void kill();

  // ports::Outbox
  void transmit(const ports::Datagram&) override {}
  void stream_connect(ports::StreamId, const SocketAddress&) override {}
  void stream_send(ports::StreamId, Bytes) override {}
  void stream_close(ports::StreamId) override {}
  void persist(ports::PersistRequest request) override;
  ports::RequestId next_request_id() override { return ports::RequestId{++last_request}; }

  // PeerHandler
  void on_phase_changed(Now, Phase phase) override { phases.push_back(phase); }
  void on_neighbours_changed(Now) override { ++neighbour_changes; }
  Expected<void> on_tunnel_message(Now, const TunnelMessage& message) override;
  void on_app_attach(Now now, AppAttachId id, const NodeId& from, const AppAttach& offer) override;

  // ConfigurationHandler
  Expected<void> on_configuration(Now now, ByteView document) override;
  Expected<void> on_kinds(Now, const std::vector<ByteView>&) override { return {}; }

  World& world;
  std::size_t index;
  Role role;
  NodeId id;
  SocketAddress address;
  Rng rng;
  std::unique_ptr<Log> log;                          // prints with CHORDIAL_TEST_LOG set
  std::unique_ptr<crypto::mock::MockSigner> signer;  // of the node certificate
  std::unique_ptr<link::MessageLinkLayer> links;
  std::unique_ptr<Peer> peer;
  std::uint64_t last_request = 0;
  std::uint64_t life = 0;
  std::map<Bytes, Bytes> disk;
  bool disk_broken = false;
  std::vector<Phase> phases;
  std::size_t neighbour_changes = 0;
  std::vector<TunnelArrival> tunnelled;
  bool refuse_tunnel = false;
  const SharedContext* newer = nullptr;  // what a heard document turns out to be
  std::vector<SocketAddress> app_candidates;
};

class World final : public link::MessageNetwork {
 public:
  explicit World(std::size_t count, std::uint64_t seed = 1);
  ~World();

  Member& operator[](std::size_t i) { return *members[i]; }
  Member& add(Role role);
  // All peers join through the first, one after the other, and come to rest.
  void form();
  void run(Duration span);
  // Of everybody's wall clock.
  void set_back(std::chrono::milliseconds by) {
    set_back_by_ += by;
    now.wall -= by;
  }
  // Until `done` or the span is over.
  bool run_until(const std::function<bool()>& done, Duration span);
  [[nodiscard]] Member* member(const NodeId& id);
  // The live peer that is responsible, by its own word; checks that it is one.
  [[nodiscard]] Member* owner(const ResourceId& resource);
  [[nodiscard]] std::size_t holders(const ResourceId& resource);
  // A user certificate for that node.
  [[nodiscard]] std::unique_ptr<crypto::mock::MockSigner> user(const std::string& name,
                                                               const NodeId& node);

  void carry(Now now, const link::Packet& packet) override;

  Now now;
  TimerQueue timers;
  Rng rng;
  crypto::mock::MockAuthority authority;
  crypto::mock::MockStore certificates;
  crypto::mock::SignatureCost cost;
  crypto::mock::MockVerifier verifier;
  storage::KindTable kinds;
  SharedContext context;
  Duration latency{20'000};
  std::uint64_t serial = 0;
  // Packets for which this says true are lost (the sender hears of it after 3 s).
  std::function<bool(const SocketAddress&, const SocketAddress&)> cut;
  // May alter a RELOAD message under way; false drops it silently.
  std::function<bool(const SocketAddress&, const SocketAddress&, Bytes&)> tamper;
  std::vector<std::unique_ptr<Member>> members;
  std::uint64_t carried = 0;

 private:
  friend class Member;
  struct Flying {
    link::Packet packet;
    Bytes bytes;
  };
  void deliver(const Flying& flying);
  std::chrono::milliseconds set_back_by_{0};
  void later(Duration delay, std::function<void()> what);

  std::multimap<MonotonicTime, std::function<void()>> queue_;
};

}  // namespace chordial::overlay
