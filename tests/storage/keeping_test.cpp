// Limits, the disk, handing on, merging, and a new configuration document.
#include "storage/world.h"

namespace chordial::storage::test {
namespace {

using wire::ErrorCode;

class Keeping : public testing::Test {
 protected:
  World world;
  const crypto::Certificate* alice = world.user("alice@example.org", 1);
  ResourceId at_alice = resource_id_of("alice@example.org");

  // A value of a user with this number; replica_number and generation 0 for an original.
  StoreOutcome put(int number, std::uint32_t lifetime, std::uint8_t replica_number = 0) {
    const std::string name = "user" + std::to_string(number) + "@example.org";
    return world.store(resource_id_of(name), {{.lifetime = lifetime}}, world.user(name, 1),
                       replica_number == 0 ? 0 : 1, replica_number);
  }
  static ResourceId at(int number) {
    return resource_id_of("user" + std::to_string(number) + "@example.org");
  }
  // What `to` says about a resource after taking over all transfers.
  static void hand_on(World& from, World& to, const ResourceId& resource, std::size_t bytes_max,
                      std::size_t transfers_expected) {
    const std::vector<Transfer> transfers =
        from.storage.transfers(from.now, resource, 1, bytes_max);
    EXPECT_EQ(transfers.size(), transfers_expected);
    for (const Transfer& transfer : transfers) {
      const auto request = wire::parse_value<wire::StoreReq>(transfer.body);
      ASSERT_TRUE(request);
      EXPECT_FALSE(transfer.signers.empty());
      EXPECT_TRUE(to.store_request(*request, to.node_certificate(9)).answer.ok());
    }
  }
};

TEST_F(Keeping, AnEmptyStorageIsSmall) {
  EXPECT_LE(sizeof(Storage), 216u);
  EXPECT_EQ(world.storage.memory_bytes(), sizeof(Storage));
}

TEST_F(Keeping, WhenFullWhatIsNotOursGoesFirstAndSoonestEndingFirst) {
  ASSERT_TRUE(put(0, 1000).answer.ok());
  const std::size_t one = world.storage.bytes();
  world.limits.bytes_max = 4 * one;
  ASSERT_TRUE(put(1, 500, 1).answer.ok());
  ASSERT_TRUE(put(2, 400, 1).answer.ok());
  ASSERT_TRUE(put(3, 900, 1).answer.ok());
  world.not_mine = {at(1), at(2), at(3)};
  EXPECT_EQ(put(4, 1000, 1).answer.error, ErrorCode::data_too_large) << "a replica evicts nobody";
  const StoreOutcome original = put(5, 1000);
  ASSERT_TRUE(original.answer.ok());
  EXPECT_FALSE(world.storage.holds(world.now, at(2)));
  EXPECT_TRUE(world.storage.holds(world.now, at(0)) && world.storage.holds(world.now, at(3)));
  EXPECT_LE(world.storage.bytes(), world.limits.bytes_max);
  EXPECT_EQ(world.disk.size(), world.storage.resources());
}

TEST_F(Keeping, WhenFullOfWhatIsOursStoresAreRefused) {
  ASSERT_TRUE(put(0, 1000).answer.ok());
  world.limits.bytes_max = world.storage.bytes();
  EXPECT_EQ(put(1, 1000).answer.error, ErrorCode::data_too_large);
  EXPECT_TRUE(world.storage.holds(world.now, at(0)));
  world.now.monotonic += std::chrono::seconds(1001);  // before the timer
  EXPECT_TRUE(put(1, 1000).answer.ok()) << "what has ended makes room";
}

TEST_F(Keeping, ARestartFindsEverythingAgain) {
  const std::string key(as_text(node(1).bytes()));
  ASSERT_TRUE(world
                  .store(at_alice,
                         {{.value = "s", .lifetime = 500},
                          {.kind = kind_array, .value = "a", .lifetime = 600, .index = 2},
                          {.kind = wire::kind_sip_registration, .value = "r", .key = key}},
                         alice)
                  .answer.ok());
  ASSERT_TRUE(
      world.store(at_alice, {{.value = "t", .time = 2000, .lifetime = 500}}, alice).answer.ok());
  world.pass(std::chrono::seconds(100));
  const auto fetched = [&](wire::KindId kind) { return world.fetch_all(at_alice, kind); };
  const auto single = fetched(kind_single), array = fetched(kind_array),
             dictionary = fetched(wire::kind_sip_registration);
  const std::uint64_t generation = world.generation(at_alice, kind_single);
  const std::size_t bytes = world.storage.bytes();
  world.restart();
  EXPECT_EQ(world.storage.bytes(), bytes);
  EXPECT_EQ(fetched(kind_single), single);
  EXPECT_EQ(single[0].value, "t");
  EXPECT_EQ(fetched(kind_array), array);
  EXPECT_EQ(fetched(wire::kind_sip_registration), dictionary);
  EXPECT_GT(world.generation(at_alice, kind_single), generation);
  EXPECT_EQ(world.disk.size(), 3u);
}

TEST_F(Keeping, RecordsOfNoUseAreDeleted) {
  ASSERT_TRUE(world.store(at_alice, {{.lifetime = 500}}, alice).answer.ok());
  ASSERT_EQ(world.disk.size(), 1u);
  const auto [key, value] = *world.disk.begin();
  const auto space = ports::PersistSpace::stored_resources;
  World after;
  const auto refused = [&](const Bytes& with_key, const Bytes& with_value) {
    const auto write = after.storage.restore(after.now, {space, with_key, with_value});
    return write && write->key == with_key && !write->value;
  };
  for (std::size_t size = 0; size < value.size(); ++size)
    EXPECT_TRUE(
        refused(key, Bytes(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size))));
  Bytes other_place = key;
  other_place.back() ^= 1;
  EXPECT_TRUE(refused(other_place, value));
  EXPECT_TRUE(refused({}, value));
  Bytes unknown_kind = key;
  unknown_kind[19] ^= 0x40;
  EXPECT_TRUE(refused(unknown_kind, value));
  EXPECT_EQ(after.storage.bytes(), 0u);
  after.pass(std::chrono::seconds(501));
  EXPECT_TRUE(refused(key, value)) << "its lifetime is over";
}

TEST_F(Keeping, AReplicaIsHandedOnAsItIs) {
  const std::string key(as_text(node(1).bytes()));
  ASSERT_TRUE(world
                  .store(at_alice,
                         {{.lifetime = 500},
                          {.kind = kind_array, .value = "a", .lifetime = 600, .index = 2},
                          {.kind = wire::kind_sip_registration, .key = key}},
                         alice)
                  .answer.ok());
  world.pass(std::chrono::seconds(100));
  for (const auto& [bytes_max, count] :
       {std::pair<std::size_t, std::size_t>{60'000, 1}, {200, 3}}) {
    World replica;
    ASSERT_EQ(*replica.user("alice@example.org", 1)->user_names.begin(), "alice@example.org");
    replica.now = world.now;
    hand_on(world, replica, at_alice, bytes_max, count);
    for (const wire::KindId kind : {kind_single, kind_array, wire::kind_sip_registration}) {
      EXPECT_EQ(replica.fetch_all(at_alice, kind), world.fetch_all(at_alice, kind));
      EXPECT_EQ(replica.generation(at_alice, kind), world.generation(at_alice, kind));
    }
    EXPECT_EQ(replica.fetch_all(at_alice, kind_single)[0].lifetime, 400u);
  }
  EXPECT_TRUE(world.storage.transfers(world.now, at(77), 1, 1000).empty());
}

TEST_F(Keeping, NewerValuesOfAnotherPeerAreMergedOneByOne) {
  World other;
  const crypto::Certificate* alice_there = other.user("alice@example.org", 1);
  ASSERT_TRUE(world
                  .store(at_alice,
                         {{.kind = kind_array, .value = "mine 0", .time = 500, .index = 0},
                          {.kind = kind_array, .value = "mine 1", .time = 500, .index = 1}},
                         alice)
                  .answer.ok());
  ASSERT_TRUE(other
                  .store(at_alice,
                         {{.kind = kind_array, .value = "older", .time = 400, .index = 0},
                          {.kind = kind_array, .value = "newer", .time = 600, .index = 1},
                          {.kind = kind_array, .value = "added", .time = 400, .index = 3}},
                         alice_there)
                  .answer.ok());
  const std::vector<wire::ArrayRange> whole{{0, wire::array_end}};
  const Bytes specifier = wire::encode_specifier(whole);
  const std::vector<wire::StoredDataSpecifier> specifiers{{kind_array, 0, specifier, 0}};
  const Answer theirs = other.storage.fetch(other.now, {at_alice, specifiers});
  const auto answer = wire::parse_value<wire::FetchAns>(theirs.body);
  ASSERT_TRUE(answer);
  const std::uint64_t before = world.generation(at_alice, kind_array);
  const StoreOutcome outcome = world.storage.merge(world.now, at_alice, *answer, {});
  world.apply(outcome.writes);
  EXPECT_TRUE(outcome.changed);
  const std::vector<Seen> seen = world.fetch_all(at_alice, kind_array);
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].value, "mine 0");
  EXPECT_EQ(seen[1].value, "newer");
  EXPECT_FALSE(seen[2].exists || seen[2].is_signed) << "their gap is no value";
  EXPECT_EQ(seen[3].value, "added");
  EXPECT_GT(world.generation(at_alice, kind_array), before);
  EXPECT_EQ(world.disk.size(), 3u);
  EXPECT_FALSE(world.storage.merge(world.now, at_alice, *answer, {}).changed) << "nothing is new";
}

TEST_F(Keeping, ResourcesComeInRingOrder) {
  std::vector<ResourceId> all;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(put(i, 1000).answer.ok());
    all.push_back(at(i));
  }
  std::ranges::sort(all);
  const auto in = [&](RingPosition after, RingPosition until, std::size_t count_max = 100) {
    std::vector<ResourceId> found;
    world.storage.resources_in(after, until, count_max, found);
    return found;
  };
  EXPECT_EQ(in(all[3].position, all[6].position),
            (std::vector<ResourceId>{all[4], all[5], all[6]}));
  EXPECT_EQ(in(all[18].position, all[1].position),
            (std::vector<ResourceId>{all[19], all[0], all[1]}));
  EXPECT_EQ(in(all[18].position, all[1].position, 2), (std::vector<ResourceId>{all[19], all[0]}));
  EXPECT_EQ(in(all[7].position, all[7].position).size(), 20u) << "the whole ring";
  EXPECT_EQ(in(all[7].position, all[7].position).back(), all[7]);
  EXPECT_TRUE(in(all[3].position, all[4].position - RingPosition{0, 1}).empty());
  World empty;
  std::vector<ResourceId> none;
  empty.storage.resources_in({}, {}, 10, none);
  EXPECT_TRUE(none.empty());
}

