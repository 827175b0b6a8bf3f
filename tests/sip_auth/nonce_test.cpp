#include "sip/auth/nonce.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

Now at_ms(std::int64_t ms) {
  return {MonotonicTime(std::chrono::milliseconds(ms)), WallTime{}};
}

const IpAddress here = *IpAddress::parse("192.0.2.7");

TEST(NonceMint, ReadsItsOwnAndNobodyElses) {
  Rng rng(1, 2);
  NonceMint mint(rng);
  NonceMint other(rng);
  const std::string nonce = mint.issue(at_ms(1234), "dht.example", here);
  const auto key = mint.read(nonce, "dht.example", here);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->issued_ms, 1234u);
  EXPECT_FALSE(mint.read(nonce, "other.example", here));
  EXPECT_FALSE(mint.read(nonce, "dht.example", *IpAddress::parse("192.0.2.8")))
      << "it was sent elsewhere";
  EXPECT_FALSE(other.read(nonce, "dht.example", here)) << "another server, or one that restarted";
  EXPECT_FALSE(mint.read("", "dht.example", here));
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    std::string altered = nonce;
    altered[i] = altered[i] == '0' ? '1' : '0';
    EXPECT_FALSE(mint.read(altered, "dht.example", here)) << i;
  }
}

TEST(NonceMint, TwoOfOneMillisecondDiffer) {
  Rng rng(1, 2);
  NonceMint mint(rng);
  EXPECT_NE(mint.issue(at_ms(5), "r", here), mint.issue(at_ms(5), "r", here));
}

TEST(NonceReplayTable, CountsMustGrow) {
  NonceReplayTable table(4);
  const NonceKey nonce{100, 1};
  EXPECT_TRUE(table.note(nonce, 1));
  EXPECT_FALSE(table.note(nonce, 1));
  EXPECT_TRUE(table.note(nonce, 3));
  EXPECT_FALSE(table.note(nonce, 2)) << "rolled back, though never seen";
  EXPECT_TRUE(table.note({100, 2}, 2)) << "another nonce of the same time";
  EXPECT_TRUE(table.note(nonce, 0xffffffff));
  EXPECT_FALSE(table.note(nonce, 0));
}

TEST(NonceReplayTable, ForgettingNeverReopens) {
  NonceReplayTable table(2);
  EXPECT_TRUE(table.note({10, 0}, 1));
  EXPECT_TRUE(table.note({20, 0}, 1));
  EXPECT_TRUE(table.note({30, 0}, 1));  // 10 goes
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.forgotten(), 1u);
  EXPECT_FALSE(table.note({10, 0}, 1));
  EXPECT_FALSE(table.note({5, 0}, 1));
  EXPECT_FALSE(table.note({15, 0}, 1)) << "older than all remembered, and no room";
  table.forget_before(25);
  EXPECT_EQ(table.size(), 1u);
  EXPECT_FALSE(table.note({20, 0}, 9));
  EXPECT_TRUE(table.note({25, 0}, 1));
}

}  // namespace
}  // namespace chordial::sip
