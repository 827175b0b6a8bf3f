// A whole node with the phones whose home it is, and the local network between them: no loss, a
// millisecond. The site outlives the node's deaths; what is sent to a dead node is gone.
#pragma once

#include <deque>

#include "sim/phone.h"
#include "sim/whole_node.h"

namespace chordial::sim {

class Node;
class Shard;

class Site final : private WholeNodeSurroundings, private sip::Sender, private TimerHandler {
 public:
  static constexpr std::size_t waiting_max = 4096;  // datagrams; beyond, they get lost

  // Everything outlives it.
  Site(const World& world, Shard& shard, Node& node);

  // The node comes to life; start() follows.
  void boot(Now now, crypto::mock::MockSigner& signer, std::vector<SocketAddress> bootstrap,
            bool first);
  void start(Now now, const std::vector<ports::PersistedRecord>& records);
  void kill() { whole_.reset(); }
  [[nodiscard]] bool alive() const { return whole_ != nullptr; }
  // Only of a living node. After a call into its peer, drain() follows.
  [[nodiscard]] WholeNode& whole() { return *whole_; }

  void begin_registering(Now now, Duration within);
  void begin_work(Now now, MonotonicTime end);

 private:
  struct Waiting {
    MonotonicTime at;
    SocketAddress from;
    SocketAddress to;
    Bytes bytes;
  };

  // WholeNodeSurroundings
  void transmit(Now now, const ports::Datagram& datagram) override;
  void persist(ports::PersistRequest request) override;
  void on_node_moved(Now now) override;

  // sip::Sender, of the phones
  Expected<void> send(Now now, const sip::Flow& flow, ByteView bytes,
                      sip::TransactionId on_behalf_of) override;

  void on_timer(Now now, std::uint32_t id) override;
  void push(Now now, const SocketAddress& from, const SocketAddress& to, ByteView bytes);
  void deliver(Now now, const Waiting& datagram);

  const World& world_;
  Shard& shard_;
  Node& node_;
  UserIndex first_;
  std::unique_ptr<WholeNode> whole_;
  std::vector<std::unique_ptr<Phone>> phones_;  // by user
  std::deque<Waiting> waiting_;
  Timer timer_;
  overlay::Phase phase_ = overlay::Phase::stopped;
};

}  // namespace chordial::sim
