// Fetch, Stat and Find (RFC 6940 §7.4.2 to §7.4.4), and what ends by itself.
#include "crypto/hash.h"
#include "storage/world.h"

namespace chordial::storage::test {
namespace {

using wire::ErrorCode;

class Answers : public testing::Test {
 protected:
  World world;
  const crypto::Certificate* alice = world.user("alice@example.org", 1);
  ResourceId at_alice = resource_id_of("alice@example.org");

  void put(const std::vector<Write>& writes) {
    const StoreOutcome outcome = world.store(at_alice, writes, alice);
    ASSERT_TRUE(outcome.answer.ok()) << as_text(outcome.answer.body);
  }
  std::vector<Seen> range(const std::vector<wire::ArrayRange>& ranges) {
    return world.fetch(at_alice, kind_array, wire::encode_specifier(ranges));
  }
  ErrorCode fetch_error(const std::vector<wire::StoredDataSpecifier>& specifiers) {
    return world.storage.fetch(world.now, {at_alice, specifiers}).error;
  }
  static std::vector<std::uint32_t> indexes(const std::vector<Seen>& seen) {
    std::vector<std::uint32_t> all;
    for (const Seen& value : seen)
      all.push_back(value.index);
    return all;
  }
};

using Indexes = std::vector<std::uint32_t>;

TEST_F(Answers, WhatNobodyStoredIsASyntheticValue) {
  EXPECT_EQ(world.fetch_all(at_alice, kind_single), (std::vector<Seen>{{}}));
  EXPECT_TRUE(world.fetch_all(at_alice, kind_array).empty());
  EXPECT_TRUE(world.fetch_all(at_alice, wire::kind_sip_registration).empty());
  const std::vector<wire::DictionaryKey> keys{{as_bytes("k")}};
  EXPECT_EQ(world.fetch(at_alice, wire::kind_sip_registration, wire::encode_specifier(keys)),
            (std::vector<Seen>{{0, "k", false, "", 0, 0, false}}));
}

TEST_F(Answers, AnArrayIsFetchedByRanges) {
  put({{.kind = kind_array, .value = "one", .index = 1},
       {.kind = kind_array, .value = "two", .index = 2}});
  EXPECT_EQ(indexes(range({{0, wire::array_end}})), (Indexes{0, 1, 2}));
  EXPECT_EQ(indexes(range({{1, 1}})), (Indexes{1}));
  EXPECT_EQ(indexes(range({{0, 0}, {2, 3}})), (Indexes{0, 2, 3}));
  EXPECT_EQ(indexes(range({{wire::array_end, wire::array_end}})), (Indexes{2}));
  EXPECT_EQ(indexes(range({{0, 4'000'000'000}})), (Indexes{0, 1, 2, 3})) << "max-count is the end";
  EXPECT_EQ(indexes(range({})), (Indexes{1, 2}));
  EXPECT_FALSE(range({{0, 0}})[0].is_signed);
  EXPECT_TRUE(range({{1, 1}})[0].is_signed);
}

TEST_F(Answers, RangesThatOverlapOrRunBackwardsAreInvalid) {
  const std::vector<wire::ArrayRange> backwards{{2, 1}}, overlapping{{3, 4}, {0, 3}};
  for (const auto& ranges : {backwards, overlapping}) {
    const Bytes specifier = wire::encode_specifier(ranges);
    EXPECT_EQ(fetch_error({{kind_array, 0, specifier, 0}}), ErrorCode::invalid_message);
  }
}

TEST_F(Answers, RequestsThatMakeNoSenseAreRefused) {
  const Bytes garbage{1, 2, 3};
  for (const wire::KindId kind : {kind_single, kind_array, wire::kind_sip_registration})
    EXPECT_EQ(fetch_error({{kind, 0, garbage, 0}}), ErrorCode::invalid_message);
  EXPECT_EQ(fetch_error({{kind_single, 0, {}, 0}, {kind_single, 0, {}, 0}}),
            ErrorCode::invalid_message);
  EXPECT_EQ(fetch_error({{kind_single, 0, {}, 0}, {kind_unknown, 0, {}, 0}}),
            ErrorCode::unknown_kind);
  EXPECT_EQ(world.storage.fetch(world.now, {wire::WireResourceId(as_bytes("FOO")), {}}).error,
            ErrorCode::invalid_message);
}

// §7.4.4.1
TEST_F(Answers, AFindNamesEachKindOnce) {
  const std::vector<wire::KindId> once{kind_single, kind_array}, twice{kind_single, kind_single};
  EXPECT_TRUE(world.storage.find(world.now, {at_alice, once}).ok());
  EXPECT_EQ(world.storage.find(world.now, {at_alice, twice}).error, ErrorCode::invalid_message);
}

TEST_F(Answers, ADictionaryIsFetchedByKeysOrWhole) {
  const std::string mine(as_text(node(1).bytes()));
  const std::string phone(as_text(node(2).bytes()));
  put({{.kind = wire::kind_sip_registration, .value = "desk", .key = mine}});
  ASSERT_TRUE(world
                  .store(at_alice,
                         {{.kind = wire::kind_sip_registration, .value = "phone", .key = phone}},
                         world.user("alice@example.org", 2))
                  .answer.ok());
  const std::vector<wire::DictionaryKey> keys{{as_bytes(phone)}, {as_bytes("none")}};
  const auto seen =
      world.fetch(at_alice, wire::kind_sip_registration, wire::encode_specifier(keys));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].value, "phone");
  EXPECT_FALSE(seen[1].exists || seen[1].is_signed);
  EXPECT_EQ(world.fetch_all(at_alice, wire::kind_sip_registration).size(), 2u);
}

TEST_F(Answers, NameTheCertificatesThatProveThem) {
  const std::string key(as_text(node(1).bytes()));
  put({{.kind = wire::kind_sip_registration, .key = key}, {.kind = kind_single}});
  const Bytes wildcard{0, 0};
  const std::vector<wire::StoredDataSpecifier> both{{wire::kind_sip_registration, 0, wildcard, 0},
                                                    {kind_single, 0, {}, 0}};
  const Answer answer = world.storage.fetch(world.now, {at_alice, both});
  EXPECT_EQ(answer.signers, (std::vector<crypto::CertificateHash>{alice->hash}));
}

TEST_F(Answers, AGenerationThatMatchesIsAnsweredWithoutValues) {
  put({{}});
  const std::uint64_t generation = world.generation(at_alice, kind_single);
  EXPECT_TRUE(world.fetch(at_alice, kind_single, {}, generation).empty());
  EXPECT_EQ(world.fetch(at_alice, kind_single, {}, generation - 1).size(), 1u);
  EXPECT_EQ(world.fetch(resource_id_of("nobody"), kind_single, {}, 0).size(), 1u);
}

TEST_F(Answers, LifetimesCountDownAndEnd) {
  put({{.lifetime = 100}});
  world.pass(std::chrono::milliseconds(40'500));
  EXPECT_EQ(world.fetch_all(at_alice, kind_single)[0].lifetime, 59u);
  world.pass(std::chrono::milliseconds(59'499));
  EXPECT_TRUE(world.fetch_all(at_alice, kind_single)[0].exists);
  world.now.monotonic += std::chrono::milliseconds(1);  // no timer has fired yet
  EXPECT_FALSE(world.fetch_all(at_alice, kind_single)[0].exists);
  EXPECT_FALSE(world.storage.holds(world.now, at_alice));
}

TEST_F(Answers, WhatHasEndedIsForgottenHereAndOnDisk) {
  put({{.lifetime = 100}, {.kind = kind_array, .lifetime = 200}});
  EXPECT_EQ(world.disk.size(), 2u);
  EXPECT_EQ(world.certificates.pins[alice->hash], 2);
  world.pass(std::chrono::seconds(106));
  EXPECT_EQ(world.disk.size(), 1u);
  world.pass(std::chrono::seconds(106));
  EXPECT_TRUE(world.disk.empty());
  EXPECT_EQ(world.storage.resources(), 0u);
  EXPECT_EQ(world.storage.bytes(), 0u);
  EXPECT_TRUE(world.certificates.pins.empty());
  EXPECT_EQ(world.timers.size(), 0u);
}

TEST_F(Answers, NoValueOutlivesItsSignersCertificate) {
  const crypto::Certificate* brief =
      world.certificate("alice@example.org", {node(3)}, std::chrono::hours(1));
  ASSERT_TRUE(world.store(at_alice, {{.lifetime = 1'000'000}}, brief).answer.ok());
  EXPECT_EQ(world.fetch_all(at_alice, kind_single)[0].lifetime, 3600u);
}

TEST_F(Answers, ARemovedValueStaysRemovedForItsLifetime) {
  put({{.value = "here", .time = 1000, .lifetime = 1000}});
  put({{.value = "", .time = 2000, .lifetime = 1000, .exists = false}});
  const std::vector<Seen> seen = world.fetch_all(at_alice, kind_single);
  EXPECT_FALSE(seen[0].exists);
  EXPECT_TRUE(seen[0].is_signed) << "by who removed it, not synthetic";
  const StoreOutcome back = world.store(at_alice, {{.value = "here", .time = 1000}}, alice);
  EXPECT_EQ(back.answer.error, ErrorCode::data_too_old);
  world.pass(std::chrono::seconds(1001));
  EXPECT_FALSE(world.fetch_all(at_alice, kind_single)[0].is_signed);
  EXPECT_EQ(world.store(at_alice, {{.value = "not empty", .time = 3000, .exists = false}}, alice)
                .answer.error,
            ErrorCode::invalid_message);
}

TEST_F(Answers, StatTellsLengthAndDigest) {
  put({{.value = "abc", .lifetime = 60}});
  const std::vector<wire::StoredDataSpecifier> specifiers{{kind_single, 0, {}, 0},
                                                          {kind_ruled, 0, {}, 0}};
  const Answer answer = world.storage.stat(world.now, {at_alice, specifiers});
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer.signers.empty());
  const auto parsed = wire::parse_value<wire::StatAns>(answer.body);
  ASSERT_TRUE(parsed);
  const auto stat = wire::metadata_of(parsed->kind_responses.front().values.front(),
                                      wire::DataModel::single_value);
  ASSERT_TRUE(stat);
  EXPECT_TRUE(stat->value.exists);
  EXPECT_EQ(stat->value.value_length, 3u);
  EXPECT_EQ(stat->value.hash_algorithm, wire::hash_sha256);
  const Bytes with_length{0, 0, 0, 3, 'a', 'b', 'c'};
  EXPECT_TRUE(equal(stat->value.hash_value, crypto::sha256({with_length})));
  EXPECT_EQ(parsed->kind_responses.front().values.front().lifetime, 60u);
  const auto nothing = wire::metadata_of(parsed->kind_responses.back().values.front(),
                                         wire::DataModel::single_value);
  EXPECT_FALSE(nothing->value.exists);
  EXPECT_EQ(nothing->value.value_length, 0u);
}

TEST_F(Answers, FindWalksTheRing) {
  std::vector<ResourceId> all;
  for (const char* name : {"a@example.org", "b@example.org", "c@example.org"}) {
    all.push_back(resource_id_of(name));
    ASSERT_TRUE(world.store(all.back(), {{}}, world.user(name, 1)).answer.ok());
  }
  ASSERT_TRUE(world
                  .store(all[0], {{.value = "", .time = 2000, .exists = false}},
                         world.user("a@example.org", 1))
                  .answer.ok());
  all.erase(all.begin());  // removed: not to be found
  std::ranges::sort(all);
  const auto closest = [&](RingPosition near, wire::KindId kind) {
    const std::vector<wire::KindId> kinds{kind};
    const Answer answer = world.storage.find(world.now, {ResourceId{near}, kinds});
    EXPECT_TRUE(answer.ok());
    return *wire::parse_value<wire::FindAns>(answer.body)->results.front().closest.id();
  };
  const RingPosition one{0, 1};
  EXPECT_EQ(closest(all[0].position, kind_single), all[0]);
  EXPECT_EQ(closest(all[0].position + one, kind_single), all[1]);
  EXPECT_EQ(closest(all[1].position + one, kind_single), all[0]) << "around the ring";
  EXPECT_EQ(closest(all[0].position, kind_array), ResourceId{});
  EXPECT_EQ(closest(all[0].position, kind_unknown), ResourceId{});
  const std::vector<wire::KindId> twice{kind_single, kind_single};
  EXPECT_EQ(world.storage.find(world.now, {all[0], twice}).error, ErrorCode::invalid_message);
}

}  // namespace
}  // namespace chordial::storage::test
