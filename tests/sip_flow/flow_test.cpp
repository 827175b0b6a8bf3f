// The value that says where a message came from.
#include "sip/flow/flow.h"

namespace chordial::sip {
namespace {

TEST(Flow, KindsAndTheirProperties) {
  const NodeId node = *NodeId::from_hex("00112233445566778899aabbccddeeff");
  const SocketAddress here{*IpAddress::parse("192.0.2.1"), 5060};
  const SocketAddress there{*IpAddress::parse("2001:db8::2"), 5070};
  const Flow udp = Flow::udp(here, there);
  EXPECT_FALSE(udp.reliable());
  EXPECT_EQ(udp.source(), there);
  EXPECT_EQ(udp.text(), "udp [2001:db8::2]:5070");
  const Flow tcp = Flow::over_stream(TransportKind::tcp, ports::StreamId{3}, here, there);
  EXPECT_TRUE(tcp.reliable());
  EXPECT_NE(tcp, udp);
  const Flow tunnel = Flow::to_node(TransportKind::tunnel, node);
  EXPECT_TRUE(tunnel.reliable());
  EXPECT_FALSE(tunnel.source().has_value());
  EXPECT_EQ(tunnel.text(), "tunnel 00112233445566778899aabbccddeeff");
  EXPECT_FALSE(Flow::to_node(TransportKind::application, node).reliable());
  EXPECT_FALSE(Flow::to_node(TransportKind::link, node).reliable());
  EXPECT_EQ(via_token(TransportKind::tunnel), "RELOAD");
}

TEST(Flow, SentByOfTheTunnel) {
  const NodeId node = *NodeId::from_hex("00112233445566778899aabbccddeeff");
  const std::string host = tunnel_sent_by(node, "p2p.example.org");
  EXPECT_EQ(host, "node-00112233445566778899aabbccddeeff.p2p.example.org");
  EXPECT_EQ(node_of_sent_by(host, "p2p.example.org"), node);
  EXPECT_EQ(
      node_of_sent_by("NODE-00112233445566778899AABBCCDDEEFF.P2P.example.ORG", "p2p.example.org"),
      node);
  EXPECT_FALSE(node_of_sent_by(host, "example.org").has_value());
  EXPECT_FALSE(node_of_sent_by("node-0011.p2p.example.org", "p2p.example.org").has_value());
  EXPECT_FALSE(node_of_sent_by("", "x").has_value());
  EXPECT_FALSE(node_of_sent_by("node-0011223344556677 899aabbccddeef.x", "x").has_value());
}

}  // namespace
}  // namespace chordial::sip
