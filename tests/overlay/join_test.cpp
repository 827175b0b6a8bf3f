// Joining, leaving, failing and coming back.
#include "overlay/bootstrap.h"
#include "overlay/world.h"
#include "topology/chord/invariants.h"

namespace chordial::overlay {
namespace {

using std::chrono::seconds;

// Every live peer, ascending, for the ring's checkers.
std::vector<topology::chord::NodeView> views(World& world) {
  std::vector<topology::chord::NodeView> all;
  for (auto& m : world.members) {
    if (m->peer != nullptr && m->role == Role::peer) all.push_back({m->id, m->peer->topology()});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
  return all;
}

void expect_settled(World& world) {
  for (const auto& violation :
       topology::chord::check_settled(views(world), world.context.topology)) {
    ADD_FAILURE() << violation.checker << " " << violation.node.hex() << " " << violation.text;
  }
}

class Joining : public testing::TestWithParam<std::size_t> {};

TEST_P(Joining, MakesOneSettledRing) {
  World world(GetParam());
  world.form();
  world.run(seconds(120));
  expect_settled(world);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Joining, testing::Values(1, 2, 3, 5, 9, 16));

TEST(Peer, FirstOfAllIsARingAtOnce) {
  World world(1);
  world[0].boot({}, true);
  EXPECT_EQ(world[0].peer->phase(), Phase::ring);
}

TEST(Peer, WithoutAnybodyAnOrdinaryNodeIsIsolatedAndServesItself) {
  World world(2);
  world[1].boot({world[0].address}, false);  // nobody is there
  world.run(seconds(30));
  EXPECT_EQ(world[1].peer->phase(), Phase::isolated);
  EXPECT_TRUE(world[1].peer->topology()->responsible({1, 2}));
}

TEST(Peer, TheSearchSaysWhereItCameInAndWhatFailed) {
  World world(3);
  world[0].boot({}, true);
  EXPECT_FALSE(world[0].peer->bootstrap_state().entry);  // the founder
  world[1].boot({world[2].address}, false);              // nobody is there
  world.run(seconds(30));
  BootstrapState state = world[1].peer->bootstrap_state();
  EXPECT_EQ(state.addresses, std::vector{world[2].address});
  EXPECT_FALSE(state.entry);
  EXPECT_EQ(state.failed, world[2].address);
  EXPECT_STRNE(state.why.reason, "");
  world[1].peer->set_bootstrap(world.now, {world[0].address});
  world.run(seconds(90));
  ASSERT_EQ(world[1].peer->phase(), Phase::mesh);
  EXPECT_EQ(world[1].peer->bootstrap_state().entry, world[0].address);
  EXPECT_FALSE(world[0].peer->bootstrap_state().entry);
}

TEST(Peer, AnIsolatedNodeFindsTheOverlayLater) {
  World world(3);
  world[1].boot({world[0].address}, false);
  world[2].boot({world[0].address}, false);
  world.run(seconds(60));
  EXPECT_EQ(world[1].peer->phase(), Phase::isolated);
  world[0].boot({}, true);
  world.run(seconds(200));
  EXPECT_EQ(world[1].peer->phase(), Phase::mesh);
  expect_settled(world);
}

TEST(Peer, TwoThatKnowOnlyEachOtherMakeAnOverlay) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    World world(2, seed);
    world[0].boot({world[1].address}, false);
    world[1].boot({world[0].address}, false);
    EXPECT_TRUE(world.run_until(
        [&] {
          return world[0].peer->phase() == Phase::mesh && world[1].peer->phase() == Phase::mesh;
        },
        seconds(120)))
        << seed;
  }
}

TEST(Peer, AllKilledButOneItIsIsolatedAndMergesBack) {
  World world(4);
  world.form();
  for (std::size_t i = 1; i < 4; ++i)
    world[i].kill();
  world.run(seconds(60));
  EXPECT_EQ(world[0].peer->phase(), Phase::isolated);
  EXPECT_EQ(world[0].peer->sizes().links, 0u);
  world[0].peer->set_bootstrap(world.now, {world[1].address});
  world[1].boot({world[0].address}, false);
  world.run(seconds(120));
  EXPECT_EQ(world[0].peer->phase(), Phase::mesh);
  EXPECT_EQ(world[1].peer->phase(), Phase::mesh);
  expect_settled(world);
}

TEST(Peer, LeavingIsToldAndEnds) {
  World world(6);
  world.form();
  Member& leaver = world[3];
  leaver.peer->leave(world.now);
  EXPECT_EQ(leaver.peer->phase(), Phase::leaving);
  world.run(seconds(6));
  EXPECT_EQ(leaver.peer->phase(), Phase::stopped);
  EXPECT_EQ(leaver.peer->sizes().links, 0u);
  leaver.kill();
  world.run(seconds(120));
  expect_settled(world);
}

TEST(Peer, AKilledPeerIsReplacedInTheRing) {
  World world(9);
  world.form();
  world[4].kill();
  world[7].kill();
  world.run(seconds(200));
  expect_settled(world);
}

TEST(Peer, ARestartedPeerTakesItsPlaceAgain) {
  World world(6);
  world.form();
  world[2].kill();
  world[2].boot({world[5].address}, false);  // before anybody has noticed
  world.run(seconds(200));
  EXPECT_TRUE(world[2].peer->phase() == Phase::ring || world[2].peer->phase() == Phase::mesh);
  expect_settled(world);
}

TEST(Peer, TwoHalvesOfACutOverlayBecomeOne) {
  World world(8);
  world.form();
  for (auto& m : world.members)
    m->peer->set_bootstrap(world.now, {world[0].address, world[7].address});
  const auto side = [&](const SocketAddress& a) {
    return a.ip.v4_host_order() < world[4].address.ip.v4_host_order();
  };
  world.cut = [&](const SocketAddress& a, const SocketAddress& b) { return side(a) != side(b); };
  world.run(seconds(300));
  world.cut = nullptr;
  world.run(seconds(600));
  expect_settled(world);
}

TEST(Peer, AClientUsesTheOverlayAndIsNoPartOfIt) {
  World world(5);
  world.form();
  Member& client = world.add(Role::client);
  client.boot({world[1].address}, false);
  world.run(seconds(20));
  EXPECT_EQ(client.peer->phase(), Phase::ring);
  expect_settled(world);
  Heard by_client, by_peer;
  const RequestId out = client.peer->ping(world.now, Target::node(world[3].id), by_client);
  const RequestId in = world[3].peer->ping(world.now, Target::node(client.id), by_peer);
  world.run(seconds(20));
  ASSERT_TRUE(by_client.pinged.count(out) == 1 && by_client.pinged.at(out));
  ASSERT_TRUE(by_peer.pinged.count(in) == 1 && by_peer.pinged.at(in));
  EXPECT_EQ(by_peer.pinged.at(in)->by.node, client.id);
  EXPECT_GE(by_peer.pinged.at(in)->by.hops, 1);
}

TEST(Peer, TheSameSeedGivesTheSameRun) {
  std::uint64_t carried[2];
  for (std::uint64_t& count : carried) {
    World world(6, 42);
    world.form();
    world[2].kill();
    world.run(seconds(100));
    count = world.carried;
  }
  EXPECT_EQ(carried[0], carried[1]);
}

TEST(Peer, IdleIsSmall) {
  World world(16);
  world.form();
  world.run(seconds(120));
  for (auto& m : world.members)
    EXPECT_LE(m->peer->sizes().memory_bytes, 5u * 1024) << m->peer->sizes().links << " links";
}

}  // namespace
}  // namespace chordial::overlay
