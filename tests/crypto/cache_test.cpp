// Which certificate goes when there is no more room.
#include "crypto/certificate_cache.h"

namespace chordial::crypto {
namespace {

CertificateHash hash_of(std::uint8_t number) {
  CertificateHash hash{};
  hash[0] = number;
  return hash;
}

class Cache : public testing::Test {
 protected:
  void insert(std::uint8_t number) {
    auto certificate = std::make_unique<Certificate>();
    certificate->hash = hash_of(number);
    cache.insert(std::move(certificate));
  }
  bool has(std::uint8_t number) { return cache.find(hash_of(number)) != nullptr; }

  CertificateCache<Certificate> cache{3};
};

TEST_F(Cache, TheOneNotAskedForLongestGoes) {
  insert(1);
  insert(2);
  insert(3);
  EXPECT_TRUE(has(1));
  insert(4);
  EXPECT_FALSE(has(2));
  EXPECT_TRUE(has(1) && has(3) && has(4));
}

TEST_F(Cache, APinnedOneStaysUntilItsLastUnpin) {
  insert(1);
  cache.pin(hash_of(1));
  cache.pin(hash_of(1));
  for (std::uint8_t i = 2; i < 20; ++i)
    insert(i);
  EXPECT_TRUE(has(1));
  cache.unpin(hash_of(1));
  for (std::uint8_t i = 20; i < 30; ++i)
    insert(i);
  EXPECT_TRUE(has(1)) << "pinned once more";
  cache.unpin(hash_of(1));
  for (std::uint8_t i = 30; i < 33; ++i)
    insert(i);
  EXPECT_FALSE(has(1));
  EXPECT_EQ(cache.size(), 3u);
}

TEST_F(Cache, WhenAllArePinnedTheOldestOfThemGoes) {
  for (std::uint8_t i = 1; i <= 3; ++i) {
    insert(i);
    cache.pin(hash_of(i));
  }
  EXPECT_TRUE(has(1));
  insert(4);
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_FALSE(has(2));
  EXPECT_TRUE(has(4));
  cache.unpin(hash_of(2));
  insert(2);
  cache.unpin(hash_of(2));
  EXPECT_TRUE(has(2)) << "an unpin too many takes nothing away";
}

TEST_F(Cache, WhatIsNotRetainedIsGonePinnedOrNot) {
  insert(1);
  insert(2);
  cache.pin(hash_of(2));
  cache.retain([](const Certificate&) { return false; });
  EXPECT_EQ(cache.size(), 0u);
  cache.unpin(hash_of(2));
}

}  // namespace
}  // namespace chordial::crypto
