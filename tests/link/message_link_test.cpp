// Links of the message fidelity: who gets one, who is refused, and what a link costs.
#include <deque>
#include <gtest/gtest.h>
#include <map>

#include "link/fake_security.h"
#include "link/message_link_layer.h"

namespace chordial::link {
namespace {

// Certificates are 16 bytes of Node-ID; the sixteenth says what is wrong with them.
class FakeStore final : public crypto::CertificateStore {
 public:
  static constexpr std::uint8_t foreign = 1;
  static constexpr std::uint8_t expired = 2;

  Expected<const crypto::Certificate*> add(ByteView der, Now) override {
    const auto id = NodeId::from_bytes(der);
    if (!id || der[0] == foreign) return failure(ErrorKind::unauthentic, "certificate", "foreign");
    auto& slot = known_[*id];
    if (slot == nullptr) slot = std::make_unique<FakeCertificate>(*id);
    return slot.get();
  }
  const crypto::Certificate* find(const crypto::CertificateHash&) const override { return nullptr; }
  Expected<void> usable(const crypto::Certificate& certificate, Now) const override {
    if (certificate.der[0] == expired) {
      return failure(ErrorKind::expired, "certificate", "expired");
    }
    return {};
  }
  void pin(const crypto::CertificateHash&) override {}
  void unpin(const crypto::CertificateHash&) override {}

 private:
  std::map<NodeId, std::unique_ptr<FakeCertificate>> known_;
};

struct Sent {
  Packet packet;
  Bytes bytes;
};

class Node final : public LinkHandler {
 public:
  Node(const NodeId& id, unsigned number, FakeStore& store, MessageNetwork& network,
       std::size_t links_max = 8)
      : certificate(id),
        layer({{IpAddress::v4(number), 6084}, id, &certificate, links_max, Duration(15'000'000)},
              store, network) {
    layer.set_handler(*this);
  }
  void on_link_up(Now, LinkId link, const NodeId& peer, const crypto::Certificate&) override {
    up[static_cast<std::uint64_t>(link)] = peer;
  }
  void on_link_message(Now now, LinkId link, ByteView message) override {
    received.push_back(to_bytes(message));
    if (echo) (void)layer.send(now, link, message);
  }
  void on_link_down(Now, LinkId link, const Error& why) override {
    up.erase(static_cast<std::uint64_t>(link));
    down.push_back(why.kind);
  }

