// What strangers can make a node keep, repeat and send to others (RFC 3261 §8.2.7, §26.1.5, RFC
// 5393).
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

std::string stranger(const std::string& method, const std::string& uri, int number,
                     const std::string& more = "") {
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7:9;branch=z9hG4bK" +
         std::to_string(number) +
         "\r\nFrom: <sip:x@dht.example>;tag=1\r\nTo: <sip:bob@dht.example>\r\nCall-ID: " +
         std::to_string(number) + "\r\nCSeq: 1 " + method + "\r\n" + more + "l: 0\r\n\r\n";
}

class Unproven : public testing::Test {
 protected:
  void receive(const std::string& text, const char* source = "198.51.100.7:9") {
    received_bytes += text.size();
    (void)node.transactions.handle_message(
        world.now, Flow::udp(node.address, *SocketAddress::parse(source)), as_bytes(text));
  }
  std::size_t sent_bytes() const {
    std::size_t bytes = 0;
    for (const std::string& text : node.sent)
      bytes += text.size();
    return bytes;
  }

  World world;
  Node& node = world.add_node("192.0.2.1:5060");
  std::size_t received_bytes = 0;
};

TEST_F(Unproven, AChallengeLeavesNothingBehindAndIsNotRepeated) {
  for (const char* method : {"INVITE", "REGISTER", "MESSAGE", "BYE"}) {
    node.sent.clear();
    receive(stranger(method, "sip:bob@dht.example", 1));
    ASSERT_EQ(node.sent.size(), 1u) << method;
    EXPECT_EQ(node.transactions.size(), 0u) << method;
    EXPECT_EQ(node.proxy.contexts(), 0u) << method;
    world.pass(std::chrono::seconds(40));
    EXPECT_EQ(node.sent.size(), 1u) << method;
    receive(stranger(method, "sip:bob@dht.example", 1));
    ASSERT_EQ(node.sent.size(), 2u) << method;
    EXPECT_EQ(header(node.sent[0], HeaderName::to), header(node.sent[1], HeaderName::to))
        << "the same tag for the same request";
  }
}

TEST_F(Unproven, RefusalsLeaveNothingBehindEither) {
  const struct {
    const char* uri;
    const char* more;
    const char* status;
  } cases[] = {{"tel:+1", "", "416"},
               {"sip:bob@dht.example", "Max-Forwards: 0\r\n", "483"},
               {"sip:bob@dht.example", "Proxy-Require: x\r\n", "420"},
               {"sip:bob@dht.example", "Max-Breadth: 0\r\n", "440"},
               {"sip:bob@elsewhere.example", "", "407"},
               {"sip:bob@dht.example", "Max-Forwards: x\r\n", "400"},
               {"sip:bob@dht.example", "Proxy-Authorization: Digest realm=\r\n", "400"}};
  int number = 0;
  for (const auto& c : cases) {
    node.sent.clear();
    receive(stranger("INVITE", c.uri, ++number, c.more));
    ASSERT_EQ(node.sent.size(), 1u) << c.status;
    EXPECT_EQ(node.sent[0].substr(8, 3), c.status);
  }
  receive(stranger("CANCEL", "sip:bob@dht.example", 77));
  EXPECT_EQ(node.sent.back().substr(8, 3), "481");
  EXPECT_EQ(node.transactions.size(), 0u);
  node.sent.clear();
  world.pass(std::chrono::seconds(40));
  EXPECT_TRUE(node.sent.empty());
}

// Ten thousand small requests with a victim's address in them.
TEST_F(Unproven, AVictimHearsHardlyMoreThanWasSent) {
  const SourceAllowanceLimits limits;
  int number = 0;
  for (int i = 0; i < 2500; ++i) {
    for (const char* method : {"INVITE", "OPTIONS", "REGISTER", "CANCEL"})
      receive(stranger(method, "sip:dht.example", ++number));
  }
  EXPECT_LE(sent_bytes(), received_bytes + limits.burst_bytes);
  EXPECT_GT(node.sent.size(), 100u) << "who is there can begin";
  world.pass(std::chrono::seconds(10));
  const std::size_t before = sent_bytes();
  EXPECT_LE(before, received_bytes + limits.burst_bytes) << "nothing is repeated";
  receive(stranger("REGISTER", "sip:dht.example", ++number));
  EXPECT_GT(sent_bytes(), before) << "with time there is an answer again";
}

TEST_F(Unproven, OthersAreAnsweredAllTheSame) {
  int number = 0;
  for (int i = 0; i < 3000; ++i)
    receive(stranger("REGISTER", "sip:dht.example", ++number));
  Phone& alice = world.add_phone("alice", node, "198.51.100.8:5070");
  EXPECT_EQ(alice.register_now(), 200);
}

TEST_F(Unproven, WhoProvesHimselfIsNeverKeptWaiting) {
  Phone& alice = world.add_phone("alice", node, "198.51.100.7:5070");
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(alice.register_now(), 200) << i;
}

TEST_F(Unproven, RequestsOfOneUserAreBounded) {
  Phone& bob = world.add_phone("bob", node, "198.51.100.2:5070");
  ASSERT_EQ(bob.register_now(), 200);
  Proxy proxy(
      {.contexts_per_user_max = 3, .trusted_addresses = {*IpAddress::parse("198.51.100.7")}},
      {node.names, node.authenticator, node, node, node.registrar, node, node, node.registrar,
       world.timers, world.log});
  TransactionLayer transactions(node, world.timers, node.rng, proxy, world.times);
  proxy.attach(transactions);
  const auto invite = [&](const std::string& from, int number) {
    std::string text = stranger("INVITE", "sip:bob@dht.example", number);
    text.replace(text.find("sip:x@"), 6, "sip:" + from + "@");
    (void)transactions.handle_message(
        world.now, Flow::udp(node.address, *SocketAddress::parse("198.51.100.7:9")),
        as_bytes(text));
    world.pump();
  };
  for (int i = 0; i < 5; ++i)
    invite("erin", i);
  const auto refused = std::count_if(node.sent.begin(), node.sent.end(), [](const auto& text) {
    return text.rfind("SIP/2.0 503", 0) == 0;
  });
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(proxy.contexts(), 3u);
  invite("frank", 9);
  EXPECT_EQ(proxy.contexts(), 4u) << "another user";
  world.pass(std::chrono::seconds(400));
  EXPECT_EQ(proxy.contexts(), 0u);
  node.sent.clear();
  invite("erin", 10);
  EXPECT_EQ(proxy.contexts(), 1u);
  world.pass(std::chrono::seconds(400));
}

}  // namespace
}  // namespace chordial::sip::test
