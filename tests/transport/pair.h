// Two nodes, each with a Transport, and a wire between them on which messages can be lost, held
// back, repeated and altered.
#pragma once

#include <functional>

#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"
#include "transport/transport.h"
#include "wire/link_messages.h"

namespace chordial::transport {

inline constexpr WallTime begin_of_time{std::chrono::milliseconds(1'700'000'000'000)};

struct Heard {
  Purpose purpose;
  bool answered = false;
  wire::ErrorCode code = wire::ErrorCode::invalid;
  ErrorKind kind = ErrorKind::internal;
  NodeId from;
  Bytes body;
  std::uint8_t hops = 0;
};

class Pair;

class Side final : public TransportHandler, public forwarding::RoutingTable, link::LinkLayer {
 public:
  Side(Pair& pair, std::uint64_t number, std::vector<NodeId> node_ids = {});

  Expected<std::uint64_t> ask(std::vector<wire::Destination> to, wire::MessageCode code,
                              ByteView body = {}, crypto::Signer* signer = nullptr);
  void receive(ByteView message);

  // TransportHandler
  void on_request(Now now, Request& request) override;
  void on_answer(Now now, const Purpose& purpose, const Answer& answer) override;
  void on_failed(Now now, const Purpose& purpose, const Failed& failed) override;
  bool plausible_responder(RingPosition, const NodeId& node) const override {
    return !implausible || *implausible != node;
  }
  void on_older_configuration(Now, std::span<const wire::Destination>) override { ++older; }
  void on_newer_configuration(Now, const NodeId&) override { ++newer; }
  // forwarding::RoutingTable
  NextHop next_hop(RingPosition) const override;
  bool responsible(RingPosition position) const override { return position == own; }
  // link::LinkLayer
  Expected<link::LinkId> connect(Now, const SocketAddress&, std::optional<NodeId>) override {
    return failure(ErrorKind::limit, "links", "none here");
  }
  Expected<void> send(Now now, link::LinkId link, ByteView message) override;
  void close(Now, link::LinkId) override {}
  link::LinkInfo info(link::LinkId) const override { return {}; }
  SocketAddress local_address() const override { return {}; }
  std::size_t message_bytes_max() const override { return link_bytes; }

  Pair& pair;
  NodeId id;
  RingPosition own;  // the place it answers for
  Settings settings;
  forwarding::Rules rules;
  Rng rng;
  forwarding::ConnectionTable connections;
  forwarding::Forwarder forwarder;
  std::unique_ptr<crypto::mock::MockSigner> signer;
  Transport transport;
  std::size_t link_bytes = 65536;
  std::vector<Heard> heard;
  std::vector<wire::MessageCode> requests;
  std::vector<NodeId> askers;
  bool keep_replies = false;
  std::vector<ReplyTo> replies;  // kept, to be answered later
  std::optional<wire::ErrorCode> refuse_with;
  std::size_t answer_bytes = 3;
  std::optional<NodeId> implausible;
  int older = 0;
  int newer = 0;
};

class Pair {
 public:
  Pair();

  std::unique_ptr<crypto::mock::MockSigner> certify(std::vector<NodeId> nodes,
                                                    const std::string& name);
  // Delivers everything on the wire, in order, and what that causes.
  void deliver();
  void run(Duration span);

  Now now{MonotonicTime(Duration(1'000'000)), begin_of_time};
  TimerQueue timers{MonotonicTime(Duration(0))};
  Rng rng{5, 6};
  crypto::mock::MockAuthority authority{"example.org", rng};
  crypto::mock::MockStore certificates{authority};
  crypto::mock::SignatureCost cost;
  crypto::mock::MockVerifier verifier{authority, cost};
  std::uint64_t serial = 0;
  struct Flying {
    Side* to;
    Bytes bytes;
  };
  std::vector<Flying> wire;
  std::size_t sent = 0;
  // False: lost. May alter.
  std::function<bool(Side& to, Bytes&)> on_wire;
  Side a;
  Side b;
};

}  // namespace chordial::transport
