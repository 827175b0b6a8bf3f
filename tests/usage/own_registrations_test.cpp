// The records a node keeps for its users in a real overlay: stored, told, looked after, stored
// again.
#include "usage/sip/own_registrations.h"

#include <algorithm>

#include "overlay/world.h"
#include "storage/resource_name.h"
#include "usage/sip/registration_record.h"
#include "wire/codes.h"

namespace chordial::usage {
namespace {

using overlay::Heard;
using overlay::Member;
using overlay::World;
using std::chrono::seconds;

class Registered : public testing::Test, public UserSigners, public OwnRegistrationsHandler {
 protected:
  Registered() {
    world.form();
    signer = world.user(aor, world[home].id);
    registrations = std::make_unique<OwnRegistrations>(*world[home].peer, world.timers, world.rng,
                                                       *this, *this);
  }
  ~Registered() override { registrations.reset(); }

  crypto::Signer* signer_of(std::string_view name) override {
    const auto other = others.find(name);
    if (other != others.end()) return other->second.get();
    return name == aor ? signer.get() : nullptr;
  }
  void on_registration_published(Now, std::uint64_t token, const Expected<void>& result) override {
    outcomes.emplace(token, result.has_value());
  }

  bool publish(std::uint64_t token, std::int64_t lifetime_s = 3600) {
    const auto published =
        registrations->publish(world.now, aor, world.now.wall + seconds(lifetime_s), token);
    EXPECT_TRUE(published);
    if (published.value_or(false)) return true;
    world.run_until([&] { return outcomes.contains(token); }, seconds(40));
    return outcomes.contains(token) && outcomes.at(token);
  }
  // The nodes that the overlay names for the user, as seen from one of its members.
  std::vector<NodeId> found(std::size_t from = 0) {
    Heard heard;
    overlay::Fetch fetch;
    fetch.resource = storage::resource_id_of(aor);
    fetch.kind = wire::kind_sip_registration;
    const auto id = world[from].peer->fetch(world.now, fetch, heard);
    world.run_until([&] { return heard.fetched.contains(id); }, seconds(40));
    std::vector<NodeId> nodes;
    if (!heard.fetched.contains(id) || !heard.fetched.at(id)) return nodes;
    for (const auto& value : heard.fetched.at(id)->values) {
      if (!value.exists) continue;
      const auto record = decode(value.value);
      if (record) nodes.insert(nodes.end(), record->route.begin(), record->route.end());
    }
    return nodes;
  }

  static constexpr std::size_t home = 2;
  // A node of many users.
  void crowd(std::size_t users, bool waits = false) {
    for (std::size_t i = 0; i < users; ++i) {
      const std::string name = "user" + std::to_string(i) + "@overlay.example";
      others.emplace(name, world.user(name, world[home].id));
      ASSERT_TRUE(registrations->publish(world.now, name, world.now.wall + seconds(3600),
                                         waits ? 1000 + i : 0));
    }
  }
  std::uint64_t count(const char* name) const {
    struct Finder final : CounterVisitor {
      explicit Finder(std::string n) : name(std::move(n)) {}
      void counter(const char* n, std::uint64_t v) override { value = name == n ? v : value; }
      void gauge(const char* n, std::uint64_t v) override { value = name == n ? v : value; }
      std::string name;
      std::uint64_t value = 0;
    } finder(name);
    registrations->count(finder);
    return finder.value;
  }

