// Who may say From: digest for phones, admission for other nodes, tokens for dialogs.
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

class Identity : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(alice.register_now(), 200);
    ASSERT_EQ(bob.register_now(), 200);
  }
  // As another node would hand it in.
  void from_node(const NodeId& from, Node& to, const std::string& text) {
    (void)to.transactions.handle_message(world.now, Flow::to_node(TransportKind::tunnel, from),
                                         as_bytes(text));
    world.pump();
  }
  static std::string tunnelled(const std::string& method, const std::string& from,
                               const std::string& more = "", const std::string& to_tag = "") {
    return method +
           " sip:bob@dht.example SIP/2.0\r\nVia: SIP/2.0/RELOAD node-x.dht.example;branch="
           "z9hG4bKt" +
           std::to_string(std::hash<std::string>{}(method + from + more)) + "\r\nFrom: <" + from +
           ">;tag=1\r\nTo: <sip:bob@dht.example>" + to_tag + "\r\nCall-ID: t1\r\nCSeq: 1 " +
           method + "\r\nMax-Forwards: 10\r\n" + more + "Content-Length: 0\r\n\r\n";
  }

  World world;
  Node& a = world.add_node("192.0.2.1:5060");
  Node& n = world.add_node("192.0.2.2:5060");
  Phone& alice = world.add_phone("alice", a, "198.51.100.1:5070");
  Phone& bob = world.add_phone("bob", n, "198.51.100.2:5070");
};

TEST_F(Identity, EveryMethodIsChallengedOnce) {
  alice.reacts = false;
  for (const char* method :
       {"INVITE", "MESSAGE", "SUBSCRIBE", "OPTIONS", "PUBLISH", "FROBNICATE"}) {
    alice.start(method, "sip:bob@dht.example");
    const std::string challenge = alice.take("407");
    ASSERT_FALSE(challenge.empty()) << method;
    const Message message = *Message::parse(as_bytes(challenge));
    EXPECT_EQ(message.count(HeaderName::proxy_authenticate), 2u);
    EXPECT_NE(challenge.find("algorithm=SHA-256"), std::string::npos);
  }
  EXPECT_TRUE(bob.inbox.empty());
}

TEST_F(Identity, WrongPassword) {
  Phone& thief = world.add_phone("alice", a, "198.51.100.66:5070");
  thief.password = "guess";
  EXPECT_EQ(thief.register_now(), 401);
  thief.start("INVITE", "sip:bob@dht.example");
  EXPECT_TRUE(thief.has("407"));
  EXPECT_FALSE(bob.has("INVITE"));
  EXPECT_GE(a.authenticator.failures(), 2u);
}

TEST_F(Identity, WrongFromOrTo) {
  Phone& carol = world.add_phone("carol", a, "198.51.100.3:5070");
  carol.user = "alice";  // From and To say alice, the digest says carol
  carol.start("MESSAGE", "sip:bob@dht.example");
  EXPECT_TRUE(carol.has("407")) << "alice's password is another one";
  carol.reacts = false;
  carol.inbox.clear();
  carol.start("MESSAGE", "sip:bob@dht.example");
  const std::string challenge = header(carol.take("407"), HeaderName::proxy_authenticate);
  const std::string nonce = *Authentication::parse(challenge, "c")->find("nonce");
  const std::string ha1 = digest_ha1(DigestAlgorithm::sha256, "carol", domain, "pw-carol");
  const std::string response =
      digest_response(DigestAlgorithm::sha256,
                      {ha1, "MESSAGE", "sip:bob@dht.example", nonce, "00000001", "c", "auth"});
  carol.start("MESSAGE", "sip:bob@dht.example",
              "Proxy-Authorization: Digest username=\"carol\", realm=\"dht.example\", nonce=\"" +
                  nonce + "\", uri=\"sip:bob@dht.example\", response=\"" + response +
                  "\", algorithm=SHA-256, cnonce=\"c\", nc=00000001, qop=auth\r\n");
  EXPECT_TRUE(carol.has("403"));
  EXPECT_FALSE(bob.has("MESSAGE"));
}

