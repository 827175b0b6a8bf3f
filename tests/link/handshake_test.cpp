// Which handshakes go on: simultaneous opens, restarts, strangers and floods.
#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "link/virtual_network.h"

namespace chordial::link {
namespace {

class Counters final : public CounterVisitor {
 public:
  explicit Counters(const WireLinkLayer& layer) { layer.count(*this); }
  void counter(const char* name, std::uint64_t value) override { values_[name] = value; }
  void gauge(const char* name, std::uint64_t value) override { values_[name] = value; }
  std::uint64_t operator[](const char* name) { return values_.at(name); }

 private:
  std::map<std::string, std::uint64_t> values_;
};

class SimultaneousOpen : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SimultaneousOpen, EndsInOneLinkWithTheIdsBothKnow) {
  NetworkConditions conditions;
  conditions.loss = GetParam() % 2 == 0 ? 0 : 0.05;
  conditions.delay_spread = Duration(30'000);
  VirtualNetwork network(GetParam(), conditions);
  VirtualNode& a = network.add();
  VirtualNode& b = network.add();
  a.security.rng() = Rng(GetParam(), 1);
  b.security.rng() = Rng(GetParam(), 2);
  const auto from_a = a.layer.connect(network.now(), b.address, b.id);
  network.run(Duration(static_cast<std::int64_t>(GetParam() % 5) * 10'000));
  const auto from_b = b.layer.connect(network.now(), a.address, a.id);
  network.run(Duration(20'000'000));
  ASSERT_EQ(a.up.size(), 1u);
  ASSERT_EQ(b.up.size(), 1u);
  EXPECT_EQ(a.up.begin()->first, static_cast<std::uint64_t>(*from_a));
  EXPECT_EQ(b.up.begin()->first, static_cast<std::uint64_t>(*from_b));
  EXPECT_TRUE(a.down.empty() && b.down.empty());
  EXPECT_EQ(a.layer.links() + b.layer.links(), 2u);
  EXPECT_EQ(a.layer.handshakes() + b.layer.handshakes(), 0u);
  ASSERT_TRUE(a.layer.send(network.now(), *from_a, as_bytes("x")));
  ASSERT_TRUE(b.layer.send(network.now(), *from_b, as_bytes("y")));
  network.run(Duration(20'000'000));
  EXPECT_EQ(a.received.size() + b.received.size(), 2u);
}
INSTANTIATE_TEST_SUITE_P(Seeds, SimultaneousOpen, testing::Range<std::uint64_t>(1, 31));

TEST(Handshake, NobodyAnswers) {
  VirtualNetwork network(1);
  VirtualNode& a = network.add();
  const auto link = a.layer.connect(network.now(), *SocketAddress::parse("10.9.9.9:1"), {});
  network.run(Duration(16'000'000));
  ASSERT_EQ(a.down.size(), 1u);
  EXPECT_EQ(a.down[0].first, static_cast<std::uint64_t>(*link));
  EXPECT_EQ(a.layer.links(), 0u);
}

TEST(Handshake, AnotherNodeThanExpected) {
  VirtualNetwork network(2);
  VirtualNode& a = network.add();
  VirtualNode& b = network.add();
  ASSERT_TRUE(a.layer.connect(network.now(), b.address, NodeId{{77, 77}}));
  network.run(Duration(1'000'000));
  ASSERT_EQ(a.down.size(), 1u);
  EXPECT_EQ(a.down[0].second.kind, ErrorKind::unauthentic);
  EXPECT_TRUE(a.up.empty());
  EXPECT_TRUE(b.up.empty());
  ASSERT_EQ(a.failed.size(), 1u);
  EXPECT_EQ(a.failed[0].remote, b.address);
  EXPECT_FALSE(a.failed[0].passive);
  EXPECT_EQ(a.failed[0].why.kind, ErrorKind::unauthentic);
}

// Both sides learn with whom it was, also the one that has announced nothing.
TEST(Handshake, ThePassiveSideHearsOfAFailureToo) {
  VirtualNetwork network(2);
  VirtualNode& a = network.add();
  VirtualNode& b = network.add();
  ASSERT_TRUE(a.layer.connect(network.now(), b.address, b.id));
  network.run(Duration(80'000));  // the hello, its cookie, the hello again
  ASSERT_EQ(b.layer.handshakes(), 1u);
  network.cut = true;
  network.run(Duration(80'000'000));
  EXPECT_TRUE(b.up.empty() && b.down.empty());
  ASSERT_EQ(b.failed.size(), 1u);
  EXPECT_EQ(b.failed[0].remote, a.address);
  EXPECT_TRUE(b.failed[0].passive);
}

TEST(Handshake, RestartedPeerTakesItsOldPlaceOnlyWhenProven) {
  VirtualNetwork network(3);
  VirtualNode& a = network.add();
  VirtualNode& b = network.add();
  ASSERT_TRUE(b.layer.connect(network.now(), a.address, a.id));
  network.run(Duration(1'000'000));
  ASSERT_EQ(a.up.size(), 1u);
  const auto old = a.up.begin()->first;

  // A spoofed hello without the cookie changes nothing.
  network.carry(b.address, a.address, fake_client_hello(5));
  network.run(Duration(500'000));
  EXPECT_EQ(a.layer.handshakes(), 0u);
  EXPECT_EQ(a.up.count(old), 1u);

  // The very node comes again from a fresh start.
  auto reborn = std::make_unique<VirtualNode>(network, 2);
  reborn->security.rng() = Rng(1234, 1);
  network.nodes[1] = std::move(reborn);
  VirtualNode& b2 = *network.nodes[1];
  ASSERT_TRUE(b2.layer.connect(network.now(), a.address, a.id));
  network.run(Duration(1'000'000));
  ASSERT_EQ(a.down.size(), 1u);
  EXPECT_EQ(a.down[0].first, old);
  EXPECT_EQ(a.up.size(), 1u);
  EXPECT_EQ(a.layer.links(), 1u);
  EXPECT_EQ(b2.up.size(), 1u);
}

TEST(Handshake, ConnectTwiceIsOneLinkAndThenAConflict) {
  VirtualNetwork network(4);
  VirtualNode& a = network.add();
  VirtualNode& b = network.add();
  const auto first = a.layer.connect(network.now(), b.address, {});
  const auto second = a.layer.connect(network.now(), b.address, {});
  EXPECT_EQ(*first, *second);
  network.run(Duration(1'000'000));
  EXPECT_EQ(a.layer.connect(network.now(), b.address, {}).error().kind, ErrorKind::conflict);
  EXPECT_EQ(a.layer.connect(network.now(), a.address, {}).error().kind, ErrorKind::invalid);
}

TEST(Handshake, OwnReflectionIsNoPeer) {
  VirtualNetwork network(5);
  VirtualNode& a = network.add();
  const auto other = *SocketAddress::parse("10.1.1.1:6084");
  ASSERT_TRUE(a.layer.connect(network.now(), other, {}));
  // What a hairpin would do to the first flight: the same random comes back.
  const auto random = a.layer.find(LinkId{1})->hello_random();
  ASSERT_TRUE(random.has_value());
  Bytes hello = fake_client_hello(0);
  std::copy(random->begin(), random->end(), hello.begin() + 27);
  a.layer.handle_datagram(network.now(), {ports::SocketRole::link, a.address, other, hello});
  ASSERT_EQ(a.down.size(), 1u);
  EXPECT_EQ(a.down[0].second.kind, ErrorKind::invalid);
  EXPECT_EQ(a.layer.links(), 0u);
}

TEST(Handshake, FloodWithoutCookiesLeavesNoState) {
  VirtualNetwork network(6);
  VirtualNode& a = network.add();
  for (unsigned i = 0; i < 10'000; ++i) {
    const SocketAddress source{IpAddress::v4(0x0b000000 + i), 9};
    a.layer.handle_datagram(network.now(),
                            {ports::SocketRole::link, a.address, source, fake_client_hello(i)});
  }
  EXPECT_EQ(a.layer.links(), 0u);
  EXPECT_EQ(a.datagrams_sent, 10'000u);
}

TEST(Handshake, FloodWithCookiesIsBoundedAndPasses) {
  VirtualNetwork network(7);
  WireLinkLayerOptions options;
  options.handshakes_max = 16;
  VirtualNode& a = network.add(options);
  VirtualNode& b = network.add();
  for (unsigned i = 0; i < 1'000; ++i) {
    const SocketAddress source{IpAddress::v4(0x0b000000 + i), 9};
    Bytes bound = to_bytes(source.ip.bytes());
    bound.push_back(0);
    bound.push_back(9);
    a.layer.handle_datagram(network.now(), {ports::SocketRole::link, a.address, source,
                                            fake_client_hello(i, fake_cookie(bound))});
  }
  EXPECT_EQ(a.layer.links(), 16u);
  EXPECT_EQ(a.layer.handshakes(), 16u);
  EXPECT_EQ(Counters(a.layer)["link_hellos_over_limit"], 984u);
  // The node's own way out stays open, and the half-open ones go in their time.
  ASSERT_TRUE(a.layer.connect(network.now(), b.address, b.id));
  network.run(Duration(1'000'000));
  EXPECT_EQ(a.up.size(), 1u);
  network.run(Duration(40'000'000));
  EXPECT_EQ(a.layer.links(), 1u);
  EXPECT_TRUE(a.down.empty()) << "nobody knew of them";
}

TEST(Handshake, LinksMaxHoldsForBothDirections) {
  VirtualNetwork network(8);
  WireLinkLayerOptions options;
  options.links_max = 1;
  VirtualNode& a = network.add(options);
  VirtualNode& b = network.add();
  VirtualNode& c = network.add();
  ASSERT_TRUE(a.layer.connect(network.now(), b.address, {}));
  network.run(Duration(1'000'000));
  EXPECT_EQ(a.layer.connect(network.now(), c.address, {}).error().kind, ErrorKind::limit);
  ASSERT_TRUE(c.layer.connect(network.now(), a.address, {}));
  network.run(Duration(20'000'000));
  EXPECT_EQ(c.down.size(), 1u);
  EXPECT_EQ(a.layer.links(), 1u);
}

TEST(Handshake, GarbageIsDroppedAndCounted) {
  VirtualNetwork network(9);
  VirtualNode& a = network.add();
  VirtualNode& b = network.add();
  ASSERT_TRUE(a.layer.connect(network.now(), b.address, b.id));
  network.run(Duration(1'000'000));
  Rng rng(1, 2);
  for (unsigned i = 0; i < 20'000; ++i) {
    Bytes bytes(rng.below(80));
    rng.fill(bytes);
    if (!bytes.empty() && i % 2 == 0) bytes[0] = static_cast<std::uint8_t>(20 + rng.below(6));
    const SocketAddress stranger{IpAddress::v4(0x0c000000 + i % 7), 5};
    const SocketAddress source = i % 3 == 0 ? b.address : stranger;
    a.layer.handle_datagram(network.now(), {ports::SocketRole::link, a.address, source, bytes});
  }
  const Bytes stun(20, 0);
  a.layer.handle_datagram(network.now(), {ports::SocketRole::link, a.address, b.address, stun});
  Counters counters(a.layer);
  EXPECT_GT(counters["link_unknown_dropped"], 0u);
  EXPECT_GT(counters["link_stray_dropped"], 0u);
  EXPECT_GT(counters["link_stun_dropped"], 0u);
  EXPECT_EQ(a.layer.links(), 1u);
  ASSERT_TRUE(a.layer.send(network.now(), LinkId{1}, as_bytes("still there")));
  network.run(Duration(100'000));
  EXPECT_EQ(b.received.size(), 1u);
}

}  // namespace
}  // namespace chordial::link
