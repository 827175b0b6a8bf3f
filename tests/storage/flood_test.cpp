// Floods of values that are all permitted: per Kind, per place (one user's), per signer (one
// source), and all together. Whoever floods is refused; nobody else notices.
#include "storage/world.h"

namespace chordial::storage::test {
namespace {

using wire::ErrorCode;

class Flood : public testing::Test {
 protected:
  struct Counted final : CounterVisitor {
    void counter(const char* name, std::uint64_t value) override { all[name] = value; }
    void gauge(const char* name, std::uint64_t value) override { all[name] = value; }
    std::map<std::string, std::uint64_t> all;
  };
  std::uint64_t count(const std::string& name) {
    Counted counted;
    world.storage.count(counted);
    return counted.all.at("storage_" + name);
  }
  static std::string key_of(std::uint8_t node_number) {
    return std::string(as_text(node(node_number).bytes()));
  }
  static ResourceId place(std::uint64_t number) { return ResourceId{{number, number}}; }

  // REDIR is NODE-ID-MATCH: any place is open to a node under its own key.
  ErrorCode redir(std::uint64_t at, std::uint8_t by, std::uint64_t time = 1000,
                  std::uint32_t lifetime = 3600) {
    return world
        .store(place(at),
               {{.kind = wire::kind_redir,
                 .value = std::string(400, 'r'),
                 .time = time,
                 .lifetime = lifetime,
                 .key = key_of(by)}},
               world.node_certificate(by))
        .answer.error;
  }
  std::size_t value_bytes() {
    EXPECT_EQ(redir(999, 9), ErrorCode::invalid);
    const std::size_t bytes = world.storage.bytes();
    world.apply(world.storage.remove(place(999)));
    EXPECT_EQ(world.storage.bytes(), 0u);
    return bytes;
  }

