// Whole links over a bad network in virtual time.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>

#include "base/byte_writer.h"
#include "link/virtual_network.h"

namespace chordial::link {
namespace {

Bytes message(std::uint64_t number, std::size_t bytes = 200) {
  ByteWriter writer;
  writer.u64(number);
  Bytes out = writer.take();
  out.resize(bytes, static_cast<std::uint8_t>(number));
  return out;
}

struct Pair {
  explicit Pair(std::uint64_t seed, const NetworkConditions& conditions = {})
      : network(seed, conditions), a(network.add()), b(network.add()) {}

  LinkId connect() {
    const auto id = a.layer.connect(network.now(), b.address, b.id);
    EXPECT_TRUE(id.has_value());
    network.run(Duration(8'000'000));
    return id.value();
  }

  VirtualNetwork network;
  VirtualNode& a;
  VirtualNode& b;
};

TEST(WireLink, ComesUpOnBothSidesAndCarriesMessages) {
  Pair pair(1);
  const LinkId link = pair.connect();
  ASSERT_EQ(pair.a.up.size(), 1u);
  ASSERT_EQ(pair.b.up.size(), 1u);
  EXPECT_EQ(pair.a.up.begin()->second, pair.b.id);
  EXPECT_EQ(pair.b.up.begin()->second, pair.a.id);

  pair.b.echo = true;
  ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(1)));
  pair.network.run(Duration(200'000));
  EXPECT_EQ(pair.b.received, std::vector<Bytes>{message(1)});
  EXPECT_EQ(pair.a.received, std::vector<Bytes>{message(1)});
  EXPECT_EQ(pair.a.layer.info(link).rtt_us, 50'000u);
}

TEST(WireLink, AckTravelsInTheDatagramOfTheAnswer) {
  Pair pair(2);
  const LinkId link = pair.connect();
  pair.b.echo = true;
  const std::size_t before = pair.b.datagrams_sent;
  ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(1)));
  pair.network.run(Duration(300'000));
  EXPECT_EQ(pair.b.datagrams_sent - before, 1u);
}

class BadNetwork : public testing::TestWithParam<std::uint64_t> {};

TEST_P(BadNetwork, DeliversEverythingOnceOrSaysTheLinkIsDown) {
  NetworkConditions conditions;
  conditions.loss = 0.12;
  conditions.delay_spread = Duration(40'000);
  conditions.duplication = 0.05;
  conditions.corruption = 0.02;
  Pair pair(GetParam(), conditions);
  const LinkId link = pair.connect();
  constexpr std::uint64_t count = 400;
  for (std::uint64_t i = 0; i < count && pair.a.down.empty(); ++i) {
    while (!pair.a.layer.send(pair.network.now(), link, message(i)) && pair.a.down.empty())
      pair.network.run(Duration(10'000));
  }
  pair.network.run(Duration(60'000'000));
  std::map<Bytes, MonotonicTime> distinct;
  for (std::size_t i = 0; i < pair.b.received.size(); ++i) {
    const auto [at, first] = distinct.emplace(pair.b.received[i], pair.b.received_at[i]);
    // A repetition that comes late is end-to-end, as far as the link can tell.
    EXPECT_TRUE(first || pair.b.received_at[i] - at->second > WireLinkOptions{}.repetition_age_max);
  }
  if (pair.a.down.empty()) {
    EXPECT_EQ(distinct.size(), count);
  }
  RecordProperty("down", pair.a.down.empty() ? "no" : pair.a.down[0].second.text());
}
INSTANTIATE_TEST_SUITE_P(Seeds, BadNetwork, testing::Range<std::uint64_t>(1, 41));

TEST(WireLink, WindowGrowsToThirtyTwoAndFillsTheRoundTrip) {
  Pair pair(3);
  const LinkId link = pair.connect();
  std::uint64_t sent = 0;
  const MonotonicTime start = pair.network.now().monotonic;
  while (pair.network.now().monotonic - start < Duration(10'000'000)) {
    while (pair.a.layer.find(link)->sender().queued() < 64)
      ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(sent++)));
    pair.network.run(Duration(5'000));
  }
  EXPECT_EQ(pair.a.layer.find(link)->sender().window(), 32u);
  // Stop-and-wait would carry 20 a second; 32 per 50 ms are 640.
  EXPECT_GT(pair.b.received.size(), 6'000u);
  EXPECT_EQ(pair.a.layer.find(link)->sender().retransmissions(), 0u);
}

TEST(WireLink, LossHalvesTheWindowOnce) {
  NetworkConditions conditions;
  conditions.loss = 0.02;
  Pair pair(4, conditions);
  const LinkId link = pair.connect();
  std::uint64_t sent = 0;
  const MonotonicTime start = pair.network.now().monotonic;
  while (pair.network.now().monotonic - start < Duration(20'000'000)) {
    while (pair.a.layer.find(link)->sender().queued() < 64)
      ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(sent++)));
    pair.network.run(Duration(5'000));
  }
  EXPECT_GT(pair.a.layer.find(link)->sender().retransmissions(), 0u);
  EXPECT_GT(pair.b.received.size(), 2'500u);  // 125 a second at 2 % loss
}

TEST(WireLink, SilenceBringsTheLinkDownWithinTheBound) {
  Pair pair(5);
  const LinkId link = pair.connect();
  pair.network.cut = true;
  ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(1)));
  pair.network.run(Duration(1'500'000));
  EXPECT_TRUE(pair.a.down.empty());
  pair.network.run(Duration(15'000'000));
  ASSERT_EQ(pair.a.down.size(), 1u);
  EXPECT_EQ(pair.a.down[0].second.kind, ErrorKind::unavailable);
  EXPECT_EQ(pair.a.layer.links(), 0u);
}

TEST(WireLink, SuspectUntilAnAckComes) {
  Pair pair(6);
  const LinkId link = pair.connect();
  pair.network.cut = true;
  ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(1)));
  pair.network.run(Duration(3'600'000));
  EXPECT_TRUE(pair.a.layer.info(link).suspect);
  pair.network.cut = false;
  pair.network.run(Duration(4'100'000));
  EXPECT_FALSE(pair.a.layer.info(link).suspect);
  EXPECT_EQ(pair.b.received.size(), 1u);
}

TEST(WireLink, QueueIsBoundedInMessagesAndBytes) {
  Pair pair(7);
  const LinkId link = pair.connect();
  pair.network.cut = true;
  std::size_t taken = 0;
  for (std::uint64_t i = 0; i < 1000; ++i)
    taken += pair.a.layer.send(pair.network.now(), link, message(i)).has_value() ? 1 : 0;
  EXPECT_EQ(taken, ReliableSender::queue_messages_max + CongestionWindow::initial);
  const auto refused = pair.a.layer.send(pair.network.now(), link, message(2000));
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  const auto big =
      pair.a.layer.send(pair.network.now(), link, message(1, pair.a.layer.message_bytes_max() + 1));
  EXPECT_EQ(big.error().kind, ErrorKind::limit);
}

TEST(WireLink, CloseTellsTheOtherSide) {
  Pair pair(8);
  const LinkId link = pair.connect();
  pair.a.layer.close(pair.network.now(), link);
  pair.network.run(Duration(100'000));
  EXPECT_TRUE(pair.a.down.empty()) << "not for one's own close";
  ASSERT_EQ(pair.b.down.size(), 1u);
  EXPECT_EQ(pair.a.layer.links() + pair.b.layer.links(), 0u);
}

TEST(WireLink, MayBeClosedFromInsideItsOwnMessage) {
  Pair pair(9);
  const LinkId link = pair.connect();
  pair.b.close_on_message = true;
  for (std::uint64_t i = 0; i < 3; ++i)
    ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(i)));
  pair.network.run(Duration(500'000));
  EXPECT_EQ(pair.b.received.size(), 1u);
  EXPECT_EQ(pair.b.layer.links(), 0u);
  EXPECT_EQ(pair.a.down.size(), 1u);
}

TEST(WireLink, EndToEndRepetitionPassesAfterTheLinksMemory) {
  Pair pair(10);
  const LinkId link = pair.connect();
  ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(1)));
  pair.network.run(Duration(3'000'000));
  ASSERT_TRUE(pair.a.layer.send(pair.network.now(), link, message(1)));
  pair.network.run(Duration(100'000));
  EXPECT_EQ(pair.b.received.size(), 2u);
}

TEST(WireLink, SipGoesBesideTheFrames) {
  Pair pair(11);
  const LinkId link = pair.connect();
  const ByteView sip = as_bytes("BYE sip:a@b SIP/2.0\r\n\r\n");
  ASSERT_TRUE(pair.a.layer.send_sip(pair.network.now(), link, sip));
  EXPECT_EQ(pair.a.layer.send_sip(pair.network.now(), link, as_bytes("\x80")).error().kind,
            ErrorKind::invalid);
  pair.network.run(Duration(100'000));
  EXPECT_EQ(pair.b.sip, std::vector<Bytes>{to_bytes(sip)});
  EXPECT_TRUE(pair.b.received.empty());
}

TEST(WireLink, ApplicationCarriesRawDatagrams) {
  VirtualNetwork network(12);
  WireLinkLayerOptions options;
  options.link.carriage = Carriage::application;
  VirtualNode& a = network.add(options);
  VirtualNode& b = network.add(options);
  const auto link = a.layer.connect(network.now(), b.address, b.id);
  network.run(Duration(1'000'000));
  const Bytes sip = to_bytes(as_bytes("INVITE sip:b@c SIP/2.0\r\n\r\n"));
  ASSERT_TRUE(a.layer.send(network.now(), *link, sip));
  network.run(Duration(100'000));
  EXPECT_EQ(b.received, std::vector<Bytes>{sip});
  network.cut = true;
  ASSERT_TRUE(a.layer.send(network.now(), *link, sip));
  network.run(Duration(30'000'000));
  EXPECT_TRUE(a.down.empty()) << "nothing is repeated, nothing is missed";
}

}  // namespace
}  // namespace chordial::link
