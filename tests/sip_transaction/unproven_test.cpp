// Answers to those who have not proven to be where they say (RFC 3261 §8.2.7).
#include "sip_transaction/world.h"

namespace chordial::sip {
namespace {

TransactionLimits small_allowance() {
  return {.transactions_max = 8,
          .unproven = {.sources_max = 4, .burst_bytes = 100, .refill_bytes_per_s = 10}};
}

// Receives a request and answers it as a stranger's with so many bytes more than it had.
void answer(World& world, std::string_view method, int number, std::size_t more,
            const Flow& flow = udp_flow()) {
  world.on_new_request = [&](const Message& request) {
    const std::string tag = world.layer.stable_tag(world.last_id);
    MessageBuilder builder = MessageBuilder::response(request, 407, tag, std::nullopt);
    const std::size_t plain = MessageBuilder(builder).finish().size();
    const std::size_t wanted = request.bytes().size() + more;
    builder.header("X", std::string(wanted - plain - 5, 'x'));
    world.layer.respond_unproven(world.now(), world.last_id, request, builder.finish());
  };
  static_cast<void>(world.receive(
      flow, request_bytes(method, "z9hG4bK" + std::to_string(number), std::string(200, 'e'))));
  world.on_new_request = nullptr;
}

TEST(Unproven, IsAnsweredOnceAndForgotten) {
  World world(small_allowance());
  for (const char* method : {"INVITE", "OPTIONS"}) {
    answer(world, method, 1, 0);
    EXPECT_EQ(world.take(), (Lines{std::to_string(world.ms) + " request " + method,
                                   std::to_string(world.ms) + " send 407"}));
    EXPECT_EQ(world.layer.size(), 0U);
    world.run_to(world.ms + 40000);
    EXPECT_TRUE(world.take().empty()) << "nothing repeated, nothing told";
  }
}

TEST(Unproven, TheSameRequestGetsTheSameTag) {
  World world(small_allowance());
  answer(world, "INVITE", 1, 0);
  const Bytes first = world.last_sent;
  answer(world, "INVITE", 1, 0);
  EXPECT_EQ(world.last_sent, first);
  answer(world, "INVITE", 2, 0);
  EXPECT_NE(Message::parse(world.last_sent)->to()->tag(), Message::parse(first)->to()->tag());
}

TEST(Unproven, LongerAnswersGoAsFarAsTheAllowance) {
  World world(small_allowance());
  const auto sent = [&] {
    const Lines lines = world.take();
    return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return line.find("send 407") != std::string::npos;
    });
  };
  for (int i = 0; i < 10; ++i)
    answer(world, "OPTIONS", i, 40);
  EXPECT_EQ(sent(), 2);
  answer(world, "OPTIONS", 11, 0);
  EXPECT_EQ(sent(), 1) << "no longer than the request";
  for (int i = 20; i < 30; ++i)
    answer(world, "OPTIONS", i, 40, tcp_flow());
  EXPECT_EQ(sent(), 10) << "a TCP handshake has proven the address";
  world.layer.source_proven(udp_flow());
  answer(world, "OPTIONS", 40, 100);
  EXPECT_EQ(sent(), 1);
  world.run_to(5000);
  answer(world, "OPTIONS", 41, 40);
  EXPECT_EQ(sent(), 1);
}

TEST(Unproven, RefusalsOfTheLayerItselfAreHeldToIt) {
  World world(small_allowance());
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    static_cast<void>(world.receive(
        udp_flow(), to_bytes(as_bytes("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK" +
                                      std::to_string(i) + "\r\n\r\n"))));
    answered += static_cast<int>(world.take().size());
  }
  EXPECT_GT(answered, 0);
  EXPECT_LT(answered, 5);
}

TEST(Unproven, FlowsThatAreProvenAreToldToTheSender) {
  struct Hearing final : Sender {
    std::vector<Flow> proven;
    Expected<void> send(Now, const Flow&, ByteView, TransactionId) override { return {}; }
    void flow_proven(const Flow& flow) override { proven.push_back(flow); }
  } sender;
  World world;
  TransactionLayer layer(sender, world.timers, world.rng, world, world.times);
  layer.source_proven(tcp_flow());
  layer.source_proven(udp_flow());
  EXPECT_EQ(sender.proven, std::vector<Flow>{tcp_flow()});
}

}  // namespace
}  // namespace chordial::sip
