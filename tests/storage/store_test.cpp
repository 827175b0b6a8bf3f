// The rules of Store, each by name (RFC 6940 §7.4.1).
#include "storage/world.h"

namespace chordial::storage::test {
namespace {

using wire::ErrorCode;

class Store : public testing::Test {
 protected:
  World world;
  const crypto::Certificate* alice = world.user("alice@example.org", 1);
  const crypto::Certificate* bob = world.user("bob@example.org", 2);
  ResourceId at_alice = resource_id_of("alice@example.org");

  std::string info(const StoreOutcome& outcome) {
    return std::string(as_text(outcome.answer.body));
  }
};

TEST_F(Store, KeepsASingleValueAnArrayAndADictionary) {
  const Write single{.kind = kind_single, .value = "abc"};
  const Write foo{.kind = kind_array, .value = "foo"};
  const Write bar{.kind = kind_array, .value = "bar", .time = 1001, .index = 1};
  const std::string key(as_text(node(1).bytes()));
  const Write registration{.kind = wire::kind_sip_registration, .value = "r", .key = key};
  const StoreOutcome outcome = world.store(at_alice, {single, foo, bar, registration}, alice);
  ASSERT_TRUE(outcome.answer.ok()) << info(outcome);
  EXPECT_TRUE(outcome.changed);
  EXPECT_FALSE(outcome.refresh_only);
  EXPECT_EQ(world.fetch_all(at_alice, kind_single),
            (std::vector<Seen>{{0, "", true, "abc", 1000, 3600, true}}));
  EXPECT_EQ(world.fetch_all(at_alice, kind_array),
            (std::vector<Seen>{{0, "", true, "foo", 1000, 3600, true},
                               {1, "", true, "bar", 1001, 3600, true}}));
  EXPECT_EQ(world.fetch_all(at_alice, wire::kind_sip_registration),
            (std::vector<Seen>{{0, key, true, "r", 1000, 3600, true}}));
  EXPECT_EQ(world.storage.resources(), 1u);
  EXPECT_GT(world.storage.bytes(), 4 * 100u);
}

TEST_F(Store, AnswersWithGenerationsAndReplicas) {
  world.replicas = {node(7), node(8)};
  const StoreOutcome outcome =
      world.store(at_alice, {{.kind = kind_single}, {.kind = kind_array}}, alice);
  const auto answer = wire::parse_value<wire::StoreAns>(outcome.answer.body);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->kind_responses.size(), 2u);
  for (const wire::StoreKindResponse& response : answer->kind_responses) {
    EXPECT_EQ(response.generation_counter, world.generation(at_alice, response.kind));
    EXPECT_GE(response.generation_counter, 1u);
    EXPECT_EQ(response.replicas.front(), node(7));
    EXPECT_EQ(response.replicas.back(), node(8));
  }
}

TEST_F(Store, WhereThisPeerIsNotResponsibleIsRefused) {
  world.accepts = false;
  EXPECT_EQ(world.store(at_alice, {{}}, alice).answer.error, ErrorCode::not_found);
  EXPECT_EQ(world.store(at_alice, {{}}, alice, 1, 1).answer.error, ErrorCode::forbidden);
  EXPECT_EQ(world.storage.resources(), 0u);
}

TEST_F(Store, AResourceIdOfAnotherLengthIsInvalid) {
  EXPECT_EQ(world.store_request({wire::WireResourceId(as_bytes("FOO")), 0, {}}, alice).answer.error,
            ErrorCode::invalid_message);
}

TEST_F(Store, UnknownKindsAreNamed) {
  const StoreOutcome outcome = world.store(
      at_alice, {{.kind = kind_unknown}, {.kind = kind_single}, {.kind = 0x7777}}, alice);
  EXPECT_EQ(outcome.answer.error, ErrorCode::unknown_kind);
  EXPECT_EQ(to_hex(outcome.answer.body), "0800007777f00000ff");
  EXPECT_TRUE(outcome.writes.empty());
}

TEST_F(Store, AKindTwiceIsInvalid) {
  const Bytes encoded = world.sign(at_alice, {}, alice);
  const std::vector<wire::StoredData> values{{1000, 1, encoded, 0}};
  const std::vector<wire::StoreKindData> data{{kind_single, 0, values}, {kind_single, 0, values}};
  EXPECT_EQ(world.store_request({at_alice, 0, data}, alice).answer.error,
            ErrorCode::invalid_message);
}

TEST_F(Store, AKindWithoutValuesIsInvalid) {
  const std::vector<wire::StoreKindData> data{{kind_single, 0, {}}};
  EXPECT_EQ(world.store_request({at_alice, 0, data}, alice).answer.error,
            ErrorCode::invalid_message);
}

TEST_F(Store, TwoValuesForOnePlaceAreInvalid) {
  EXPECT_EQ(world
                .store(at_alice,
                       {{.kind = kind_array, .index = 1}, {.kind = kind_array, .index = 1}}, alice)
                .answer.error,
            ErrorCode::invalid_message);
}

TEST_F(Store, AValueThatDoesNotParseIsInvalid) {
  const Bytes garbage{1, 2, 3};
  EXPECT_EQ(world.store_raw(at_alice, {}, garbage, alice).answer.error, ErrorCode::invalid_message);
}

TEST_F(Store, ASizeAboveTheKindsIsTooLarge) {
  EXPECT_TRUE(world.store(at_alice, {{.value = std::string(16, 'x')}}, alice).answer.ok());
  EXPECT_EQ(
      world.store(at_alice, {{.value = std::string(17, 'x'), .time = 2000}}, alice).answer.error,
      ErrorCode::data_too_large);
}

TEST_F(Store, MoreValuesThanMaxCountAreTooLarge) {
  std::vector<Write> five;
  for (std::uint32_t i = 0; i < 5; ++i)
    five.push_back({.kind = kind_array, .index = i});
  EXPECT_EQ(world.store(at_alice, five, alice).answer.error, ErrorCode::data_too_large);
  five.pop_back();
  EXPECT_TRUE(world.store(at_alice, five, alice).answer.ok());
  EXPECT_EQ(world.store(at_alice, {{.kind = kind_array, .index = 4}}, alice).answer.error,
            ErrorCode::data_too_large);
  EXPECT_EQ(
      world
          .store(at_alice, {{.kind = kind_array, .value = "more", .index = wire::array_end}}, alice)
          .answer.error,
      ErrorCode::data_too_large);
}

TEST_F(Store, AnOlderStorageTimeIsTooOld) {
  ASSERT_TRUE(world.store(at_alice, {{.value = "new", .time = 2000}}, alice).answer.ok());
  EXPECT_EQ(world.store(at_alice, {{.value = "old", .time = 1999}}, alice).answer.error,
            ErrorCode::data_too_old);
  EXPECT_EQ(world.store(at_alice, {{.value = "same time", .time = 2000}}, alice).answer.error,
            ErrorCode::data_too_old);
  EXPECT_EQ(world.store(at_alice, {{.value = "old", .time = 1999}}, alice, 5, 1).answer.error,
            ErrorCode::data_too_old)
      << "for replicas too";
  EXPECT_TRUE(world.store(at_alice, {{.value = "newer", .time = 2001}}, alice).answer.ok());
  EXPECT_EQ(world.fetch_all(at_alice, kind_single)[0].value, "newer");
}

TEST_F(Store, TheVerySameValueAgainChangesNothing) {
  const Write write{.value = "v", .time = 2000};
  ASSERT_TRUE(world.store(at_alice, {write}, alice).answer.ok());
  const std::uint64_t before = world.generation(at_alice, kind_single);
  const StoreOutcome again = world.store(at_alice, {write}, alice);
  EXPECT_TRUE(again.answer.ok()) << info(again);
  EXPECT_FALSE(again.changed);
  EXPECT_TRUE(again.writes.empty());
  EXPECT_EQ(world.generation(at_alice, kind_single), before);
}

TEST_F(Store, ARefreshIsToldApart) {
  ASSERT_FALSE(world.store(at_alice, {{.time = 1000}}, alice).refresh_only);
  EXPECT_TRUE(world.store(at_alice, {{.time = 2000}}, alice).refresh_only);
  EXPECT_FALSE(world.store(at_alice, {{.value = "other", .time = 3000}}, alice).refresh_only);
  EXPECT_FALSE(
      world.store(at_alice, {{.value = "", .time = 4000, .exists = false}}, alice).refresh_only);
}

TEST_F(Store, AGenerationThatDiffersIsRefusedWithTheRightOnes) {
  ASSERT_TRUE(world.store(at_alice, {{}}, alice).answer.ok());
  const std::uint64_t generation = world.generation(at_alice, kind_single);
  for (const std::uint64_t wrong : {generation - 1, generation + 1}) {
    const StoreOutcome outcome =
        world.store(at_alice, {{.time = 2000}, {.kind = kind_array}}, alice, wrong);
    EXPECT_EQ(outcome.answer.error, ErrorCode::generation_counter_too_low);
    const auto counters = wire::parse_value<wire::StoreAns>(outcome.answer.body);
    ASSERT_TRUE(counters);
    ASSERT_EQ(counters->kind_responses.size(), 2u);
    EXPECT_EQ(counters->kind_responses.front().generation_counter, generation);
    EXPECT_EQ(counters->kind_responses.back().generation_counter, 0u);
    EXPECT_TRUE(counters->kind_responses.front().replicas.empty());
  }
  ASSERT_TRUE(world.store(at_alice, {{.time = 2000}}, alice, generation).answer.ok());
  EXPECT_EQ(world.generation(at_alice, kind_single), generation + 1);
}

TEST_F(Store, AReplicaSetsTheGenerationAndIsNotChecked) {
  ASSERT_TRUE(world.store(at_alice, {{}}, alice).answer.ok());
  EXPECT_EQ(world.store(at_alice, {{.time = 2000}}, alice, 0, 1).answer.error,
            ErrorCode::invalid_message);
  ASSERT_TRUE(world.store(at_alice, {{.time = 2000}}, alice, 42, 1).answer.ok());
  EXPECT_EQ(world.generation(at_alice, kind_single), 42u);
}

TEST_F(Store, ACounterThatBeginsAgainMeetsNoOldNumber) {
  ASSERT_TRUE(world.store(at_alice, {{.lifetime = 10}}, alice).answer.ok());
  const std::uint64_t first = world.generation(at_alice, kind_single);
  world.pass(std::chrono::seconds(60));
  EXPECT_EQ(world.generation(at_alice, kind_single), 0u);
  ASSERT_TRUE(world.store(at_alice, {{.time = 2000}}, alice).answer.ok());
  EXPECT_GT(world.generation(at_alice, kind_single), first);
}

TEST_F(Store, AllValuesAreStoredOrNone) {
  ASSERT_TRUE(
      world.store(at_alice, {{.kind = kind_array, .time = 5000, .index = 2}}, alice).answer.ok());
  const std::uint64_t generation = world.generation(at_alice, kind_array);
  const auto disk = world.disk;
  const StoreOutcome outcome = world.store(at_alice,
                                           {{.kind = kind_single},
                                            {.kind = kind_array, .index = 0},
                                            {.kind = kind_array, .time = 4000, .index = 2}},
                                           alice);
  EXPECT_EQ(outcome.answer.error, ErrorCode::data_too_old);
  EXPECT_EQ(world.generation(at_alice, kind_array), generation);
  EXPECT_EQ(world.fetch_all(at_alice, kind_array)[0].exists, false);
  EXPECT_EQ(world.fetch_all(at_alice, kind_single)[0].exists, false);
  EXPECT_EQ(world.disk, disk);
}

TEST_F(Store, AppendingFindsTheEndOfTheArray) {
  const Write append{.kind = kind_array, .value = "a", .index = wire::array_end};
  ASSERT_TRUE(
      world.store(at_alice, {{.kind = kind_array, .value = "x", .index = 1}}, alice).answer.ok());
  ASSERT_TRUE(world.store(at_alice, {append}, alice).answer.ok());
  const std::vector<Seen> all = world.fetch_all(at_alice, kind_array);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_FALSE(all[0].exists || all[0].is_signed) << "a gap";
  EXPECT_EQ(all[2].index, 2u);
  EXPECT_EQ(all[2].value, "a");
  // What was appended is found again, and not appended twice.
  ASSERT_TRUE(world.store(at_alice, {append}, alice).answer.ok());
  EXPECT_EQ(world.fetch_all(at_alice, kind_array).size(), 3u);
}

TEST_F(Store, AppendingTwiceInOneRequestAndIntoAGapAtTheEnd) {
  const auto append = [](const char* value, std::uint64_t time) {
    return Write{.kind = kind_array, .value = value, .time = time, .index = wire::array_end};
  };
  ASSERT_TRUE(
      world
          .store(at_alice,
                 {append("a", 1), append("b", 2), {.kind = kind_array, .value = "x", .index = 1}},
                 alice)
          .answer.ok());
  EXPECT_EQ(world.fetch_all(at_alice, kind_array).size(), 4u);
  EXPECT_FALSE(world.fetch_all(at_alice, kind_array)[0].exists);
  ASSERT_TRUE(world.store(at_alice, {append("c", 3)}, alice).answer.ok());
  EXPECT_EQ(world.fetch_all(at_alice, kind_array)[0].value, "c") << "max-count is reached";
  EXPECT_EQ(world.store(at_alice, {append("d", 4)}, alice).answer.error, ErrorCode::data_too_large);
}

}  // namespace
}  // namespace chordial::storage::test
