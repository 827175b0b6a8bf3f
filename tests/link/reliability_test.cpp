// The parts of Simple Reliability by themselves.
#include <gtest/gtest.h>

#include "link/received_sequences.h"
#include "link/recent_messages.h"
#include "link/reliable_sender.h"

namespace chordial::link {
namespace {

Now at_ms(std::int64_t ms) {
  return {MonotonicTime(Duration(1'000'000 + ms * 1000)), WallTime{}};
}

TEST(RttEstimator, FollowsRfc6298) {
  RttEstimator rtt;
  EXPECT_EQ(rtt.rto(), Duration(500'000));
  rtt.sample(Duration(200'000));  // §2.2: SRTT = R, RTTVAR = R/2
  EXPECT_EQ(rtt.rto(), Duration(600'000));
  rtt.sample(Duration(280'000));  // §2.3: RTTVAR = 3/4·100 + 1/4·80 = 95, SRTT = 210
  EXPECT_EQ(rtt.smoothed(), Duration(210'000));
  EXPECT_EQ(rtt.rto(), Duration(590'000));
  for (int i = 0; i < 100; ++i)
    rtt.sample(Duration(1'000));
  EXPECT_EQ(rtt.rto(), RttEstimator::rto_min);
}

TEST(ReceivedSequences, MaskNamesTheThirtyOneBefore) {
  ReceivedSequences received;
  for (std::uint32_t i = 0; i < 40; ++i) {
    if (i == 37) continue;
    EXPECT_TRUE(received.note(i));
  }
  EXPECT_FALSE(received.note(39));
  EXPECT_EQ(received.mask(39), 0xfffffffe & ~(1u << 2));
  EXPECT_TRUE(received.note(37));
  EXPECT_EQ(received.mask(39), 0xfffffffe);
  EXPECT_EQ(received.mask(37) & 0b111, 0b110u);
}

TEST(ReceivedSequences, NumbersWrap) {
  ReceivedSequences received;
  EXPECT_TRUE(received.note(0xfffffffe));
  EXPECT_TRUE(received.note(0xffffffff));
  EXPECT_TRUE(received.note(1));
  EXPECT_EQ(received.mask(1), (1u << 2) | (1u << 3));
}

TEST(RecentMessages, ForgetsByAgeAndByNumber) {
  RecentMessages recent;
  EXPECT_FALSE(recent.repeated(at_ms(0), Duration(2'000'000), 1));
  EXPECT_TRUE(recent.repeated(at_ms(1'999), Duration(2'000'000), 1));
  EXPECT_FALSE(recent.repeated(at_ms(4'000), Duration(2'000'000), 1));
  for (std::uint64_t i = 2; i < 2 + RecentMessages::messages_max; ++i)
    EXPECT_FALSE(recent.repeated(at_ms(4'000), Duration(2'000'000), i));
  EXPECT_FALSE(recent.repeated(at_ms(4'001), Duration(2'000'000), 1));
}

TEST(ReliableSender, RepeatsOnTheScheduleOfTheRfcAndGivesUp) {
  ReliableSender sender;
  ASSERT_TRUE(sender.push(as_bytes("m")));
  EXPECT_EQ(sender.next(at_ms(0))->sequence, 0u);
  std::vector<std::int64_t> sent;
  std::int64_t given_up = 0;
  for (std::int64_t ms = 1; ms < 20'000 && given_up == 0; ++ms) {
    if (sender.next_timeout() > at_ms(ms).monotonic) continue;
    if (!sender.on_timeout(at_ms(ms))) {
      given_up = ms;
    } else if (const auto frame = sender.next(at_ms(ms))) {
      EXPECT_EQ(frame->sequence, sent.size() + 1) << "a new number each time";
      sent.push_back(ms);
    }
  }
  EXPECT_EQ(sent, (std::vector<std::int64_t>{500, 1500, 3500, 7500}));
  EXPECT_EQ(given_up, 11'500);
}

TEST(ReliableSender, AnAckOfAnyTransmissionWillDo) {
  ReliableSender sender;
  ASSERT_TRUE(sender.push(as_bytes("m")));
  (void)sender.next(at_ms(0));
  ASSERT_TRUE(sender.on_timeout(at_ms(500)));
  EXPECT_EQ(sender.next(at_ms(500))->sequence, 1u);
  sender.on_ack(at_ms(600), 0, 0);
  EXPECT_EQ(sender.in_flight(), 0u);
  EXPECT_EQ(sender.rtt().smoothed(), Duration(600'000));
  EXPECT_EQ(sender.next_timeout(), never);
}

TEST(ReliableSender, MaskAcknowledgesAndThreeLaterAcksMeanLost) {
  ReliableSender sender;
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(sender.push(as_bytes("m")));
  for (std::uint32_t i = 0; i < 4; ++i)
    EXPECT_EQ(sender.next(at_ms(0))->sequence, i);
  EXPECT_FALSE(sender.next(at_ms(0))) << "window of 4";
  sender.on_ack(at_ms(50), 3, 0b110);  // 3, 2, 1 arrived; 0 did not
  EXPECT_EQ(sender.in_flight(), 1u);
  const auto again = sender.next(at_ms(50));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->sequence, 4u);
  EXPECT_EQ(sender.retransmissions(), 1u);
}

TEST(ReliableSender, ForeignAcksChangeNothing) {
  ReliableSender sender;
  ASSERT_TRUE(sender.push(as_bytes("m")));
  (void)sender.next(at_ms(0));
  sender.on_ack(at_ms(1), 1000, 0xffffffff);
  sender.on_ack(at_ms(1), 0xffffffff, 0);
  EXPECT_EQ(sender.in_flight(), 1u);
}

}  // namespace
}  // namespace chordial::link
