// What a forged source can make this node send to its victim.
#include "sip/flow/source_allowance.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

Now at_ms(std::int64_t ms) {
  return {MonotonicTime(std::chrono::milliseconds(ms)), WallTime{}};
}

IpAddress ip(const std::string& text) {
  return *IpAddress::parse(text);
}

struct SourceAllowanceTest : testing::Test {
  Rng rng{1, 2};
  SourceAllowance allowance{rng,
                            {.sources_max = 3, .burst_bytes = 1000, .refill_bytes_per_s = 100}};
};

TEST_F(SourceAllowanceTest, AnswersNoLongerThanTheirRequestAreFree) {
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(allowance.take(at_ms(0), ip("192.0.2.1"), 400, 400));
  EXPECT_EQ(allowance.sources(), 0u);
}

TEST_F(SourceAllowanceTest, TheExcessOfOneSourceIsBoundedAndFillsUpWithTime) {
  std::size_t sent = 0;
  for (int i = 0; i < 100; ++i)
    sent += allowance.take(at_ms(0), ip("192.0.2.1"), 300, 600) ? 300 : 0;
  EXPECT_EQ(sent, 900u);
  EXPECT_TRUE(allowance.take(at_ms(0), ip("192.0.2.2"), 300, 600)) << "another source";
  EXPECT_FALSE(allowance.take(at_ms(1000), ip("192.0.2.1"), 300, 600));
  EXPECT_TRUE(allowance.take(at_ms(2000), ip("192.0.2.1"), 300, 600));
  EXPECT_FALSE(allowance.take(at_ms(100000000), ip("192.0.2.1"), 0, 1001)) << "no more than full";
  EXPECT_TRUE(allowance.take(at_ms(100000000), ip("192.0.2.1"), 0, 1000));
}

TEST_F(SourceAllowanceTest, WhoHasProvenToBeThereStartsAgain) {
  EXPECT_TRUE(allowance.take(at_ms(0), ip("192.0.2.1"), 0, 1000));
  EXPECT_FALSE(allowance.take(at_ms(0), ip("192.0.2.1"), 0, 1));
  allowance.restore(ip("192.0.2.1"));
  allowance.restore(ip("192.0.2.9"));
  EXPECT_TRUE(allowance.take(at_ms(0), ip("192.0.2.1"), 0, 1000));
}

TEST_F(SourceAllowanceTest, Ipv6IsCountedByTheNetwork) {
  EXPECT_TRUE(allowance.take(at_ms(0), ip("2001:db8::1"), 0, 1000));
  EXPECT_FALSE(allowance.take(at_ms(0), ip("2001:db8::ffff:2"), 0, 1));
  EXPECT_TRUE(allowance.take(at_ms(0), ip("2001:db8:0:1::1"), 0, 1));
}

TEST_F(SourceAllowanceTest, TheTableIsBounded) {
  for (int i = 1; i < 200; ++i)
    EXPECT_TRUE(allowance.take(at_ms(i), ip("192.0.2." + std::to_string(i)), 0, 1000));
  EXPECT_EQ(allowance.sources(), 3u);
  EXPECT_FALSE(allowance.take(at_ms(200), ip("192.0.2.199"), 0, 1000)) << "the newest is kept";
}

}  // namespace
}  // namespace chordial::sip
