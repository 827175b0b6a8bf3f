// Joining: one after the other, all at once, many between the same two neighbors.
#include "topology/world.h"

namespace chordial::topology {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void expect_no_violations(const World& world) {
  for (const auto& violation : world.violations)
    ADD_FAILURE() << violation.checker << " at " << violation.node.hex() << ": " << violation.text;
}

class ChordJoin : public testing::TestWithParam<std::size_t> {
 protected:
  void expect_whole(World& world, Duration bound) {
    EXPECT_TRUE(world.settles_within(bound)) << world.settled_text();
    EXPECT_EQ(world.members().size(), GetParam());
    expect_no_violations(world);
  }
};

TEST_P(ChordJoin, OneAfterTheOther) {
  World world({.seed = GetParam()});
  world.check_always = true;
  world.start_first(world.new_id());
  for (std::size_t i = 1; i < GetParam(); ++i) {
    const auto members = world.members();
    world.join(world.new_id(), members[world.rng().below(members.size())]);
    world.run_for(milliseconds(1500));
  }
  expect_whole(world, seconds(5));
}

TEST_P(ChordJoin, AllAtOnceThroughTheFirst) {
  World world({.seed = 1000 + GetParam()});
  world.check_always = true;
  const NodeId first = world.new_id();
  world.start_first(first);
  for (std::size_t i = 1; i < GetParam(); ++i)
    world.join(world.new_id(), first);
  expect_whole(world, seconds(15));
}

TEST_P(ChordJoin, AllBetweenTheSameTwo) {
  World world({.seed = 2000 + GetParam()});
  world.check_always = true;
  const NodeId first = world.new_id();
  world.start_first(first);
  for (std::size_t i = 1; i < GetParam(); ++i)
    world.join(NodeId{first.position + RingPosition{0, world.rng().u64()}}, first);
  expect_whole(world, seconds(30));
}

INSTANTIATE_TEST_SUITE_P(Sizes, ChordJoin, testing::Values(1, 2, 3, 5, 8, 9, 10, 16, 33, 64));

TEST(ChordJoinOne, HasTheWholeListFromItsFirstMoment) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    World world({.seed = seed});
    world.start_first(world.new_id());
    for (int i = 1; i < 24; ++i) {
      world.join(world.new_id(), world.members()[0]);
      world.run_for(milliseconds(300));
    }
    ASSERT_TRUE(world.settles_within(seconds(10)));
    const NodeId joining = world.new_id();
    world.join(joining, world.members()[seed % 24]);
    while (world.plugin(joining)->phase() != Phase::ring)
      ASSERT_TRUE(world.step(world.now().monotonic + seconds(5)));
    std::vector<chord::Violation> violations;
    chord::check_complete_lists(world.views(), world.parameters(), violations);
    for (const auto& violation : violations)
      EXPECT_NE(violation.node, joining) << seed << ": " << violation.text;
  }
}

TEST(ChordJoinOne, IsStableWithinSeconds) {
  World world({.seed = 11});
  world.start_first(world.new_id());
  for (int i = 1; i < 40; ++i) {
    const auto members = world.members();
    world.join(world.new_id(), members[world.rng().below(members.size())]);
    world.run_for(milliseconds(500));
  }
  ASSERT_TRUE(world.settles_within(seconds(10)));
  world.run_for(std::chrono::hours(1));  // everyone is back at the slow pace
  const std::uint64_t before = world.messages();
  world.join(world.new_id(), world.members()[3]);
  EXPECT_TRUE(world.settles_within(seconds(4))) << world.settled_text();
  const std::uint64_t joined = world.messages();
  world.run_for(std::chrono::hours(1));
  std::printf("one join among 40: %llu requests until settled; afterwards %.1f an hour and peer\n",
              static_cast<unsigned long long>(joined - before),
              static_cast<double>(world.messages() - joined) / 41);
}

}  // namespace
}  // namespace chordial::topology