  FakeCertificate certificate;
  MessageLinkLayer layer;
  std::map<std::uint64_t, NodeId> up;
  std::vector<Bytes> received;
  std::vector<ErrorKind> down;
  bool echo = false;
};

class MessageLinks : public testing::Test, public MessageNetwork {
 protected:
  void carry(Now, const Packet& packet) override {
    packets_.push_back({packet, to_bytes(packet.bytes)});
  }
  Node& add(const NodeId& id, std::size_t links_max = 8) {
    nodes_.push_back(std::make_unique<Node>(id, static_cast<unsigned>(nodes_.size() + 1), store_,
                                            *this, links_max));
    return *nodes_.back();
  }
  // Carries everything, 10 ms a step.
  void run() {
    while (!packets_.empty()) {
      Sent sent = std::move(packets_.front());
      packets_.pop_front();
      pass(Duration(10'000));
      sent.packet.bytes = sent.bytes;
      bool taken = false;
      for (const auto& node : nodes_) {
        if (node->layer.local_address() != sent.packet.to) continue;
        taken = node->layer.handle_packet(now_, sent.packet);
      }
      if (taken || sent.packet.kind == PacketKind::lost) continue;
      lost_.push_back({PacketKind::lost,
                       sent.packet.to,
                       sent.packet.from,
                       sent.packet.to_link,
                       sent.packet.from_link,
                       {}});
    }
  }
  void pass(Duration span) { now_.monotonic += span; }

  Now now_{MonotonicTime(Duration(1'000'000)), WallTime{}};
  FakeStore store_;
  std::deque<Sent> packets_;
  std::vector<Packet> lost_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

NodeId node_id(std::uint8_t flag, std::uint64_t number) {
  return {{(std::uint64_t{flag} << 56) | number, number}};
}

TEST_F(MessageLinks, UpAfterOneRoundTripThenMessages) {
  Node& a = add(node_id(0, 1));
  Node& b = add(node_id(0, 2));
  b.echo = true;
  const auto link = a.layer.connect(now_, b.layer.local_address(), node_id(0, 2));
  EXPECT_FALSE(a.layer.send(now_, *link, as_bytes("early")));
  run();
  ASSERT_EQ(a.up.size(), 1u);
  ASSERT_EQ(b.up.size(), 1u);
  EXPECT_EQ(b.up.begin()->second, node_id(0, 1));
  EXPECT_EQ(a.layer.info(*link).rtt_us, 20'000u);
  ASSERT_TRUE(a.layer.send(now_, *link, as_bytes("hello")));
  run();
  EXPECT_EQ(a.received, std::vector<Bytes>{to_bytes(as_bytes("hello"))});
  a.layer.close(now_, *link);
  run();
  EXPECT_EQ(b.down, std::vector<ErrorKind>{ErrorKind::unavailable});
  EXPECT_TRUE(a.down.empty());
  EXPECT_EQ(a.layer.links() + b.layer.links(), 0u);
}

TEST_F(MessageLinks, CertificatesAreChecked) {
  struct Case {
    NodeId client;
    NodeId server;
    NodeId expected;
    ErrorKind client_hears;
  };
  const Case cases[] = {
      {node_id(0, 1), node_id(FakeStore::foreign, 2), invalid_node_id, ErrorKind::unauthentic},
      {node_id(0, 1), node_id(FakeStore::expired, 2), invalid_node_id, ErrorKind::expired},
      {node_id(0, 1), node_id(0, 2), node_id(0, 3), ErrorKind::unauthentic},
      {node_id(FakeStore::foreign, 1), node_id(0, 2), invalid_node_id, ErrorKind::forbidden},
      {node_id(FakeStore::expired, 1), node_id(0, 2), invalid_node_id, ErrorKind::forbidden},
      {node_id(0, 1), node_id(0, 1), invalid_node_id, ErrorKind::forbidden},
  };
  for (const Case& c : cases) {
    nodes_.clear();
    Node& a = add(c.client);
    Node& b = add(c.server);
    const auto expected =
        c.expected == invalid_node_id ? std::nullopt : std::optional<NodeId>(c.expected);
    ASSERT_TRUE(a.layer.connect(now_, b.layer.local_address(), expected));
    run();
    EXPECT_EQ(a.down, std::vector<ErrorKind>{c.client_hears});
    EXPECT_TRUE(a.up.empty());
    EXPECT_TRUE(b.up.empty());
    EXPECT_EQ(a.layer.links() + b.layer.links(), 0u);
  }
}

TEST_F(MessageLinks, LostPacketsBringTheLinkDown) {
  Node& a = add(node_id(0, 1));
  Node& b = add(node_id(0, 2));
  const auto link = a.layer.connect(now_, b.layer.local_address(), {});
  run();
  const SocketAddress there = b.layer.local_address();
  nodes_[1] = std::make_unique<Node>(node_id(0, 2), 2, store_, *this);  // restarted
  ASSERT_TRUE(a.layer.send(now_, *link, as_bytes("hello?")));
  run();
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].from, there);
  EXPECT_TRUE(a.layer.handle_packet(now_, lost_[0]));
  EXPECT_EQ(a.down, std::vector<ErrorKind>{ErrorKind::unavailable});
}

TEST_F(MessageLinks, BoundsAndSizes) {
  Node& a = add(node_id(0, 1), 1);
  Node& b = add(node_id(0, 2));
  Node& c = add(node_id(0, 3));
  const auto link = a.layer.connect(now_, b.layer.local_address(), {});
  EXPECT_EQ(a.layer.connect(now_, c.layer.local_address(), {}).error().kind, ErrorKind::limit);
  ASSERT_TRUE(c.layer.connect(now_, a.layer.local_address(), {}));
  run();
  EXPECT_EQ(c.down, std::vector<ErrorKind>{ErrorKind::forbidden});
  EXPECT_EQ(a.layer.send(now_, *link, Bytes(65537)).error().kind, ErrorKind::limit);
  EXPECT_TRUE(a.layer.send(now_, *link, Bytes(65536)));
  EXPECT_LE(a.layer.memory_bytes(), sizeof(MessageLinkLayer) + 2 * 48);
}

TEST_F(MessageLinks, KeepalivesAreCountedNotSent) {
  Node& a = add(node_id(0, 1));
  Node& b = add(node_id(0, 2));
  const auto link = a.layer.connect(now_, b.layer.local_address(), {});
  run();
  pass(Duration(61'000'000));
  EXPECT_EQ(a.layer.keepalives(now_), 4u);
  ASSERT_TRUE(a.layer.send(now_, *link, as_bytes("x")));
  EXPECT_EQ(a.layer.keepalives(now_), 4u);
  pass(Duration(14'000'000));
  EXPECT_EQ(a.layer.keepalives(now_), 4u);
  EXPECT_TRUE(packets_.size() == 1);
}

}  // namespace
}  // namespace chordial::link
