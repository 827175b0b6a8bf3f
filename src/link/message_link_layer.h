// Links of the *message* fidelity (design: two fidelities of one interface): whole messages handed
// to a MessageNetwork, link-up after one round trip with the certificates checked as the wire
// fidelity checks them, loss of a link as an event. No framing, acknowledgements or records: their
// effect on time is the network's to model. Small, because a simulation holds a million link ends.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "crypto/certificate_store.h"
#include "link/link_layer.h"
#include "link/message_network.h"

namespace chordial::link {

struct MessageLinkOptions {
  SocketAddress local;
  NodeId self;
  const crypto::Certificate* certificate = nullptr;  // names self; outlives the layer
  std::size_t links_max = 256;
  // How often an idle link end would have sent a keepalive; zero where the overlay has none.
  Duration keepalive_interval{0};
};

class MessageLinkLayer final : public LinkLayer {
 public:
  static constexpr std::size_t message_bytes_limit = 65536;

  // The options' certificate, the store and the network outlive the layer. The store may be shared
  // by all nodes that run on one thread.
  MessageLinkLayer(const MessageLinkOptions& options, crypto::CertificateStore& certificates,
                   MessageNetwork& network);
  // Before the first call of anything else.
  void set_handler(LinkHandler& handler) { handler_ = &handler; }

  // Makes an established link between two nodes without a round trip, as if `a` had connected: a
  // simulation starts from a settled overlay. Nobody is told; the ids are returned, a's first.
  static std::pair<LinkId, LinkId> prebuild(Now now, MessageLinkLayer& a, MessageLinkLayer& b);

  // A packet addressed to this node. False: no end of ours would have acknowledged it, and the
  // network's duty is to bring it back to its sender as lost.
  [[nodiscard]] bool handle_packet(Now now, const Packet& packet);

  [[nodiscard]] Expected<LinkId> connect(Now now, const SocketAddress& remote,
                                         std::optional<NodeId> expected) override;
  [[nodiscard]] Expected<void> send(Now now, LinkId link, ByteView message) override;
  void close(Now now, LinkId link) override;
  [[nodiscard]] LinkInfo info(LinkId link) const override;
  [[nodiscard]] SocketAddress local_address() const override { return options_.local; }
  [[nodiscard]] std::size_t message_bytes_max() const override { return message_bytes_limit; }

  // Room for so many links, where their number is known beforehand.
  void reserve(std::size_t links) { ends_.reserve(links); }
  [[nodiscard]] std::size_t links() const { return ends_.size(); }
  // The other ends of all established links, for a network that lets them know when this node is
  // gone: as the keepalives would that are not simulated.
  struct Other {
    SocketAddress remote;
    std::uint32_t from_link;  // ours
    std::uint32_t to_link;    // theirs
  };
  [[nodiscard]] std::vector<Other> others() const;
  // Keepalives that idle links would have sent until now.
  [[nodiscard]] std::uint64_t keepalives(Now now) const;
  [[nodiscard]] std::size_t memory_bytes() const;
  void count(CounterVisitor& visitor) const;

 private:
  enum class State : std::uint8_t { connecting, established };

  // One end of a link.
  struct End {
    std::uint32_t number;
    std::uint32_t peer_number;  // the other end's, once established
    std::uint32_t heard_ms;     // monotonic clock, wraps: only differences count
    std::uint32_t sent_ms;
    std::array<std::uint8_t, 4> v4;  // the remote address; IPv6 remotes are not simulated
    std::uint16_t port;
    std::uint16_t rtt_units;  // of 100 µs, saturated
    State state;
  };
  static_assert(sizeof(End) <= 48, "a simulated peer has 8 KiB for everything");

  // Who must answer, where that is known.
  struct Awaited {
    std::uint32_t number;
    NodeId node;
  };

  [[nodiscard]] End* find(std::uint32_t number);
  [[nodiscard]] const End* find(std::uint32_t number) const;
  [[nodiscard]] static SocketAddress address(const End& end);
  End& add(Now now, const SocketAddress& remote, State state);
  void remove(Now now, std::uint32_t number);
  void fail(Now now, std::uint32_t number, const Error& why);
  void carry(Now now, PacketKind kind, const End& end, ByteView bytes);
  void touch(Now now, End& end, bool heard);
  void on_hello(Now now, const Packet& packet);
  void on_welcome(Now now, const Packet& packet, std::uint32_t number);
  // Whether the other end's certificate may be used now and names who was expected.
  [[nodiscard]] Expected<const crypto::Certificate*> check(Now now, ByteView der,
                                                           const NodeId& expected);
  [[nodiscard]] NodeId take_awaited(std::uint32_t number);

  MessageLinkOptions options_;
  crypto::CertificateStore& certificates_;
  MessageNetwork& network_;
  LinkHandler* handler_ = nullptr;
  std::vector<End> ends_;         // sorted by number
  std::vector<Awaited> awaited_;  // of ends that are connecting
  std::uint32_t last_number_ = 0;
  std::uint32_t refused_ = 0;
  std::uint64_t keepalives_ = 0;  // of links that are gone, and of past pauses of the others
};

}  // namespace chordial::link
