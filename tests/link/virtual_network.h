// Nodes with a WireLinkLayer each and the network between them, in virtual time: loss, delay,
// reordering, duplication and corruption from a seed.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <queue>

#include "base/timer_queue.h"
#include "link/fake_security.h"
#include "link/wire_link_layer.h"

namespace chordial::link {

struct NetworkConditions {
  Duration delay{25'000};    // one way
  Duration delay_spread{0};  // added uniformly: reorders
  double loss = 0;
  double duplication = 0;
  double corruption = 0;
};

class VirtualNetwork;

class VirtualNode final : public ports::Outbox, public LinkHandler {
 public:
  VirtualNode(VirtualNetwork& network, unsigned number, WireLinkLayerOptions options = {});

  void transmit(const ports::Datagram& datagram) override;
  void stream_connect(ports::StreamId, const SocketAddress&) override {}
  void stream_send(ports::StreamId, Bytes) override {}
  void stream_close(ports::StreamId) override {}
  void persist(ports::PersistRequest) override {}
  ports::RequestId next_request_id() override { return ports::RequestId{1}; }

  void on_link_up(Now now, LinkId link, const NodeId& peer, const crypto::Certificate&) override;
  void on_link_message(Now now, LinkId link, ByteView message) override;
  void on_link_down(Now now, LinkId link, const Error& why) override;
  void on_handshake_failed(Now now, const SocketAddress& remote, bool passive,
                           const Error& why) override;
  void on_link_sip(Now now, LinkId link, ByteView message) override;

  NodeId id;
  SocketAddress address;
  Rng rng;
  TimerQueue timers;
  FakeSecurityContext security;
  WireLinkLayer layer;

  std::map<std::uint64_t, NodeId> up;                 // links that are up now
  std::vector<std::pair<std::uint64_t, Error>> down;  // in the order they ended
  struct Failed {
    SocketAddress remote;
    bool passive;
    Error why;
  };
  std::vector<Failed> failed;  // handshakes
  std::vector<Bytes> received;
  std::vector<MonotonicTime> received_at;
  std::vector<Bytes> sip;
  bool echo = false;  // answers each message with itself
  bool close_on_message = false;
  std::size_t datagrams_sent = 0;

 private:
  VirtualNetwork& network_;
};

class VirtualNetwork {
 public:
  explicit VirtualNetwork(std::uint64_t seed, const NetworkConditions& conditions = {});

  VirtualNode& add(WireLinkLayerOptions options = {});
  // Puts a datagram on the way.
  void carry(const SocketAddress& from, const SocketAddress& to, ByteView bytes);
  // Runs everything that happens within `span`.
  void run(Duration span);
  // Until nothing is left to happen or `span` is over.
  [[nodiscard]] Now now() const { return {now_, WallTime(std::chrono::milliseconds(1))}; }

  NetworkConditions conditions;
  std::vector<std::unique_ptr<VirtualNode>> nodes;
  bool cut = false;  // nothing arrives
  std::size_t carried = 0;

 private:
  struct Event {
    MonotonicTime at;
    std::uint64_t order;
    SocketAddress from;
    SocketAddress to;
    Bytes bytes;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  Rng rng_;
  MonotonicTime now_{Duration(1'000'000)};
  std::uint64_t order_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace chordial::link
