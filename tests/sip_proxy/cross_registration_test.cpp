// RFC 5393 §3: users whose contacts are each other, so that one request could become 2^70 and more.
#include <gtest/gtest.h>

#include "sip/message/build.h"
#include "sip/message/rewrite.h"
#include "sip_proxy/world.h"

namespace chordial::sip::test {
namespace {

// A proxy that sends every request it gets straight back to the node that keeps these contacts.
class Echo final : public Sender {
 public:
  Echo(World& w, Node& node)
      : world(w),
        proxy({.trusted_addresses = {address.ip}},
              {node.names, node.authenticator, node, node, node.registrar, node, node,
               node.registrar, w.timers, w.log}),
        transactions(*this, w.timers, node.rng, proxy, w.times) {
    proxy.attach(transactions);
  }

  Expected<void> send(Now, const Flow&, ByteView bytes, TransactionId) override {
    const Bytes copy = to_bytes(bytes);
    const Message message = *Message::parse(copy);
    if (message.is_response()) {
      Rewriter rewriter(message);
      rewriter.remove_top_via();
      if (message.vias()->size() > 1) {
        later(rewriter.gather());
      } else {  // for whoever sent the first request
        if (message.status() >= 200) ++finals;
        if (message.status() >= 200 && message.method() == Method::invite)
          later(acknowledge(message));
      }
      return {};
    }
    if (message.method() != Method::ack) ++requests;
    Rewriter rewriter(message);
    // Of one transaction always the same branch, as a stateless proxy does it (§16.11).
    rewriter.prepend_via(
        via_value("UDP", address.text(), std::string(message.top_via()->branch()) + "e", true));
    rewriter.decrement_max_forwards();
    later(rewriter.gather());
    return {};
  }
  static Bytes acknowledge(const Message& response) {
    MessageBuilder ack = MessageBuilder::request(Method::ack, "sip:u0@dht.example");
    for (const HeaderName name :
         {HeaderName::via, HeaderName::from, HeaderName::to, HeaderName::call_id})
      ack.copy(response, name);
    ack.header(HeaderName::cseq, "1 ACK").header(HeaderName::max_forwards, 70);
    return ack.finish();
  }
  void later(const Bytes& bytes) {
    world.later([this, bytes] { receive(bytes); });
  }
  void receive(const Bytes& bytes) {
    (void)transactions.handle_message(
        world.now, Flow::udp(*SocketAddress::parse("192.0.2.1:5060"), address), bytes);
  }

  World& world;
  const SocketAddress address = *SocketAddress::parse("198.51.100.9:5070");
  Proxy proxy;
  TransactionLayer transactions;
  unsigned requests = 0;
  unsigned finals = 0;
};

class CrossRegistration : public testing::TestWithParam<const char*> {};

TEST_P(CrossRegistration, ARequestBecomesNoMoreThanItsBreadth) {
  World world;
  Node& node = world.add_node("192.0.2.1:5060");
  Echo echo(world, node);
  constexpr unsigned users = bindings_per_aor_max;
  const auto uri = [](unsigned user) {
    return "sip:u" + std::to_string(user) + "@" + std::string(domain);
  };
  for (unsigned user = 0; user < users; ++user) {
    std::vector<Binding> bindings(users);
    for (unsigned contact = 0; contact < users; ++contact) {
      bindings[contact].uri = uri(contact);
      bindings[contact].flow = Flow::udp(node.address, echo.address);
      bindings[contact].expires = world.now.monotonic + std::chrono::hours(1);
    }
    node.registrar.restore(world.now, uri(user).substr(4), bindings);
  }
  const std::string method = GetParam();
  const std::string text = method + " " + uri(0) +
                           " SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.9:5070;rport;branch=z9hG4bK1"
                           "\r\nFrom: <sip:u1@dht.example>;tag=1\r\nTo: <" +
                           uri(0) + ">\r\nCall-ID: 1\r\nCSeq: 1 " + method +
                           "\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
  echo.receive(to_bytes(as_bytes(text)));
  world.pump();
  world.pass(std::chrono::seconds(60));
  EXPECT_EQ(echo.finals, 1u) << "it ends, with one answer";
  EXPECT_GE(echo.requests, users);
  // At most 60 ways to the end, none of which names a user twice.
  EXPECT_LE(echo.requests, 60 * users);
  EXPECT_EQ(echo.proxy.contexts(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Methods, CrossRegistration, testing::Values("INVITE", "MESSAGE"));

}  // namespace
}  // namespace chordial::sip::test
