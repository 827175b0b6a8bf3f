// Answers that come late or never: credentials, locations, phones (RFC 3261 §16.8, §16.9).
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

class Slow : public testing::Test {
 protected:
  World world;
  Node& a = world.add_node("192.0.2.1:5060");
  Node& n = world.add_node("192.0.2.2:5060");
  Phone& alice = world.add_phone("alice", a, "198.51.100.1:5070");
  Phone& bob = world.add_phone("bob", n, "198.51.100.2:5070");
};

TEST_F(Slow, EverythingLater) {
  a.slow = n.slow = true;
  EXPECT_EQ(alice.register_now(), 200);
  EXPECT_EQ(bob.register_now(), 200);
  alice.start("INVITE", "sip:bob@dht.example");
  EXPECT_TRUE(alice.has("100"));
  const std::string invite = bob.take("INVITE");
  ASSERT_FALSE(invite.empty());
  bob.answer(invite, 200);
  EXPECT_TRUE(alice.has("200"));
}

TEST_F(Slow, LocationNeverAnswers) {
  ASSERT_EQ(alice.register_now(), 200);
  struct Deaf final : LocationService {
    std::optional<Expected<Located>> lookup(Now, ports::RequestId, const LookupQuery&,
                                            LocationHandler&) override {
      ++asked;
      return std::nullopt;
    }
    std::optional<Expected<void>> update(Now, ports::RequestId, const LocationUpdate&,
                                         LocationHandler&) override {
      return std::nullopt;
    }
    int asked = 0;
  } deaf;
  Proxy proxy(
      {.answer_wait = std::chrono::seconds(10)},
      {a.names, a.authenticator, a, deaf, a.registrar, a, a, a.registrar, world.timers, world.log});
  TransactionLayer transactions(a, world.timers, a.rng, proxy, world.times);
  proxy.attach(transactions);
  const std::string text =
      "INVITE sip:bob@dht.example SIP/2.0\r\nVia: SIP/2.0/RELOAD x;branch=z9hG4bKd\r\n"
      "From: <sip:alice@dht.example>;tag=1\r\nTo: <sip:bob@dht.example>\r\nCall-ID: d\r\n"
      "CSeq: 1 INVITE\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n";
  const Flow from = Flow::to_node(TransportKind::tunnel, a.id);
  ASSERT_TRUE(transactions.handle_message(world.now, from, as_bytes(text)));
  EXPECT_EQ(deaf.asked, 1);
  EXPECT_EQ(proxy.contexts(), 1u);
  world.pass(std::chrono::seconds(11));
  EXPECT_EQ(a.tunnelled.back().rfind("SIP/2.0 480", 0), 0u);
  EXPECT_EQ(proxy.contexts(), 0u);
  std::string second = text;
  second.replace(second.find("z9hG4bKd"), 8, "z9hG4bKe");
  ASSERT_TRUE(transactions.handle_message(world.now, from, as_bytes(second)));
  std::string cancel = second;
  cancel.replace(0, 6, "CANCEL");
  cancel.replace(cancel.find("1 INVITE"), 8, "1 CANCEL");
  ASSERT_TRUE(transactions.handle_message(world.now, from, as_bytes(cancel)));
  EXPECT_EQ(a.tunnelled.back().rfind("SIP/2.0 487", 0), 0u);
  EXPECT_EQ(proxy.contexts(), 0u);
  world.pass(std::chrono::seconds(60));  // the transactions end
}

TEST_F(Slow, TimerCEndsAnEndlessRinging) {
  ASSERT_EQ(alice.register_now(), 200);
  ASSERT_EQ(bob.register_now(), 200);
  alice.start("INVITE", "sip:bob@dht.example");
  const std::string invite = bob.take("INVITE");
  bob.answer(invite, 180);
  world.pass(std::chrono::seconds(170));
  bob.answer(invite, 180);  // each provisional response begins it anew
  world.pass(std::chrono::seconds(170));
  EXPECT_FALSE(bob.has("CANCEL"));
  world.pass(std::chrono::seconds(15));
  const std::string cancel = bob.take("CANCEL");
  ASSERT_FALSE(cancel.empty());
  bob.answer(cancel, 200);
  bob.answer(invite, 487);
  EXPECT_TRUE(alice.has("487") || alice.has("408"));
  EXPECT_EQ(a.proxy.contexts() + n.proxy.contexts(), 0u);
}

TEST_F(Slow, AnUnreachableNodeIsAServerError) {
  ASSERT_EQ(alice.register_now(), 200);
  ASSERT_EQ(bob.register_now(), 200);
  a.cut_off = true;
  alice.start("INVITE", "sip:bob@dht.example");
  EXPECT_TRUE(alice.has("500"));
  EXPECT_EQ(a.proxy.contexts(), 0u);
}

TEST_F(Slow, ASilentPhoneDoesNotAnswerAMessage) {
  ASSERT_EQ(alice.register_now(), 200);
  ASSERT_EQ(bob.register_now(), 200);
  alice.start("MESSAGE", "sip:bob@dht.example");
  ASSERT_TRUE(bob.has("MESSAGE"));
  world.pass(std::chrono::seconds(40));
  EXPECT_FALSE(alice.has("408")) << "RFC 4320: it would come too late anyway";
  EXPECT_EQ(a.proxy.contexts() + n.proxy.contexts(), 0u);
}

TEST_F(Slow, ContextsAreBounded) {
  ASSERT_EQ(bob.register_now(), 200);
  Proxy proxy({.contexts_max = 2}, {n.names, n.authenticator, n, n, n.registrar, n, n, n.registrar,
                                    world.timers, world.log});
  TransactionLayer transactions(n, world.timers, n.rng, proxy, world.times);
  proxy.attach(transactions);
  world.directory.nodes["alice@dht.example"].insert(a.id);
  for (int i = 0; i < 3; ++i) {
    const std::string text =
        "INVITE sip:bob@dht.example SIP/2.0\r\nVia: SIP/2.0/RELOAD x;branch=z9hG4bKb" +
        std::to_string(i) +
        "\r\nFrom: <sip:alice@dht.example>;tag=1\r\nTo: <sip:bob@dht.example>\r\nCall-ID: d" +
        std::to_string(i) + "\r\nCSeq: 1 INVITE\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n";
    (void)transactions.handle_message(world.now, Flow::to_node(TransportKind::tunnel, a.id),
                                      as_bytes(text));
  }
  EXPECT_EQ(proxy.contexts(), 2u);
  EXPECT_EQ(n.tunnelled.back().rfind("SIP/2.0 503", 0), 0u);
  EXPECT_EQ(header(n.tunnelled.back(), HeaderName::retry_after), "5");
}

}  // namespace
}  // namespace chordial::sip::test
