// From the tunnel to a direct connection: the first INVITE goes through the overlay, what follows
// over a DTLS association between the two nodes.
#include "node/world.h"

namespace chordial::node::test {
namespace {

using std::chrono::seconds;

class Direct : public testing::Test {
 protected:
  Direct() {
    world.form();
    EXPECT_EQ(alice.register_now(), 200);
    EXPECT_EQ(bob.register_now(), 200);
  }

  bool connect(Leg& caller) {
    caller = alice.start("INVITE", std::string("sip:bob@") + domain);
    const std::string invite = bob.await("INVITE");
    if (invite.empty()) return false;
    bob.answer(invite, 200);
    const std::string ok = alice.await("200");
    if (ok.empty()) return false;
    Phone::adopt(caller, ok);
    alice.request(caller, "ACK");
    return !bob.await("ACK").empty();
  }
  bool hang_up(Leg& caller) {
    alice.request(caller, "BYE");
    const std::string bye = bob.await("BYE");
    if (bye.empty()) return false;
    bob.answer(bye, 200);
    return !alice.await("200").empty();
  }

  World world{5};
  Phone& alice = world.add_phone(world[1], "alice");
  Phone& bob = world.add_phone(world[3], "bob");
  Host& here = world[1];
  Host& there = world[3];
};

TEST_F(Direct, TheDialogMovesOntoIt) {
  Leg caller;
  ASSERT_TRUE(connect(caller));
  EXPECT_GT(here.count("usage_tunnel_messages"), 0u) << "the INVITE";
  ASSERT_TRUE(
      world.run_until([&] { return here.count("usage_direct_connections") == 1; }, seconds(10)));
  ASSERT_EQ(there.count("usage_direct_connections"), 1u);
  EXPECT_EQ(here.count("application_link_links"), 1u);
  EXPECT_EQ(here.count("link_links"), 4u) << "of the overlay, told apart";
  const std::uint64_t tunnelled =
      here.count("usage_tunnel_messages") + there.count("usage_tunnel_messages");
  ASSERT_TRUE(hang_up(caller));
  EXPECT_EQ(here.count("usage_tunnel_messages") + there.count("usage_tunnel_messages"), tunnelled);
  EXPECT_GT(there.count("usage_direct_messages"), 0u);
}

TEST_F(Direct, TheNextCallUsesItFromTheStart) {
  Leg caller;
  ASSERT_TRUE(connect(caller) && hang_up(caller));
  const std::uint64_t tunnelled =
      here.count("usage_tunnel_messages") + there.count("usage_tunnel_messages");
  ASSERT_TRUE(connect(caller) && hang_up(caller));
  EXPECT_EQ(here.count("usage_tunnel_messages") + there.count("usage_tunnel_messages"), tunnelled);
  EXPECT_EQ(here.count("usage_direct_opened"), 1u);
}

TEST_F(Direct, WhereItCannotBeMadeTheTunnelServes) {
  world.cut = [](const SocketAddress& from, const SocketAddress& to) {
    return from.port == 6085 || to.port == 6085;
  };
  Leg caller;
  ASSERT_TRUE(connect(caller));
  world.run(seconds(30));
  EXPECT_EQ(here.count("usage_direct_connections"), 0u);
  EXPECT_TRUE(hang_up(caller));
}

TEST_F(Direct, ADialogOutlivesItsConnection) {
  Leg caller;
  ASSERT_TRUE(connect(caller));
  ASSERT_TRUE(
      world.run_until([&] { return here.count("usage_direct_connections") == 1; }, seconds(10)));
  world.cut = [](const SocketAddress& from, const SocketAddress& to) {
    return from.port == 6085 || to.port == 6085;
  };
  ASSERT_TRUE(
      world.run_until([&] { return here.count("usage_direct_connections") == 0; }, seconds(120)));
  EXPECT_TRUE(hang_up(caller)) << "through the tunnel again";
}

// The other node has forgotten the association and drops what comes over it.
TEST_F(Direct, ACallReachesANodeThatWasRestarted) {
  Leg caller;
  ASSERT_TRUE(connect(caller) && hang_up(caller));
  ASSERT_EQ(here.count("usage_direct_connections"), 1u);
  there.stop();
  there.start();
  ASSERT_TRUE(world.run_until([&] { return there.member(); }, seconds(60)));
  world.run(seconds(3));
  const MonotonicTime called = world.now.monotonic;
  ASSERT_TRUE(connect(caller));
  EXPECT_LT(world.now.monotonic - called, seconds(2));
  EXPECT_TRUE(hang_up(caller));
  ASSERT_TRUE(connect(caller) && hang_up(caller));
  EXPECT_EQ(here.count("usage_direct_connections"), 1u) << "made anew";
}

TEST_F(Direct, ACallThatRingsOutlivesTheSilentConnectionItBeganOn) {
  Leg caller;
  ASSERT_TRUE(connect(caller) && hang_up(caller));
  world.cut = [](const SocketAddress& from, const SocketAddress& to) {
    return from.port == 6085 || to.port == 6085;
  };
  caller = alice.start("INVITE", std::string("sip:bob@") + domain);
  const std::string invite = bob.await("INVITE");
  ASSERT_FALSE(invite.empty());
  bob.answer(invite, 180);
  ASSERT_FALSE(alice.await("180").empty());
  world.run(seconds(60));
  EXPECT_EQ(here.count("usage_direct_connections"), 0u);
  bob.answer(invite, 200);
  EXPECT_FALSE(alice.await("200").empty());
}

// Ringing at a node that dies: the caller hears of it long before the end of the INVITE's patience.
TEST_F(Direct, ACallThatRingsAtANodeThatDiesIsOver) {
  Leg caller;
  ASSERT_TRUE(connect(caller) && hang_up(caller));
  caller = alice.start("INVITE", std::string("sip:bob@") + domain);
  const std::string invite = bob.await("INVITE");
  ASSERT_FALSE(invite.empty());
  bob.answer(invite, 180);
  ASSERT_FALSE(alice.await("180").empty());
  there.stop();
  EXPECT_FALSE(alice.await("SIP/2.0 4", seconds(60)).empty() &&
               alice.await("SIP/2.0 5", seconds(1)).empty());
}

}  // namespace
}  // namespace chordial::node::test
