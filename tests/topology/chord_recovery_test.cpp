// Worse than the successor lists can bear: half of all peers at once, every peer but one, a cut
// through the middle, restarts under the same Node-ID, two survivors who ask each other.
#include "topology/world.h"

namespace chordial::topology {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Parameters few_successors() {
  Parameters parameters;
  parameters.successors = 3;
  return parameters;
}

// A settled overlay of `count` nodes.
std::vector<NodeId> grow(World& world, std::size_t count) {
  world.start_first(world.new_id());
  for (std::size_t i = 1; i < count; ++i) {
    const auto members = world.members();
    world.join(world.new_id(), members[world.rng().below(members.size())]);
    world.run_for(milliseconds(300));
  }
  EXPECT_TRUE(world.settles_within(seconds(30))) << world.settled_text();
  return world.members();
}

// With a look for partitions every 30 s.
bool heals(World& world) {
  bool whole = world.settles_within(seconds(30));
  for (int look = 0; look < 6 && !whole; ++look) {
    world.check_partitions();
    whole = world.settles_within(seconds(30));
  }
  return whole;
}

TEST(ChordRecovery, HalfOfAllPeersAtOnce) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    World world({.seed = seed});
    for (const NodeId& node : grow(world, 20 + seed)) {
      if (world.rng().below(2) == 0) world.kill(node);
    }
    EXPECT_TRUE(world.settles_within(seconds(90))) << seed << "\n" << world.settled_text();
  }
}

TEST(ChordRecovery, LongRowOfNeighborsAtOnce) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world({.seed = seed, .parameters = few_successors()});
    const std::vector<NodeId> ring = grow(world, 30);
    for (std::size_t i = 0; i < 12; ++i)
      world.kill(ring[(seed + i) % ring.size()]);
    EXPECT_TRUE(world.settles_within(seconds(120))) << seed << "\n" << world.settled_text();
  }
}

// At every moment of a join the row of peers that admits is killed, all that the lists can bear.
TEST(ChordRecovery, TheAdmittingPeerAndItsSuccessorsDieDuringTheJoin) {
  for (std::uint64_t moment = 0; moment < 40; ++moment) {
    World world({.seed = 1 + moment % 3, .parameters = few_successors()});
    const std::vector<NodeId> ring = grow(world, 16);
    world.check_always = true;
    NodeId joining = ring[4];
    joining.position = joining.position + RingPosition{0, 1};
    world.join(joining, ring[12]);
    world.run_for(milliseconds(30 * moment));
    world.kill(ring[5]);
    world.kill(ring[6]);
    EXPECT_TRUE(world.settles_within(seconds(60))) << moment << "\n" << world.settled_text();
    EXPECT_EQ(world.members().size(), 15U);
    for (const auto& violation : world.violations)
      ADD_FAILURE() << moment << " " << violation.checker << " " << violation.text;
  }
}

TEST(ChordRecovery, TheLastOneIsIsolatedAndAnswersForEverything) {
  World world({.seed = 7});
  const std::vector<NodeId> ring = grow(world, 6);
  for (std::size_t i = 1; i < ring.size(); ++i)
    world.kill(ring[i]);
  world.run_for(seconds(5));
  const chord::Chord* last = world.plugin(ring[0]);
  EXPECT_EQ(last->phase(), Phase::isolated);
  EXPECT_TRUE(last->responsible(ring[3].position));
  EXPECT_EQ(last->next_hop(ring[3].position).kind, NextHop::Kind::self);
  EXPECT_EQ(last->responsible_ppb(), 1'000'000'000U);
  // It is a ring of one, and whoever comes back joins through it.
  for (std::size_t i = 1; i < ring.size(); ++i)
    world.join(ring[i], ring[0]);
  EXPECT_TRUE(world.settles_within(seconds(20))) << world.settled_text();
  EXPECT_EQ(last->phase(), Phase::ring);
}

TEST(ChordRecovery, TwoSurvivorsAskEachOther) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world({.seed = seed});
    const std::vector<NodeId> ring = grow(world, 2);
    world.cut(ring[0], ring[1]);
    EXPECT_TRUE(world.settles_within(seconds(20))) << seed << "\n" << world.settled_text();
  }
}

TEST(ChordRecovery, EveryoneLosesEveryoneAtOnce) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World world({.seed = seed});
    const std::vector<NodeId> ring = grow(world, 2 + seed % 9);
    for (const NodeId& a : ring) {
      for (const NodeId& b : ring)
        world.cut(a, b);
    }
    EXPECT_TRUE(heals(world)) << seed << " " << world.rings() << "\n" << world.settled_text();
  }
}

TEST(ChordRecovery, RestartWithTheSameNodeIdBeforeAnyoneNoticed) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    World world({.seed = seed, .detection_max = seconds(20)});
    const std::vector<NodeId> ring = grow(world, 3 + seed % 12);
    world.check_always = true;
    for (int round = 0; round < 3; ++round) {
      const NodeId node = ring[world.rng().below(ring.size())];
      world.kill(node);
      world.run_for(milliseconds(world.rng().below(400)));
      NodeId bootstrap = node;
      while (bootstrap == node)
        bootstrap = ring[world.rng().below(ring.size())];
      world.join(node, bootstrap);
      EXPECT_TRUE(world.settles_within(seconds(60))) << seed << "\n" << world.settled_text();
    }
    for (const auto& violation : world.violations)
      ADD_FAILURE() << seed << " " << violation.checker << " " << violation.text;
  }
}

TEST(ChordRecovery, GoodbyeOfTheOnlyOtherLeavesARing) {
  World world({.seed = 3});
  const std::vector<NodeId> ring = grow(world, 2);
  world.leave(ring[1]);
  world.run_for(seconds(5));
  EXPECT_EQ(world.plugin(ring[0])->phase(), Phase::ring);
  EXPECT_TRUE(world.plugin(ring[0])->responsible(ring[1].position));
}

TEST(ChordRecovery, PartitionsHealThroughTheBootstrap) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    World world({.seed = seed});
    const std::vector<NodeId> ring = grow(world, 12 + seed);
    std::set<NodeId> side;
    for (const NodeId& node : ring) {
      if (world.rng().below(2) == 0) side.insert(node);
    }
    world.partition(side);
    world.run_for(seconds(60));
    EXPECT_EQ(world.rings(), side.empty() || side.size() == ring.size() ? 1U : 2U) << seed;
    world.heal();
    EXPECT_TRUE(heals(world)) << seed << " " << world.rings() << "\n" << world.settled_text();
  }
}

}  // namespace
}  // namespace chordial::topology
