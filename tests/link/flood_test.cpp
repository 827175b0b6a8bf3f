// What strangers can make a link layer do before they have proven anything: one datagram for one,
// no larger, and a bounded number of handshakes of which no source can have all.
#include <gtest/gtest.h>

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

void hello(VirtualNetwork& network, VirtualNode& node, const SocketAddress& source,
           std::uint64_t random, bool with_cookie) {
  Bytes bound = to_bytes(source.ip.bytes());
  bound.push_back(static_cast<std::uint8_t>(source.port >> 8));
  bound.push_back(static_cast<std::uint8_t>(source.port));
  node.layer.handle_datagram(network.now(),
                             {ports::SocketRole::link, node.address, source,
                              fake_client_hello(random, with_cookie ? fake_cookie(bound) : 0)});
}

TEST(LinkFlood, HellosWithoutCookiesAreCountedAndLeaveNoState) {
  VirtualNetwork network(1);
  VirtualNode& a = network.add();
  for (unsigned i = 0; i < 5'000; ++i)
    hello(network, a, {IpAddress::v4(0x0b000000 + i), 9}, i, false);
  Counters counters(a.layer);
  EXPECT_EQ(counters["link_hellos_unproven"], 5'000u);
  EXPECT_EQ(counters["link_links"], 0u);
  EXPECT_EQ(counters["link_handshakes"], 0u);
  EXPECT_EQ(a.datagrams_sent, 5'000u);
}

TEST(LinkFlood, OneSourceCannotHaveAllHandshakes) {
  VirtualNetwork network(2);
  VirtualNode& a = network.add();
  for (unsigned port = 1; port <= 500; ++port)
    hello(network, a, {IpAddress::v4(0x0b000001), static_cast<std::uint16_t>(port)}, port, true);
  EXPECT_EQ(a.layer.handshakes(), 16u);
  EXPECT_EQ(Counters(a.layer)["link_hellos_over_source"], 484u);
  // Others still come in.
  VirtualNode& b = network.add();
  ASSERT_TRUE(b.layer.connect(network.now(), a.address, a.id));
  network.run(Duration(1'000'000));
  EXPECT_EQ(a.up.size(), 1u);
  // And when its handshakes are over, so does this source.
  network.run(Duration(40'000'000));
  EXPECT_EQ(a.layer.handshakes(), 0u);
  hello(network, a, {IpAddress::v4(0x0b000001), 501}, 501, true);
  EXPECT_EQ(a.layer.handshakes(), 1u);
}

TEST(LinkFlood, AnIpv6NetworkIsOneSource) {
  VirtualNetwork network(3);
  VirtualNode& a = network.add();
  const auto from = [&](std::uint8_t net, std::uint8_t host) {
    std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, net};
    bytes[15] = host;
    hello(network, a, {IpAddress::v6(bytes), 9}, net * 256U + host, true);
  };
  for (unsigned host = 1; host <= 100; ++host)
    from(1, static_cast<std::uint8_t>(host));
  EXPECT_EQ(a.layer.handshakes(), 16u);
  from(2, 1);
  EXPECT_EQ(a.layer.handshakes(), 17u);
}

// RFC 6940 §6.1.2 lets such a node do no more than Attach and Ping before it has said who it is.
TEST(LinkFlood, ACertificateOfSeveralNodesOpensNoLinkUnlessOneOfThemIsMeant) {
  VirtualNetwork network(4);
  VirtualNode& a = network.add();
  VirtualNode& b = network.add();
  network.nodes.push_back(std::make_unique<VirtualNode>(network, 77));
  VirtualNode& two = *network.nodes.back();
  ASSERT_EQ(two.id, node_of_two_names);
  ASSERT_TRUE(two.layer.connect(network.now(), a.address, a.id));
  network.run(Duration(5'000'000));
  EXPECT_TRUE(a.up.empty());
  EXPECT_EQ(a.layer.links(), 0u);
  EXPECT_EQ(two.layer.links(), 0u) << "it was told";
  ASSERT_EQ(a.failed.size(), 1u);
  EXPECT_EQ(a.failed[0].remote, two.address);
  EXPECT_EQ(a.failed[0].why.kind, ErrorKind::unsupported);
  ASSERT_TRUE(b.layer.connect(network.now(), two.address, two.id));
  network.run(Duration(5'000'000));
  EXPECT_EQ(b.up.size(), 1u) << "here it was asked for by name";
}

}  // namespace
}  // namespace chordial::link
