// What a forwarded request looks like, and which ways it does not take (RFC 3261 §16.4 to §16.7).
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

class Forward : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(alice.register_now(), 200);
    ASSERT_EQ(bob.register_now(), 200);
  }
  // Binds a contact of bob's to any flow.
  void bind(const std::string& contact, const Flow& flow, std::vector<std::string> path = {}) {
    Binding binding;
    binding.uri = contact;
    binding.flow = flow;
    binding.path = std::move(path);
    binding.expires = world.now.monotonic + std::chrono::hours(1);
    node.registrar.restore(world.now, "dora@dht.example", {binding});
  }
  static std::string line_of(const std::string& message) {
    return message.substr(0, message.find("\r\n"));
  }

  World world;
  Node& node = world.add_node("192.0.2.1:5060");
  Phone& alice = world.add_phone("alice", node, "198.51.100.1:5070");
  Phone& bob = world.add_phone("bob", node, "198.51.100.2:5070");
};

TEST_F(Forward, EverythingElseStaysAsItWas) {
  const std::string extra =
      "X-Unknown: one\r\nx-unknown: two,  three\r\nSubject:\r\n folded\r\nContent-Type: "
      "text/plain\r\n"
      "X-Last: z\r\n";
  alice.start("MESSAGE", "sip:bob@dht.example", extra, "a body\r\nwith lines");
  const std::string message = bob.take("MESSAGE");
  EXPECT_NE(message.find(extra), std::string::npos) << "unknown fields, their order and their form";
  EXPECT_NE(message.find("\r\n\r\na body\r\nwith lines"), std::string::npos);
  EXPECT_EQ(header(message, HeaderName::max_forwards), "69");
  const auto vias = headers(message, HeaderName::via);
  ASSERT_EQ(vias.size(), 2u);
  EXPECT_EQ(vias[0].rfind("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK", 0), 0u);
  EXPECT_NE(vias[1].find(";received=198.51.100.1;rport=5070"), std::string::npos);
  EXPECT_EQ(header(message, HeaderName::proxy_authorization), "") << "for us alone";
}

TEST_F(Forward, UnknownMethodsAreForwardedAndMayBeginDialogs) {
  const struct {
    const char* method;
    bool recorded;
  } cases[] = {{"INVITE", true},   {"SUBSCRIBE", true}, {"REFER", true},    {"FROBNICATE", true},
               {"MESSAGE", false}, {"OPTIONS", false},  {"PUBLISH", false}, {"INFO", false}};
  for (const auto& c : cases) {
    alice.start(c.method, "sip:bob@dht.example");
    const std::string request = bob.take(c.method);
    ASSERT_FALSE(request.empty()) << c.method;
    EXPECT_EQ(!header(request, HeaderName::record_route).empty(), c.recorded) << c.method;
  }
}

TEST_F(Forward, AStreamIsGivenAContentLength) {
  bind("sip:dora@198.51.100.9",
       Flow::over_stream(TransportKind::tcp, ports::StreamId{3}, node.address,
                         *SocketAddress::parse("198.51.100.9:5060")));
  alice.reacts = false;
  node.sent.clear();
  Proxy proxy({.trusted_addresses = {alice.address.ip}},
              {node.names, node.authenticator, node, node, node.registrar, node, node,
               node.registrar, world.timers, world.log});
  TransactionLayer transactions(node, world.timers, node.rng, proxy, world.times);
  proxy.attach(transactions);
  const std::string text =
      "MESSAGE sip:dora@dht.example SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: "
      "<sip:alice@dht.example>;tag=1\r\nTo: <sip:dora@dht.example>\r\nCall-ID: 1\r\nCSeq: 1 "
      "MESSAGE\r\nContent-Type: text/plain\r\n\r\nhello";
  (void)transactions.handle_message(world.now, Flow::udp(node.address, alice.address),
                                    as_bytes(text));
  ASSERT_EQ(node.sent.size(), 1u);
  EXPECT_EQ(header(node.sent[0], HeaderName::content_length), "5");
  EXPECT_EQ(header(node.sent[0], HeaderName::via).substr(0, 11), "SIP/2.0/TCP");
  world.pass(std::chrono::seconds(60));
}

TEST_F(Forward, AStrictRouterGetsTheRequestUri) {
  bind("sip:dora@10.0.0.9", Flow::udp(node.address, bob.address),
       {"<sip:strict@198.51.100.2:5070>", "<sip:next@198.51.100.3;lr>"});
  alice.start("MESSAGE", "sip:dora@dht.example");
  const std::string message = bob.take("MESSAGE");
  EXPECT_EQ(line_of(message), "MESSAGE sip:strict@198.51.100.2:5070 SIP/2.0");
  EXPECT_EQ(headers(message, HeaderName::route),
            (std::vector<std::string>{"<sip:next@198.51.100.3;lr>", "<sip:dora@10.0.0.9>"}));
}

TEST_F(Forward, HeadersOfAContactReachNoRequestUri) {
  bind("sip:dora@10.0.0.9;method=BYE;x?Route=%3Csip:evil%3E", Flow::udp(node.address, bob.address));
  alice.start("MESSAGE", "sip:dora@dht.example");
  EXPECT_EQ(line_of(bob.take("MESSAGE")), "MESSAGE sip:dora@10.0.0.9;x SIP/2.0");
}

