#include "sip/location/own_names.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

class OwnNamesTest : public testing::Test {
 protected:
  static Uri uri(std::string_view text) { return Uri::parse(text).value(); }
  const NodeId node{{0, 0xab}};
  const OwnNames names{
      "dht.example",
      node,
      {"PBX.example", "203.0.113.7"},
      {*SocketAddress::parse("192.0.2.1:15060"), *SocketAddress::parse("[2001:db8::1]:15060")}};
};

TEST_F(OwnNamesTest, Domain) {
  for (const char* own : {"sip:bob@dht.example", "sip:bob@DHT.EXAMPLE:9", "sips:dht.example",
                          "sip:bob@pbx.example", "sip:bob@203.0.113.7", "sip:bob@192.0.2.1",
                          "sip:bob@192.0.2.1:15060", "sip:[2001:db8::1]:15060"})
    EXPECT_TRUE(names.is_domain(uri(own))) << own;
  for (const char* other : {"sip:bob@192.0.2.1:5062", "sip:bob@203.0.113.7:5062",
                            "sip:bob@sub.dht.example", "tel:+1", "sip:bob@192.0.2.2"})
    EXPECT_FALSE(names.is_domain(uri(other))) << other;
}

TEST_F(OwnNamesTest, Aor) {
  EXPECT_EQ(names.aor_of(uri("sip:bob@192.0.2.1:15060;transport=tcp")).value(), "bob@dht.example");
  EXPECT_EQ(names.aor_of(uri("sip:b%6Fb@DHT.example;x=1?y=2")).value(), "bob@dht.example");
  EXPECT_EQ(names.aor_of(uri("sip:bob@Elsewhere.example")).value(), "bob@elsewhere.example");
  EXPECT_FALSE(names.aor_of(uri("sip:dht.example")));
  EXPECT_FALSE(names.aor_of(uri("tel:+1")));
}

TEST_F(OwnNamesTest, NodeNamesAndRoutes) {
  const std::string own = names.node_route();
  EXPECT_EQ(own, "sip:node-000000000000000000000000000000ab@dht.example;lr");
  EXPECT_EQ(names.node_of(uri(own)), node);
  EXPECT_TRUE(names.is_own_route(uri(own)));
  EXPECT_TRUE(names.is_node(uri(own)));
  const Uri other = uri("sip:node-000000000000000000000000000000ac@dht.example;lr");
  EXPECT_TRUE(names.node_of(other).has_value());
  EXPECT_FALSE(names.is_own_route(other));
  EXPECT_FALSE(names.is_node(other));
  EXPECT_FALSE(names.node_of(uri("sip:node-00@dht.example")));
  EXPECT_FALSE(names.node_of(uri("sip:node-000000000000000000000000000000ac@else.example")));
  EXPECT_TRUE(names.is_own_route(uri("sip:token@192.0.2.1:15060;lr")));
  EXPECT_TRUE(names.is_own_route(uri("sip:dht.example;lr")));
  EXPECT_FALSE(names.is_own_route(uri("sip:token@192.0.2.1:15061;lr")));
  EXPECT_FALSE(names.is_own_route(uri("sip:bob@dht.example;lr")));
  EXPECT_FALSE(names.is_node(uri("sip:bob@dht.example")));
}

TEST_F(OwnNamesTest, AddressTowards) {
  const auto towards = [&](const char* local, const char* remote) {
    return names
        .address_towards(Flow::udp(*SocketAddress::parse(local), *SocketAddress::parse(remote)))
        .text();
  };
  EXPECT_EQ(towards("192.0.2.1:15060", "198.51.100.1:5"), "192.0.2.1:15060");
  EXPECT_EQ(towards("192.0.2.1:40001", "198.51.100.1:5"), "192.0.2.1:15060");
  EXPECT_EQ(towards("0.0.0.0:0", "[2001:db8::9]:5"), "[2001:db8::1]:15060");
}

}  // namespace
}  // namespace chordial::sip