TEST_F(Keeping, AResourceKeptNoLongerIsForgotten) {
  ASSERT_TRUE(put(1, 1000).answer.ok());
  world.apply(world.storage.remove(at(1)));
  EXPECT_TRUE(world.disk.empty());
  EXPECT_EQ(world.storage.resources(), 0u);
  EXPECT_EQ(world.storage.bytes(), 0u);
  EXPECT_TRUE(world.certificates.pins.empty());
  EXPECT_TRUE(world.storage.remove(at(1)).empty());
}

TEST_F(Keeping, ANewDocumentDropsWhatItForbids) {
  const crypto::Certificate* bob = world.user("bob@example.org", 2);
  const ResourceId at_bob = resource_id_of("bob@example.org");
  ASSERT_TRUE(world.store(at_alice, {{}, {.kind = kind_array}}, alice).answer.ok());
  ASSERT_TRUE(world.store(at_bob, {{}}, bob).answer.ok());
  std::vector<Kind> fewer = test_kinds();
  std::erase_if(fewer, [](const Kind& kind) { return kind.id == kind_array; });
  const KindTable table(fewer);
  const Judges judges{&table, &world.certificates, &world.verifier};
  crypto::Trust trust;
  trust.bad_nodes = {node(2)};
  world.certificates.store.configure(trust);
  world.apply(world.storage.adopt(world.now, judges));
  EXPECT_EQ(world.storage.resources(), 1u);
  EXPECT_EQ(world.disk.size(), 1u);
  EXPECT_TRUE(world.fetch_all(at_alice, kind_single)[0].exists);
  EXPECT_EQ(world.certificates.pins.size(), 1u);
  world.apply(world.storage.adopt(world.now, world.judges));
}

TEST_F(Keeping, CountsWhatItDoes) {
  struct Collect final : CounterVisitor {
    void counter(const char* name, std::uint64_t value) override { all[name] = value; }
    void gauge(const char* name, std::uint64_t value) override { all[name] = value; }
    std::map<std::string, std::uint64_t> all;
  } counts;
  ASSERT_TRUE(put(1, 10).answer.ok());
  world.accepts = false;
  EXPECT_FALSE(put(2, 10).answer.ok());
  world.pass(std::chrono::seconds(20));
  world.storage.count(counts);
  EXPECT_EQ(counts.all["storage_values_stored"], 1u);
  EXPECT_EQ(counts.all["storage_requests_refused"], 1u);
  EXPECT_EQ(counts.all["storage_values_ended"], 1u);
  EXPECT_EQ(counts.all["storage_resources"], 0u);
}

}  // namespace
}  // namespace chordial::storage::test
