// Joining: one after the other, all at once, between the same neighbors, with lost messages.
#include "topology/world.h"

namespace chordial::topology {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class JoinAll : public testing::TestWithParam<int> {};

TEST_P(JoinAll, OneAfterTheOther) {
  WorldOptions options;
  options.seed = static_cast<std::uint64_t>(GetParam());
  World world(options);
  world.check_always = true;
  const NodeId first = world.new_id();
  world.start_first(first);
  for (int i = 1; i < GetParam(); ++i) {
    const auto members = world.members();
    world.join(world.new_id(), members[world.rng().below(members.size())]);
    world.run_for(milliseconds(1500));
  }
  EXPECT_TRUE(world.settles_within(seconds(10))) << world.settled_text();
  EXPECT_EQ(world.members().size(), static_cast<std::size_t>(GetParam()));
  for (const auto& violation : world.violations)
    ADD_FAILURE() << violation.checker << " " << violation.node.hex() << " " << violation.text;
}

TEST_P(JoinAll, AllAtOnce) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    WorldOptions options;
    options.seed = seed * 1000 + static_cast<std::uint64_t>(GetParam());
    World world(options);
    world.check_always = true;
    const NodeId first = world.new_id();
    world.start_first(first);
    for (int i = 1; i < GetParam(); ++i) {
      world.join(world.new_id(), first);
    }
    EXPECT_TRUE(world.settles_within(seconds(120))) << seed << " " << world.settled_text();
    EXPECT_EQ(world.members().size(), static_cast<std::size_t>(GetParam()));
    for (const auto& violation : world.violations)
      ADD_FAILURE() << seed << violation.checker << " " << violation.node.hex() << " "
                    << violation.text;
    std::printf("N=%d seed %llu settled after %.1f s, %llu messages\n", GetParam(),
                static_cast<unsigned long long>(seed),
                static_cast<double>(
                    (world.now().monotonic - MonotonicTime(std::chrono::hours(1))).count()) /
                    1e6,
                static_cast<unsigned long long>(world.messages()));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, JoinAll, testing::Values(1, 2, 3, 5, 8, 9, 10, 16, 33, 64));

}  // namespace
}  // namespace chordial::topology
