// The table of keys against a map.
#include <gtest/gtest.h>
#include <map>

#include "base/rng.h"
#include "sip/transaction/transaction_table.h"

namespace chordial::sip {
namespace {

TEST(TransactionTable, AgreesWithAMap) {
  for (const std::uint64_t spread : {std::uint64_t{4}, std::uint64_t{64}, std::uint64_t{1} << 40}) {
    Rng rng(3, spread);
    TransactionTable table;
    std::map<std::uint32_t, TransactionKey> twin;  // by slot
    std::uint32_t last = 0;
    for (int step = 0; step < 20000; ++step) {
      const bool grow = step < 8000 ? rng.below(3) != 0 : rng.below(3) == 0;
      if (grow || twin.empty()) {
        // Keys that differ in their high half alone stand in one place.
        const TransactionKey key{rng.below(spread), rng.u64()};
        table.insert(key, ++last);
        twin.emplace(last, key);
      } else {
        auto victim = twin.lower_bound(static_cast<std::uint32_t>(rng.below(last + 1)));
        if (victim == twin.end()) victim = twin.begin();
        table.erase(victim->second, victim->first);
        twin.erase(victim);
      }
      ASSERT_EQ(table.size(), twin.size());
      if (step % 50 != 0) continue;
      for (const auto& [slot, key] : twin) {
        const auto found = table.find(key, [&](std::uint32_t at) { return twin.at(at); });
        ASSERT_EQ(found, slot);
      }
      const TransactionKey absent{rng.below(spread), rng.u64()};
      EXPECT_FALSE(table.find(absent, [&](std::uint32_t at) { return twin.at(at); }));
    }
  }
}

TEST(TransactionTable, GrowsAndShrinksWithWhatItHolds) {
  TransactionTable table;
  EXPECT_EQ(table.memory_bytes(), 0u) << "nothing before it is used";
  const auto key = [](std::uint32_t i) { return TransactionKey{i * 0x9e3779b97f4a7c15ULL, i}; };
  for (std::uint32_t i = 0; i < 10000; ++i)
    table.insert(key(i), i);
  EXPECT_LE(table.memory_bytes(), 10000u * 16 * 4);
  for (std::uint32_t i = 0; i < 10000; ++i)
    table.erase(key(i), i);
  EXPECT_LE(table.memory_bytes(), 256u);
}

}  // namespace
}  // namespace chordial::sip
