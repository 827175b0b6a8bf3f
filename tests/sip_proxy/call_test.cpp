// Calls between phones of one node and of two, from the first INVITE to the last BYE.
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

class TwoNodes : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(alice.register_now(), 200);
    ASSERT_EQ(bob.register_now(), 200);
  }
  // A call that is up: alice's leg; `bob_leg` gets the other.
  Leg established(Phone& callee, Leg& callee_leg) {
    Leg leg = alice.start("INVITE", "sip:bob@dht.example");
    const std::string invite = callee.take("INVITE");
    EXPECT_FALSE(invite.empty());
    callee.answer(invite, 180);
    EXPECT_TRUE(alice.has("180"));
    callee_leg = callee.leg_of(invite);
    callee.answer(invite, 200);
    const std::string ok = alice.take("200");
    EXPECT_FALSE(ok.empty());
    Phone::adopt(leg, ok);
    alice.acknowledge(leg);
    EXPECT_TRUE(callee.has("ACK"));
    callee.take("ACK");
    return leg;
  }

  World world;
  Node& a = world.add_node("192.0.2.1:5060");
  Node& n = world.add_node("192.0.2.2:5060");
  Phone& alice = world.add_phone("alice", a, "198.51.100.1:5070");
  Phone& bob = world.add_phone("bob", n, "198.51.100.2:5070");
};

TEST_F(TwoNodes, RecordRouteReadsAsTheDesignSays) {
  alice.start("INVITE", "sip:bob@dht.example");
  const std::string invite = bob.take("INVITE");
  ASSERT_FALSE(invite.empty());
  EXPECT_EQ(invite.rfind("INVITE sip:bob@198.51.100.2:5070 SIP/2.0\r\n", 0), 0u) << invite;
  const auto routes = headers(invite, HeaderName::record_route);
  ASSERT_EQ(routes.size(), 4u);
  EXPECT_TRUE(routes[0].ends_with("@192.0.2.2:5060;lr>")) << routes[0];
  EXPECT_EQ(routes[1], "<sip:node-00000000000000000000000000000002@dht.example;lr>");
  EXPECT_EQ(routes[2], "<sip:node-00000000000000000000000000000001@dht.example;lr>");
  EXPECT_TRUE(routes[3].ends_with("@192.0.2.1:5060;lr>")) << routes[3];
  EXPECT_EQ(headers(invite, HeaderName::via).size(), 3u);
  EXPECT_EQ(header(invite, HeaderName::max_forwards), "68");
  EXPECT_EQ(header(invite, HeaderName::proxy_authorization), "") << "our credentials stay here";
}

TEST_F(TwoNodes, CallAndByeFromTheCaller) {
  Leg bob_leg;
  Leg leg = established(bob, bob_leg);
  alice.request(leg, "BYE");
  const std::string bye = bob.take("BYE");
  ASSERT_FALSE(bye.empty());
  EXPECT_EQ(bye.rfind("BYE sip:bob@198.51.100.2:5070 SIP/2.0\r\n", 0), 0u);
  EXPECT_TRUE(headers(bye, HeaderName::route).empty());
  EXPECT_TRUE(headers(bye, HeaderName::record_route).empty());
  bob.answer(bye, 200);
  EXPECT_TRUE(alice.has("200"));
  EXPECT_FALSE(alice.has("407")) << "a dialog needs no new proof";
}

TEST_F(TwoNodes, ByeFromTheCallee) {
  Leg bob_leg;
  established(bob, bob_leg);
  bob.request(bob_leg, "BYE");
  const std::string bye = alice.take("BYE");
  ASSERT_FALSE(bye.empty());
  EXPECT_EQ(bye.rfind("BYE sip:alice@198.51.100.1:5070 SIP/2.0\r\n", 0), 0u);
  alice.answer(bye, 200);
  EXPECT_TRUE(bob.has("200"));
}

TEST_F(TwoNodes, ReInviteInBothDirections) {
  Leg bob_leg;
  Leg leg = established(bob, bob_leg);
  alice.request(leg, "INVITE", "Contact: <sip:alice@198.51.100.1:5070>\r\n");
  std::string again = bob.take("INVITE");
  ASSERT_FALSE(again.empty());
  bob.answer(again, 200);
  EXPECT_FALSE(alice.take("200").empty());
  alice.acknowledge(leg);
  EXPECT_TRUE(bob.has("ACK"));
  bob.request(bob_leg, "INVITE", "Contact: <sip:bob@198.51.100.2:5070>\r\n");
  again = alice.take("INVITE");
  ASSERT_FALSE(again.empty());
  alice.answer(again, 200);
  EXPECT_FALSE(bob.take("200").empty());
}

