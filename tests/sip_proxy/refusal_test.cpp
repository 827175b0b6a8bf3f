// What the proxy will not do, and with which status (RFC 3261 §16.3, §16.4, RFC 5393).
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

class Refusals : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(alice.register_now(), 200);
    ASSERT_EQ(bob.register_now(), 200);
  }
  World world;
  Node& a = world.add_node("192.0.2.1:5060");
  Phone& alice = world.add_phone("alice", a, "198.51.100.1:5070");
  Phone& bob = world.add_phone("bob", a, "198.51.100.2:5070");
};

TEST_F(Refusals, ByStatus) {
  struct Case {
    const char* method;
    const char* uri;
    const char* extra;
    const char* status;
  };
  const Case cases[] = {
      {"INVITE", "sip:nobody@dht.example", "", "404"},
      {"INVITE", "sip:bob@elsewhere.example", "", "404"},
      {"INVITE", "sip:bob@203.0.113.9", "", "404"},
      {"INVITE", "tel:+15550100", "", "416"},
      {"INVITE", "sip:bob@dht.example", "Proxy-Require: teleport\r\n", "420"},
      {"INVITE", "sip:bob@dht.example", "Max-Breadth: 0\r\n", "440"},
      {"INVITE", "sip:bob@dht.example", "Route: <sip:203.0.113.9;lr>\r\n", "403"},
      {"MESSAGE", "sip:node-00000000000000000000000000000001@dht.example", "", "404"},
      {"REGISTER", "sip:elsewhere.example", "", "404"},
  };
  for (const Case& c : cases) {
    alice.inbox.clear();
    alice.start(c.method, c.uri, c.extra);
    EXPECT_TRUE(alice.has(c.status)) << c.method << " " << c.uri << " " << c.extra
                                     << (alice.inbox.empty() ? "nothing" : alice.inbox.front());
  }
  EXPECT_TRUE(bob.inbox.empty());
  EXPECT_EQ(a.proxy.contexts(), 0u);
}

TEST_F(Refusals, UnsupportedNamesTheExtension) {
  alice.start("INVITE", "sip:bob@dht.example", "Proxy-Require: teleport\r\n");
  EXPECT_EQ(header(alice.take("420"), HeaderName::unsupported), "teleport");
}

TEST_F(Refusals, OptionsToTheNodeNeedNoProof) {
  alice.reacts = false;
  for (const char* uri : {"sip:dht.example", "sip:192.0.2.1:5060", "sip:192.0.2.1",
                          "sip:node-00000000000000000000000000000001@dht.example"}) {
    alice.inbox.clear();
    alice.start("OPTIONS", uri);
    EXPECT_TRUE(alice.has("200")) << uri;
  }
}

TEST_F(Refusals, HopsRunOut) {
  const std::string text =
      "OPTIONS sip:bob@dht.example SIP/2.0\r\nVia: SIP/2.0/UDP "
      "198.51.100.1:5070;branch=z9hG4bKmf\r\n"
      "From: <sip:alice@dht.example>;tag=1\r\nTo: <sip:bob@dht.example>\r\nCall-ID: mf\r\n"
      "CSeq: 1 OPTIONS\r\nMax-Forwards: 0\r\nContent-Length: 0\r\n\r\n";
  alice.send(text);
  world.pump();
  EXPECT_TRUE(alice.has("483"));
}

// A phone that sends everything it gets straight back: the second time our own mark is in a Via.
TEST_F(Refusals, Loop) {
  alice.start("MESSAGE", "sip:bob@dht.example");
  std::string looped = bob.take("MESSAGE");
  ASSERT_FALSE(looped.empty());
  looped.replace(looped.find("MESSAGE ") + 8, looped.find(" SIP/2.0") - 8, "sip:bob@dht.example");
  looped.insert(looped.find("Via: "),
                "Via: SIP/2.0/UDP 198.51.100.2:5070;rport;branch=z9hG4bKloop\r\n");
  bob.send(looped);
  world.pump();
  EXPECT_TRUE(bob.has("482"));
}