TEST_F(Identity, TunnelAdmitsOnlyItsUsers) {
  from_node(a.id, n, tunnelled("INVITE", "sip:alice@dht.example"));
  EXPECT_TRUE(bob.has("INVITE"));
  bob.inbox.clear();
  from_node(a.id, n, tunnelled("INVITE", "sip:bob@dht.example"));
  EXPECT_FALSE(bob.has("INVITE"));
  EXPECT_EQ(n.tunnelled.back().rfind("SIP/2.0 403", 0), 0u);
  from_node(NodeId{{0, 9}}, n, tunnelled("MESSAGE", "sip:alice@dht.example"));
  EXPECT_FALSE(bob.has("MESSAGE"));
  from_node(a.id, n,
            tunnelled("REGISTER", "sip:alice@dht.example", "Contact: <sip:alice@203.0.113.1>\r\n"));
  EXPECT_EQ(n.tunnelled.back().rfind("SIP/2.0 403", 0), 0u) << "only phones register";
}

TEST_F(Identity, TrustedAddressSpeaksForUsersOfTheDomainAlone) {
  Proxy proxy(
      {.trusted_addresses = {alice.address.ip}},
      {n.names, n.authenticator, n, n, n.registrar, n, n, n.registrar, world.timers, world.log});
  TransactionLayer transactions(n, world.timers, n.rng, proxy, world.times);
  proxy.attach(transactions);
  const auto send = [&](const char* from, const char* source) {
    std::string text = tunnelled("MESSAGE", from);
    text.insert(text.find("\r\nFrom"), source);  // another branch
    (void)transactions.handle_message(
        world.now, Flow::udp(n.address, *SocketAddress::parse(source)), as_bytes(text));
    world.pump();
    const bool arrived = bob.has("MESSAGE");
    bob.inbox.clear();
    return arrived;
  };
  EXPECT_TRUE(send("sip:erin@dht.example", "198.51.100.1:9"));
  EXPECT_FALSE(send("sip:erin@elsewhere.example", "198.51.100.1:9"));
  EXPECT_FALSE(send("sip:node-00000000000000000000000000000001@dht.example", "198.51.100.1:9"));
  EXPECT_FALSE(send("sip:erin@dht.example", "198.51.100.7:9"));
  world.pass(std::chrono::seconds(60));
}

TEST_F(Identity, ATagIsNoProof) {
  alice.reacts = false;
  Leg leg = alice.start("MESSAGE", "sip:bob@dht.example");
  leg.remote += ";tag=invented";
  alice.inbox.clear();
  alice.request(leg, "BYE");
  EXPECT_TRUE(alice.has("407"));
  leg.routes = {"<sip:00ff@192.0.2.1:5060;lr>"};
  alice.inbox.clear();
  alice.request(leg, "BYE");
  EXPECT_TRUE(alice.has("407"));
  EXPECT_TRUE(bob.inbox.empty());
  Phone& carol = world.add_phone("carol", a, "198.51.100.3:5070");
  ASSERT_EQ(carol.register_now(), 200);
  leg.target = "sip:carol@198.51.100.3:5070";
  leg.remote = "<sip:carol@dht.example>;tag=invented";
  alice.request(leg, "ACK");
  EXPECT_TRUE(carol.inbox.empty()) << "an ACK without proof goes nowhere";
}

TEST_F(Identity, ATokenOfOneDialogOpensNoOther) {
  Leg leg = alice.start("INVITE", "sip:bob@dht.example");
  bob.answer(bob.take("INVITE"), 200);
  Phone::adopt(leg, alice.take("200"));
  alice.acknowledge(leg);
  Leg forged = leg;
  forged.call_id += "x";
  alice.request(forged, "INFO");
  EXPECT_TRUE(alice.has("407"));
  forged = leg;
  forged.local = "<sip:carol@dht.example>;tag=1";
  alice.request(forged, "INFO");
  EXPECT_FALSE(bob.has("INFO"));
  alice.request(leg, "INFO");
  EXPECT_TRUE(bob.has("INFO"));
}

}  // namespace
}  // namespace chordial::sip::test