TEST_F(TwoNodes, BusyIsHeardOnce) {
  alice.start("INVITE", "sip:bob@dht.example");
  bob.answer(bob.take("INVITE"), 486);
  EXPECT_FALSE(alice.take("486").empty());
  EXPECT_FALSE(alice.has("486"));
  EXPECT_TRUE(bob.has("ACK")) << "hop by hop";
  EXPECT_EQ(a.proxy.contexts(), 0u);
  EXPECT_EQ(n.proxy.contexts(), 0u);
}

TEST_F(TwoNodes, CancelWithItsReason) {
  const Leg leg = alice.start("INVITE", "sip:bob@dht.example");
  const std::string invite = bob.take("INVITE");
  bob.answer(invite, 180);
  alice.cancel(leg, "Reason: SIP;cause=487;text=\"changed my mind\"\r\n");
  EXPECT_FALSE(alice.take("200").empty()) << "the CANCEL's own answer";
  const std::string cancel = bob.take("CANCEL");
  ASSERT_FALSE(cancel.empty());
  bob.answer(cancel, 200);
  bob.answer(invite, 487);
  EXPECT_FALSE(alice.take("487").empty());
  EXPECT_EQ(a.proxy.contexts(), 0u);
  EXPECT_EQ(n.proxy.contexts(), 0u);
}

TEST_F(TwoNodes, MessageGoesAndIsAnswered) {
  alice.start("MESSAGE", "sip:bob@dht.example", "Content-Type: text/plain\r\n", "hello");
  const std::string message = bob.take("MESSAGE");
  ASSERT_TRUE(message.ends_with("\r\n\r\nhello"));
  EXPECT_TRUE(headers(message, HeaderName::record_route).empty());
  bob.answer(message, 200);
  EXPECT_FALSE(alice.take("200").empty());
}

TEST_F(TwoNodes, SamePhonesOnOneNodeNeedOneRecordRoute) {
  Phone& carol = world.add_phone("carol", a, "198.51.100.3:5070");
  ASSERT_EQ(carol.register_now(), 200);
  a.cut_off = true;  // a call between own phones never needs anyone else
  Leg leg = alice.start("INVITE", "sip:carol@dht.example");
  const std::string invite = carol.take("INVITE");
  ASSERT_FALSE(invite.empty());
  EXPECT_EQ(headers(invite, HeaderName::record_route).size(), 1u);
  Leg carol_leg = carol.leg_of(invite);
  carol.answer(invite, 200);
  Phone::adopt(leg, alice.take("200"));
  alice.acknowledge(leg);
  EXPECT_TRUE(carol.has("ACK"));
  alice.request(leg, "INFO");
  carol.answer(carol.take("INFO"), 200);
  EXPECT_FALSE(alice.take("200").empty());
  carol.request(carol_leg, "BYE");
  alice.answer(alice.take("BYE"), 200);
  EXPECT_FALSE(carol.take("200").empty());
}

TEST_F(TwoNodes, RepeatedOkIsPassedOnAfterTheContextIsGone) {
  Leg leg = alice.start("INVITE", "sip:bob@dht.example");
  const std::string invite = bob.take("INVITE");
  bob.answer(invite, 200);
  EXPECT_EQ(a.proxy.contexts(), 0u);
  EXPECT_FALSE(alice.take("200").empty());
  bob.answer(invite, 200);
  EXPECT_FALSE(alice.take("200").empty()) << "alice's ACK was lost";
}

TEST_F(TwoNodes, PhonesThatKnowOnlyTheNodesAddress) {
  alice.from_host = "192.0.2.1";
  bob.from_host = "192.0.2.2";
  ASSERT_EQ(alice.register_now(), 200);
  ASSERT_EQ(bob.register_now(), 200);
  Leg leg = alice.start("INVITE", "sip:bob@192.0.2.1");
  const std::string invite = bob.take("INVITE");
  ASSERT_FALSE(invite.empty());
  EXPECT_EQ(header(invite, HeaderName::from).rfind("<sip:alice@dht.example>", 0), 0u);
  EXPECT_EQ(header(invite, HeaderName::to), "<sip:bob@dht.example>");
  Leg bob_leg = bob.leg_of(invite);
  bob.answer(invite, 200);
  Phone::adopt(leg, alice.take("200"));
  alice.acknowledge(leg);
  EXPECT_TRUE(bob.has("ACK"));
  bob.request(bob_leg, "BYE");
  EXPECT_TRUE(alice.has("BYE"));
}

}  // namespace
}  // namespace chordial::sip::test