  std::map<std::string, std::unique_ptr<crypto::mock::MockSigner>, std::less<>> others;
  const std::string aor = "alice@" + std::string("overlay.example");
  World world{9};
  std::unique_ptr<crypto::mock::MockSigner> signer;
  std::map<std::uint64_t, bool> outcomes;
  std::unique_ptr<OwnRegistrations> registrations;
};

TEST_F(Registered, APublishedUserIsFoundByEverybody) {
  ASSERT_TRUE(publish(1));
  EXPECT_EQ(found(5), std::vector<NodeId>{world[home].id});
  EXPECT_EQ(registrations->published(), 1u);
}

TEST_F(Registered, AWithdrawnUserIsGone) {
  ASSERT_TRUE(publish(1));
  const auto withdrawn = registrations->withdraw(world.now, aor, 2);
  ASSERT_TRUE(withdrawn && !*withdrawn);
  ASSERT_TRUE(world.run_until([&] { return outcomes.contains(2); }, seconds(40)));
  EXPECT_TRUE(outcomes.at(2));
  EXPECT_TRUE(found(5).empty());
}

TEST_F(Registered, WhatTheOverlayAlreadyKnowsCostsNothing) {
  ASSERT_TRUE(publish(1, 3600));
  const auto again = registrations->publish(world.now, aor, world.now.wall + seconds(1800), 2);
  ASSERT_TRUE(again);
  EXPECT_TRUE(*again);
}

TEST_F(Registered, ARecordThatIsNewerThanTheClockIsReplacedAllTheSame) {
  ASSERT_TRUE(publish(1));
  // The node starts anew, and its clock has been set back by an hour.
  registrations =
      std::make_unique<OwnRegistrations>(*world[home].peer, world.timers, world.rng, *this, *this);
  world.set_back(std::chrono::hours(1));
  ASSERT_TRUE(publish(2, 7200));
  ASSERT_TRUE(publish(3, 7300));
  const auto withdrawn = registrations->withdraw(world.now, aor, 4);
  ASSERT_TRUE(withdrawn && !*withdrawn);
  ASSERT_TRUE(world.run_until([&] { return outcomes.contains(4); }, seconds(40)));
  EXPECT_TRUE(outcomes.at(4));
  EXPECT_TRUE(found(5).empty());
}

TEST_F(Registered, ARecordOfAnEarlierLifeIsWithdrawn) {
  ASSERT_TRUE(publish(1));
  registrations =
      std::make_unique<OwnRegistrations>(*world[home].peer, world.timers, world.rng, *this, *this);
  EXPECT_TRUE(*registrations->withdraw(world.now, aor, 2)) << "nothing is known of it";
  EXPECT_FALSE(*registrations->withdraw(world.now, aor, 3, world.now.wall + seconds(3600)));
  ASSERT_TRUE(world.run_until([&] { return outcomes.contains(3); }, seconds(40)));
  EXPECT_TRUE(found(5).empty());
}

TEST_F(Registered, WhatIsWithdrawnBecauseTheNodeLeavesIsNotPublishedAgain) {
  ASSERT_TRUE(publish(1));
  registrations->leave(world.now);
  ASSERT_TRUE(world.run_until([&] { return registrations->idle(); }, seconds(10)));
  EXPECT_TRUE(found(5).empty());
  EXPECT_TRUE(*registrations->publish(world.now, aor, world.now.wall + seconds(3600), 2));
  world.run(seconds(120));
  EXPECT_TRUE(found(5).empty());
}

TEST_F(Registered, ACrowdIsLookedAfterWithinTheMinuteAndNotAllAtOnce) {
  constexpr std::size_t users = 600;
  ASSERT_NO_FATAL_FAILURE(crowd(users));
  EXPECT_EQ(count("usage_registrations_in_flight"), OwnRegistrations::background_max);
  EXPECT_EQ(count("usage_registrations_queued"), users - OwnRegistrations::background_max);
  world.run(seconds(20));
  ASSERT_EQ(registrations->published(), users);
  EXPECT_EQ(count("usage_registrations_queued"), 0u);
  ASSERT_TRUE(publish(1)) << "who waits does not wait behind those nobody waits for";
}

TEST_F(Registered, ACrowdThatWaitsIsServedInTurnAndNobodyIsRefused) {
  constexpr std::size_t users = 2 * overlay::usage_requests_max;
  ASSERT_NO_FATAL_FAILURE(crowd(users, true));
  EXPECT_EQ(count("usage_registrations_in_flight"), OwnRegistrations::foreground_max);
  world.run(seconds(20));
  ASSERT_EQ(outcomes.size(), users);
  EXPECT_TRUE(std::all_of(outcomes.begin(), outcomes.end(),
                          [](const auto& outcome) { return outcome.second; }));
}

TEST_F(Registered, AChangeOfNeighboursSpreadsTheLooks) {
  constexpr std::size_t users = 600;
  ASSERT_NO_FATAL_FAILURE(crowd(users));
  world.run(seconds(20));
  ASSERT_EQ(registrations->published(), users);
  const std::uint64_t before = count("usage_registration_checks");
  for (int i = 0; i < 20; ++i)
    registrations->recheck(world.now);
  world.run(seconds(3));
  EXPECT_LT(count("usage_registration_checks") - before, users / 4);
  world.run(seconds(57));
  EXPECT_GE(count("usage_registration_checks") - before, users);
}

TEST_F(Registered, AUserWithoutCertificateIsServedHereAlone) {
  const auto published =
      registrations->publish(world.now, "eve@elsewhere.example", world.now.wall + seconds(60), 9);
  ASSERT_TRUE(published);
  EXPECT_TRUE(*published);
  EXPECT_EQ(registrations->published(), 0u);
}

TEST_F(Registered, ARecordThatTheOverlayLostIsStoredAgain) {
  ASSERT_TRUE(publish(1));
  const ResourceId resource = storage::resource_id_of(aor);
  // Everybody who holds it dies at once, more than replicas can stand, except the user's own node.
  for (const auto& member : world.members) {
    if (member->index == home || member->peer == nullptr) continue;
    if (member->peer->holds(resource)) member->kill();
  }
  ASSERT_FALSE(world[home].peer->holds(resource)) << "the seed must put the record elsewhere";
  std::size_t witness = home;
  for (const auto& member : world.members) {
    if (member->peer != nullptr && member->index != home) witness = member->index;
  }
  ASSERT_NE(witness, home);
  world.run(seconds(180));
  EXPECT_EQ(found(witness), std::vector<NodeId>{world[home].id});
}

}  // namespace
}  // namespace chordial::usage