TEST_F(Forward, MaddrOfOursIsTakenOffAndAnyOtherIsForeign) {
  for (const char* uri : {"sip:bob@dht.example;maddr=192.0.2.1;transport=udp",
                          "sip:bob@dht.example;maddr=dht.example"}) {
    alice.start("MESSAGE", uri);
    EXPECT_EQ(line_of(bob.take("MESSAGE")), "MESSAGE sip:bob@198.51.100.2:5070 SIP/2.0") << uri;
  }
  for (const char* maddr : {"203.0.113.9", "224.2.0.1", "elsewhere.example"}) {
    alice.inbox.clear();
    alice.start("MESSAGE", std::string("sip:bob@dht.example;maddr=") + maddr);
    EXPECT_TRUE(alice.has("404")) << maddr;
    EXPECT_FALSE(bob.has("MESSAGE")) << maddr;
  }
}

TEST_F(Forward, SipsIsNotSentInTheClear) {
  alice.start("MESSAGE", "sips:bob@dht.example");
  EXPECT_TRUE(alice.has("416"));
  EXPECT_FALSE(bob.has("MESSAGE"));
}

TEST_F(Forward, NoTargetIsTriedTwice) {
  alice.start("INVITE", "sip:bob@dht.example");
  bob.answer(bob.take("INVITE"), 302, "Contact: <sip:bob@dht.example>\r\n");
  EXPECT_FALSE(bob.has("INVITE")) << "a phone that sends its caller back to itself";
  EXPECT_TRUE(alice.has("480") || alice.has("302")) << alice.inbox.size();
}

TEST_F(Forward, TheMarkOfALoopKnowsNoMethod) {
  const auto mark = [](const std::string& method, const std::string& uri) {
    const std::string text = method + " " + uri +
                             " SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\n"
                             "CSeq: 7 " +
                             method + "\r\n\r\n";
    return loop_mark(*Message::parse(as_bytes(text)), 1, 2);
  };
  EXPECT_EQ(mark("INVITE", "sip:c@d"), mark("ACK", "sip:c@d"));
  EXPECT_NE(mark("INVITE", "sip:c@d"), mark("INVITE", "sip:e@d"));
}

// §22.1: whoever let an INVITE in by its credentials lets its ACK in by the same.
TEST_F(Forward, AnAckMayShowTheCredentialsOfItsInvite) {
  alice.reacts = false;
  Leg leg = alice.start("INVITE", "sip:bob@198.51.100.2:5070");
  const std::string refusal = alice.take("407");
  const std::string challenge = header(refusal, HeaderName::proxy_authenticate);
  const std::string nonce = *Authentication::parse(challenge, "c")->find("nonce");
  const std::string ha1 = digest_ha1(DigestAlgorithm::sha256, "alice", domain, "pw-alice");
  const auto credentials = [&](const std::string& method) {
    return "Proxy-Authorization: Digest username=\"alice\", realm=\"dht.example\", nonce=\"" +
           nonce + "\", uri=\"" + leg.target + "\", response=\"" +
           digest_response(DigestAlgorithm::sha256,
                           {ha1, method, leg.target, nonce, "00000001", "c", "auth"}) +
           "\", algorithm=SHA-256, cnonce=\"c\", nc=00000001, qop=auth\r\n";
  };
  leg.remote = "<sip:bob@dht.example>;tag=b";
  alice.request(leg, "ACK", credentials("INVITE"));
  EXPECT_FALSE(bob.has("ACK")) << "no INVITE has used them";
  alice.request(leg, "INVITE", credentials("INVITE"));
  ASSERT_TRUE(bob.has("INVITE"));
  alice.request(leg, "ACK", credentials("INVITE"));
  EXPECT_TRUE(bob.has("ACK"));
  bob.inbox.clear();
  alice.request(leg, "ACK", credentials("ACK"));
  leg.local = "<sip:carol@dht.example>;tag=1";
  alice.request(leg, "ACK", credentials("INVITE"));
  EXPECT_FALSE(bob.has("ACK"));
}

// §22.3: of several realms each proxy takes its own, and where one line is for others all travel
// on.
TEST_F(Forward, CredentialsForOthersTravelOn) {
  const std::string foreign =
      "Proxy-Authorization: Digest username=\"x\", realm=\"elsewhere\", nonce=\"n\", "
      "uri=\"sip:b\", "
      "response=\"00\"\r\nAuthorization: Digest username=\"x\", realm=\"pbx\", nonce=\"n\", "
      "uri=\"sip:b\", response=\"00\"\r\n";
  alice.start("MESSAGE", "sip:bob@dht.example", foreign);
  const std::string message = bob.take("MESSAGE");
  EXPECT_NE(message.find("realm=\"elsewhere\""), std::string::npos);
  EXPECT_NE(message.find("realm=\"pbx\""), std::string::npos);
  EXPECT_EQ(message.find("realm=\"dht.example\""), std::string::npos);
}

TEST_F(Forward, OptionsToTheNodeKnowsNoExtension) {
  alice.reacts = false;
  alice.start("OPTIONS", "sip:dht.example", "Require: teleport, more\r\n");
  EXPECT_EQ(header(alice.take("420"), HeaderName::unsupported), "teleport, more");
  alice.start("OPTIONS", "sip:dht.example");
  EXPECT_NE(header(alice.take("200"), HeaderName::allow).find("INVITE"), std::string::npos);
}

}  // namespace
}  // namespace chordial::sip::test
