// The reader's side: which values of an answer count (RFC 6940 §7.4.2.2); and Resource-IDs.
#include "storage/fetched.h"

#include "storage/world.h"

namespace chordial::storage::test {
namespace {

class Fetched : public testing::Test {
 protected:
  World world;
  const crypto::Certificate* alice = world.user("alice@example.org", 1);
  ResourceId at_alice = resource_id_of("alice@example.org");

  struct Sent {
    Bytes encoded;
    std::uint64_t time;
  };
  Expected<FetchedKind> judged(wire::KindId kind, const std::vector<Sent>& sent) {
    values_.clear();
    sent_ = sent;  // the result looks at these
    for (const Sent& value : sent_)
      values_.push_back({value.time, 60, value.encoded, 0});
    return proven_values(world.now, world.judges, at_alice, {kind, 7, values_}, {});
  }

 private:
  std::vector<Sent> sent_;
  std::vector<wire::StoredData> values_;
};

TEST_F(Fetched, KeepsWhatIsProvenAndCountsTheRest) {
  const Write good{.kind = kind_array, .value = "good", .index = 1};
  const crypto::Certificate* bob = world.user("bob@example.org", 2);
  Sent altered{world.sign(at_alice, good, alice), 1000};
  altered.encoded[10] ^= 1;
  const std::vector<Sent> sent{
      {world.sign(at_alice, good, alice), 1000},
      altered,
      {world.sign(at_alice, {.kind = kind_array, .index = 2}, bob), 1000},  // may not write there
      {Bytes{1, 2, 3}, 1000}};
  const auto fetched = judged(kind_array, sent);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->generation, 7u);
  EXPECT_EQ(fetched->rejected, 3u);
  ASSERT_EQ(fetched->values.size(), 1u);
  EXPECT_EQ(as_text(fetched->values[0].value.value.value), "good");
  EXPECT_EQ(fetched->values[0].signer.certificate, alice);
  EXPECT_EQ(fetched->values[0].signer.node, node(1));
}

TEST_F(Fetched, ASyntheticValueProvesOnlyThatNothingIsThere) {
  const Bytes nothing = wire::encode_synthetic({wire::DataModel::single_value, 0, {}, {}});
  const Bytes something = wire::encode(
      {wire::DataModel::single_value, 0, {}, {true, as_bytes("forged")}}, wire::Signature{});
  const auto well = judged(kind_single, {{nothing, 0}});
  ASSERT_EQ(well->values.size(), 1u);
  EXPECT_FALSE(well->values[0].value.value.exists);
  EXPECT_EQ(well->values[0].signer.certificate, nullptr);
  EXPECT_EQ(judged(kind_single, {{something, 0}})->rejected, 1u);
}

TEST_F(Fetched, OfTwoForOnePlaceTheNewerCounts) {
  const Write older{.kind = kind_array, .value = "older", .time = 1000, .index = 1};
  const Write newer{.kind = kind_array, .value = "newer", .time = 2000, .index = 1};
  const Write first{.kind = kind_array, .value = "first", .time = 500, .index = 0};
  const auto fetched = judged(kind_array, {{world.sign(at_alice, older, alice), 1000},
                                           {world.sign(at_alice, newer, alice), 2000},
                                           {world.sign(at_alice, first, alice), 500}});
  ASSERT_EQ(fetched->values.size(), 2u);
  EXPECT_EQ(as_text(fetched->values[0].value.value.value), "first");
  EXPECT_EQ(as_text(fetched->values[1].value.value.value), "newer");
  EXPECT_EQ(fetched->rejected, 1u);
}

TEST_F(Fetched, NoMoreSignaturesAreCheckedThanTheKindMayHold) {
  std::vector<Sent> many;
  for (std::uint32_t i = 0; i < 100; ++i)
    many.push_back(
        {world.sign(at_alice, {.kind = kind_array, .time = i + 1, .index = i % 4}, alice), i + 1});
  const std::uint64_t before = world.cost.checked;
  const auto fetched = judged(kind_array, many);
  EXPECT_EQ(world.cost.checked - before, 4u);
  EXPECT_EQ(fetched->values.size(), 4u);
  EXPECT_EQ(fetched->rejected, 96u);
}

TEST_F(Fetched, AnExpiredCertificateProvesNothing) {
  const std::vector<Sent> sent{{world.sign(at_alice, {}, alice), 1000}};
  EXPECT_EQ(judged(kind_single, sent)->values.size(), 1u);
  world.pass(std::chrono::hours(10'001));
  EXPECT_EQ(judged(kind_single, sent)->rejected, 1u);
}

TEST_F(Fetched, AnUnknownKindIsAnError) {
  EXPECT_EQ(judged(kind_unknown, {}).error().kind, ErrorKind::unsupported);
}

TEST(ResourceName, IsSha1TruncatedTo128Bits) {
  EXPECT_EQ(resource_id_of("abc").hex(), "a9993e364706816aba3e25717850c26c");  // FIPS 180-4
  EXPECT_EQ(resource_id_of(node(0x61)), resource_id_of(std::string(16, 'a')));
  EXPECT_EQ(resource_id_of(node(0x61), 0x62), resource_id_of(std::string(16, 'a') + "b"));
}

TEST(KindTable, TheLastOfTwoCountsAndSizesAreBounded) {
  const KindTable table({{9, wire::DataModel::array, AccessControl::node_match, 0, 5},
                         {3, wire::DataModel::array, AccessControl::node_match, 4'000'000'000, 5},
                         {9, wire::DataModel::dictionary, AccessControl::user_match, 2, 6}});
  ASSERT_EQ(table.all().size(), 2u);
  EXPECT_EQ(table.find(9)->model, wire::DataModel::dictionary);
  EXPECT_EQ(table.find(3)->max_count, wire::values_max);
  EXPECT_EQ(table.find(4), nullptr);
  EXPECT_EQ(table.model(4), std::nullopt);
  EXPECT_EQ(KindTable({{1, {}, {}, 0, 5}}).find(1)->max_count, 1u);
}

}  // namespace
}  // namespace chordial::storage::test