  World world;
  const crypto::Certificate* alice = world.user("alice@example.org", 1);
  ResourceId at_alice = resource_id_of("alice@example.org");
};

TEST_F(Flood, OfOneKindEndsAtItsCountAndSize) {
  for (std::uint32_t i = 0; i < 100; ++i) {
    const auto outcome = world.store(
        at_alice, {{.kind = kind_array, .time = 1000 + i, .index = wire::array_end}}, alice);
    EXPECT_EQ(outcome.answer.ok(), i < 4) << i;
  }
  EXPECT_EQ(world.fetch_all(at_alice, kind_array).size(), 4u);
  EXPECT_FALSE(world.store(at_alice, {{.value = std::string(17, 'x')}}, alice).answer.ok());
  EXPECT_EQ(count("requests_refused_kind"), 97u);
}

TEST_F(Flood, OfOneUserEndsAtItsPlaceAndTouchesNobodyElse) {
  ASSERT_TRUE(world.store(at_alice, {{.value = "0123456789"}}, alice).answer.ok());
  const std::size_t one = world.storage.bytes();
  world.limits.resource_bytes_max = 3 * one;
  std::size_t stored = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto outcome =
        world.store(at_alice, {{.kind = kind_array, .value = "0123456789", .index = i}}, alice);
    stored += outcome.answer.ok() ? 1 : 0;
    EXPECT_TRUE(outcome.answer.ok() || outcome.answer.error == ErrorCode::data_too_large);
  }
  EXPECT_EQ(stored, 1u) << "an index makes a value a little longer";
  EXPECT_EQ(count("requests_refused_resource"), 3u);
  // What is there can still be changed, and removed.
  EXPECT_TRUE(world.store(at_alice, {{.value = "9876543210", .time = 2000}}, alice).answer.ok());
  EXPECT_TRUE(
      world.store(at_alice, {{.value = "", .time = 3000, .exists = false}}, alice).answer.ok());
  const auto* bob = world.user("bob@example.org", 2);
  EXPECT_TRUE(world.store(resource_id_of("bob@example.org"), {{}}, bob).answer.ok());
}

TEST_F(Flood, OfOneSourceEndsWhereverItsValuesLie) {
  const std::size_t one = value_bytes();
  world.limits.signer_bytes_max = 10 * one;
  for (std::uint64_t i = 0; i < 1000; ++i)
    EXPECT_EQ(redir(i, 1), i < 10 ? ErrorCode::invalid : ErrorCode::data_too_large) << i;
  EXPECT_EQ(count("requests_refused_signer"), 990u);
  EXPECT_EQ(count("signers"), 1u);
  EXPECT_EQ(world.storage.bytes(), 10 * one);
  EXPECT_EQ(redir(3, 1, 2000), ErrorCode::invalid) << "a refresh needs no more room";
  EXPECT_EQ(redir(3, 2), ErrorCode::invalid) << "another source is not concerned";
  EXPECT_EQ(count("signers"), 2u);
}

TEST_F(Flood, OfOneSourceMayBeginAgainWhenItsValuesHaveEnded) {
  const std::size_t one = value_bytes();
  world.limits.signer_bytes_max = 3 * one;
  for (std::uint64_t i = 0; i < 3; ++i)
    ASSERT_EQ(redir(i, 1, 1000, 60), ErrorCode::invalid);
  ASSERT_EQ(redir(3, 1), ErrorCode::data_too_large);
  world.now.monotonic += std::chrono::seconds(61);  // before the timer
  EXPECT_EQ(redir(3, 1), ErrorCode::invalid);
  world.pass(std::chrono::hours(2));
  EXPECT_EQ(world.storage.bytes(), 0u);
  EXPECT_EQ(count("signers"), 0u);
}

TEST_F(Flood, OfReplicasAndMergesMeetsTheSameLimits) {
  const std::size_t one = value_bytes();
  world.limits.signer_bytes_max = 2 * one;
  const auto replica = [&](std::uint64_t at) {
    return world
        .store(place(at),
               {{.kind = wire::kind_redir, .value = std::string(400, 'r'), .key = key_of(1)}},
               world.node_certificate(1), 5, 1)
        .answer.error;
  };
  EXPECT_EQ(replica(1), ErrorCode::invalid);
  EXPECT_EQ(replica(2), ErrorCode::invalid);
  EXPECT_EQ(replica(3), ErrorCode::data_too_large);
  World other;
  other.store(place(4),
              {{.kind = wire::kind_redir, .value = std::string(400, 'r'), .key = key_of(1)}},
              other.node_certificate(1));
  const Bytes all_keys = wire::encode_specifier(wire::List<wire::DictionaryKey>());
  const std::vector<wire::StoredDataSpecifier> specifiers{{wire::kind_redir, 0, all_keys, 0}};
  const Answer theirs = other.storage.fetch(other.now, {place(4), specifiers});
  const auto answer = wire::parse_value<wire::FetchAns>(theirs.body);
  ASSERT_TRUE(answer && answer->kind_responses.front().values.size() == 1);
  EXPECT_FALSE(world.storage.merge(world.now, place(4), *answer, {}).changed);
}

TEST_F(Flood, OfManySourcesEndsAtTheRoomThereIs) {
  const std::size_t one = value_bytes();
  world.limits.bytes_max = 20 * one;
  std::size_t stored = 0;
  for (std::uint64_t i = 0; i < 200; ++i)
    stored += redir(i, static_cast<std::uint8_t>(i)) == ErrorCode::invalid ? 1 : 0;
  EXPECT_EQ(stored, 20u);
  EXPECT_EQ(count("requests_refused_room"), 180u);
  EXPECT_LE(world.storage.bytes(), world.limits.bytes_max);
}

// Whatever comes and goes, the accounts of all signers together are the bytes that are stored.
TEST_F(Flood, TheAccountsOfSignersAreWhatIsStored) {
  for (std::uint64_t i = 0; i < 50; ++i)
    ASSERT_EQ(redir(i % 20, static_cast<std::uint8_t>(i % 5), 1000 + i), ErrorCode::invalid);
  ASSERT_TRUE(world.store(at_alice, {{}}, alice).answer.ok());
  EXPECT_EQ(count("signers"), 6u);
  world.restart();
  EXPECT_EQ(count("signers"), 6u);
  for (std::uint64_t i = 0; i < 20; ++i)
    world.apply(world.storage.remove(place(i)));
  EXPECT_EQ(count("signers"), 1u);
  world.apply(world.storage.remove(at_alice));
  EXPECT_EQ(count("signers"), 0u);
  EXPECT_EQ(world.storage.bytes(), 0u);
}

TEST(SignerUse, AddsAndTakesAway) {
  SignerUse use;
  const auto signer = [](std::uint8_t number) {
    crypto::CertificateHash hash{};
    hash[7] = number;
    hash[31] = 1;
    return hash;
  };
  for (std::uint8_t i = 200; i > 0; --i)
    use.add(signer(i), i);
  use.add(signer(7), 100);
  EXPECT_EQ(use.signers(), 200u);
  EXPECT_EQ(use.bytes(signer(7)), 107u);
  EXPECT_EQ(use.bytes(signer(201)), 0u);
  use.remove(signer(7), 100);
  EXPECT_EQ(use.bytes(signer(7)), 7u);
  for (std::uint8_t i = 1; i <= 200; ++i)
    use.remove(signer(i), i);
  use.remove(signer(9), 1);
  EXPECT_EQ(use.signers(), 0u);
  EXPECT_EQ(use.memory_bytes(), 0u);
}

}  // namespace
}  // namespace chordial::storage::test
