// Whole nodes become one overlay, and know nothing of each other but what the network carried.
#include "node/world.h"

namespace chordial::node::test {
namespace {

using std::chrono::seconds;

TEST(NodeOverlay, TwoNodesInOneProcessFormAnOverlay) {
  World world(2);
  world.form();
  for (const auto& host : world.hosts) {
    EXPECT_TRUE(host->member());
    const NodeStatus status = host->node().status();
    ASSERT_EQ(status.links.size(), 1u);
    EXPECT_EQ(status.links.front().node, world[1 - host->index].id);
    EXPECT_TRUE(status.problems.empty());
  }
}

TEST(NodeOverlay, TwoOverlaysInOneProcessDoNotMeet) {
  World one(2, 1);
  World other(2, 2);
  one.form();
  other.form();
  EXPECT_EQ(one[0].count("overlay_links"), 1u);
  EXPECT_EQ(other[0].count("overlay_links"), 1u);
  EXPECT_FALSE(one[0].node().peer().linked(other[1].id));
}

TEST(NodeOverlay, TheSameSeedGivesTheSameRun) {
  const auto trace = [](std::uint64_t seed) {
    World world(4, seed);
    Phone& alice = world.add_phone(world[1], "alice");
    world.form();
    EXPECT_EQ(alice.register_now(), 200);
    std::vector<std::uint64_t> counts{
        static_cast<std::uint64_t>(world.now.monotonic.time_since_epoch().count())};
    for (const auto& host : world.hosts) {
      for (const char* name : {"node_datagrams_sent", "transport_requests", "link_established",
                               "storage_bytes", "forwarding_messages_received"})
        counts.push_back(host->count(name));
    }
    return counts;
  };
  EXPECT_EQ(trace(5), trace(5));
  EXPECT_NE(trace(5), trace(6));
}

TEST(NodeOverlay, AStoppedNodeIsMissedAndComesBack) {
  World world(4);
  world.form();
  world[2].stop();
  ASSERT_TRUE(
      world.run_until([&] { return !world[0].node().peer().linked(world[2].id); }, seconds(120)));
  EXPECT_TRUE(world[0].member());
  world[2].start();
  ASSERT_TRUE(world.run_until([&] { return world[2].member(); }, seconds(60)));
}

TEST(NodeOverlay, ANodeThatLeavesTellsTheOthers) {
  World world(4);
  world.form();
  world[1].leave();
  EXPECT_TRUE(
      world.run_until([&] { return !world[0].node().peer().linked(world[1].id); }, seconds(5)));
}

}  // namespace
}  // namespace chordial::node::test
