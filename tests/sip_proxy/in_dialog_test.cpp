// Requests inside dialogs pass without a new digest only where the dialog is real, the sender is
// one of its two ends, and stands where he stood when it began.
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

constexpr const char* methods[] = {"BYE",   "INFO",   "UPDATE",    "INVITE",     "REFER",
                                   "PRACK", "NOTIFY", "SUBSCRIBE", "FROBNICATE", "OPTIONS"};

class InDialog : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(alice.register_now(), 200);
    ASSERT_EQ(bob.register_now(), 200);
    ASSERT_EQ(mallory.register_now(), 200);
    at_alice = alice.start("INVITE", "sip:bob@dht.example");
    const std::string invite = bob.take("INVITE");
    bob.answer(invite, 200);
    at_bob = bob.leg_of(invite);
    Phone::adopt(at_alice, alice.take("200"));
    alice.acknowledge(at_alice);
    ASSERT_TRUE(bob.has("ACK"));
    for (Phone* phone : {&alice, &bob, &mallory})
      phone->inbox.clear();
  }
  // All of them refused, and heard by nobody.
  void refused(Phone& sender, Leg leg, const char* why) {
    challenged(sender, leg, why);
    sender.acknowledge(leg);
    for (const Phone* phone : {&alice, &bob, &mallory})
      EXPECT_FALSE(phone->has("ACK")) << why;
  }
  void challenged(Phone& sender, Leg& leg, const char* why) {
    for (const char* method : methods) {
      sender.request(leg, method);
      EXPECT_FALSE(sender.take("407").empty()) << why << ": " << method;
    }
    for (const Phone* phone : {&alice, &bob, &mallory}) {
      for (const char* method : methods)
        EXPECT_FALSE(phone->has(method)) << why << ": " << method;
    }
  }

  World world;
  Node& node = world.add_node("192.0.2.1:5060");
  Phone& alice = world.add_phone("alice", node, "198.51.100.1:5070");
  Phone& bob = world.add_phone("bob", node, "198.51.100.2:5070");
  Phone& mallory = world.add_phone("mallory", node, "198.51.100.66:5070");
  Leg at_alice, at_bob;
};

TEST_F(InDialog, BothEndsNeedNoProof) {
  for (const char* method : methods) {
    alice.request(at_alice, method);
    EXPECT_FALSE(bob.take(method).empty()) << method;
    bob.request(at_bob, method);
    EXPECT_FALSE(alice.take(method).empty()) << method;
  }
}

TEST_F(InDialog, MadeUpTags) {
  Leg forged = at_alice;
  forged.remote = "<sip:bob@dht.example>;tag=made-up";
  refused(alice, forged, "To tag");
  forged = at_alice;
  forged.local = "<sip:alice@dht.example>;tag=made-up";
  refused(alice, forged, "From tag");
  forged = at_bob;
  forged.remote = "<sip:alice@dht.example>;tag=made-up";
  refused(bob, forged, "To tag of the callee");
}

TEST_F(InDialog, NoRouteOrAnotherDialogs) {
  Leg forged = at_alice;
  forged.routes.clear();
  refused(alice, forged, "no Route");
  forged = at_alice;
  forged.call_id += "x";
  refused(alice, forged, "another Call-ID");
  forged = at_alice;
  forged.routes = at_bob.routes;
  refused(alice, forged, "the other end's token");
  forged = at_alice;
  forged.routes = {"<sip:00112233445566778899@192.0.2.1:5060;lr>"};
  refused(alice, forged, "an invented token");
}

TEST_F(InDialog, WhoOverheardADialogIsNoPartOfIt) {
  challenged(mallory, at_alice, "alice's words from elsewhere");
  challenged(mallory, at_bob, "bob's words from elsewhere");
  Leg forged = at_alice;
  forged.local = "<sip:mallory@dht.example>;tag=1";
  refused(mallory, forged, "his own name");
}

// An ACK cannot be challenged (§22.1), and a phone that has moved sends it from its new address.
TEST_F(InDialog, AnAckIsKnownByItsTokenAlone) {
  alice.address = *SocketAddress::parse("203.0.113.5:5070");
  alice.acknowledge(at_alice);
  EXPECT_TRUE(bob.has("ACK"));
}

TEST_F(InDialog, AnotherPortOfTheSameHostIsANatThatForgot) {
  alice.address.port = 40001;
  alice.request(at_alice, "INFO");
  EXPECT_TRUE(bob.has("INFO"));
}

TEST_F(InDialog, APhoneThatMovedProvesItselfAgainAndIsRouted) {
  alice.address = *SocketAddress::parse("203.0.113.5:5070");
  alice.request(at_alice, "BYE");
  const std::string refusal = alice.take("407");
  ASSERT_FALSE(refusal.empty());
  const std::string challenge = header(refusal, HeaderName::proxy_authenticate);
  const auto asked = Authentication::parse(challenge, "challenge");
  const std::string nonce = *asked->find("nonce");
  const std::string ha1 = digest_ha1(DigestAlgorithm::sha256, "alice", domain, "pw-alice");
  alice.request(at_alice, "BYE",
                "Proxy-Authorization: Digest username=\"alice\", realm=\"dht.example\", nonce=\"" +
                    nonce + "\", uri=\"" + at_alice.target + "\", response=\"" +
                    digest_response(DigestAlgorithm::sha256,
                                    {ha1, "BYE", at_alice.target, nonce, "00000001", "c", "auth"}) +
                    "\", algorithm=SHA-256, cnonce=\"c\", nc=00000001, qop=auth\r\n");
  EXPECT_TRUE(bob.has("BYE"));
}

TEST_F(InDialog, TheCallerAndTheCalleeAreGivenDifferentRoutes) {
  ASSERT_EQ(at_alice.routes.size(), 1u);
  ASSERT_EQ(at_bob.routes.size(), 1u);
  EXPECT_NE(at_alice.routes, at_bob.routes);
}

}  // namespace
}  // namespace chordial::sip::test