TEST_F(Refusals, StrictRouterBeforeUs) {
  Leg leg = alice.start("INVITE", "sip:bob@dht.example");
  bob.answer(bob.take("INVITE"), 200);
  Phone::adopt(leg, alice.take("200"));
  alice.acknowledge(leg);
  // What an RFC 2543 element makes of it: our Record-Route in the Request-URI, the target last.
  const std::string target = leg.target;
  const std::string route = leg.routes.front();
  leg.target = route.substr(1, route.size() - 2);
  leg.routes = {"<" + target + ">"};
  alice.request(leg, "BYE");
  const std::string bye = bob.take("BYE");
  ASSERT_FALSE(bye.empty());
  EXPECT_EQ(bye.rfind("BYE sip:bob@198.51.100.2:5070 SIP/2.0\r\n", 0), 0u) << bye;
  EXPECT_EQ(header(bye, HeaderName::route), "");
}

TEST_F(Refusals, CancelOfNothing) {
  const std::string text =
      "CANCEL sip:bob@dht.example SIP/2.0\r\nVia: SIP/2.0/UDP "
      "198.51.100.1:5070;branch=z9hG4bKno\r\n"
      "From: <sip:alice@dht.example>;tag=1\r\nTo: <sip:bob@dht.example>\r\nCall-ID: no\r\n"
      "CSeq: 1 CANCEL\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n";
  alice.send(text);
  world.pump();
  EXPECT_TRUE(alice.has("481"));
}

TEST_F(Refusals, ARequireInACancelIsNothing) {
  const Leg leg = alice.start("INVITE", "sip:bob@dht.example");
  bob.answer(bob.take("INVITE"), 180);
  alice.inbox.clear();
  alice.cancel(leg, "Require: teleport\r\nProxy-Require: teleport\r\n");
  EXPECT_TRUE(alice.has("200"));
  EXPECT_TRUE(bob.has("CANCEL"));
}

// §9.2: the INVITE's transaction is still there, so the CANCEL is good, and too late.
TEST_F(Refusals, CancelTooLateIsAnsweredAllTheSame) {
  struct Own final : TransactionUser {
    unsigned requests = 0;
    void on_request(Now, TransactionId, const Message&, const Flow&) override { ++requests; }
    void on_ack(Now, TransactionId, std::uint64_t, const Message&, const Flow&) override {}
    void on_response(Now, TransactionId, std::uint64_t, const Message&, const Flow&) override {}
    void on_timeout(Now, TransactionId, std::uint64_t) override {}
    void on_transport_error(Now, TransactionId, std::uint64_t, const Error&) override {}
  } own;
  Proxy proxy({.trusted_addresses = {alice.address.ip}},
              {a.names, a.authenticator, a, a, a.registrar, a, a, a.registrar, world.timers,
               world.log, &own});
  TransactionLayer transactions(a, world.timers, a.rng, proxy, world.times);
  proxy.attach(transactions);
  const auto send = [&](const std::string& method, const std::string& uri) {
    const std::string text = method + " " + uri +
                             " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5070;branch=z9hG4bKlate\r\n"
                             "From: <sip:alice@dht.example>;tag=1\r\nTo: <" +
                             uri + ">\r\nCall-ID: late\r\nCSeq: 1 " + method +
                             "\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n";
    (void)transactions.handle_message(world.now, Flow::udp(a.address, alice.address),
                                      as_bytes(text));
    world.pump();
  };
  send("INVITE", "sip:nobody@dht.example");
  ASSERT_TRUE(alice.has("404"));
  alice.inbox.clear();
  send("CANCEL", "sip:nobody@dht.example");
  EXPECT_TRUE(alice.has("200"));
  EXPECT_EQ(own.requests, 0u);
  world.pass(std::chrono::seconds(60));
}

TEST_F(Refusals, PathOfABindingIsTheRoute) {
  ASSERT_EQ(
      bob.register_now(3600, "<sip:bob@10.0.0.7>", "Path: <sip:edge@198.51.100.2:5070;lr>\r\n"),
      200);
  EXPECT_EQ(bob.register_now(0, "<sip:bob@198.51.100.2:5070>"), 200);
  alice.start("INVITE", "sip:bob@dht.example");
  const std::string invite = bob.take("INVITE");
  ASSERT_FALSE(invite.empty());
  EXPECT_EQ(invite.rfind("INVITE sip:bob@10.0.0.7 SIP/2.0\r\n", 0), 0u);
  EXPECT_EQ(header(invite, HeaderName::route), "<sip:edge@198.51.100.2:5070;lr>");
}

}  // namespace
}  // namespace chordial::sip::test
