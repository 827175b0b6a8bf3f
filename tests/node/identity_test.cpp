// Who may be whom: a phone proves itself to its node, and a node may speak for its own users alone.
#include "node/world.h"

namespace chordial::node::test {
namespace {

class Identity : public testing::Test {
 protected:
  Identity() {
    world.form();
    EXPECT_EQ(alice.register_now(), 200);
    EXPECT_EQ(bob.register_now(), 200);
  }

  World world{4};
  Phone& alice = world.add_phone(world[1], "alice");
  Phone& bob = world.add_phone(world[3], "bob");
  const std::string bob_uri = std::string("sip:bob@") + domain;
};

TEST_F(Identity, AWrongPasswordRegistersNobody) {
  alice.password = "guessed";
  EXPECT_EQ(alice.register_now(), 401);
}

TEST_F(Identity, APhoneThatSaysToBeAnotherIsRefusedByItsNode) {
  Phone& carol = world.add_phone(world[1], "carol");
  carol.from_user = "alice";
  EXPECT_EQ(carol.ask("MESSAGE", bob_uri), 403);
  EXPECT_FALSE(bob.has("MESSAGE"));
}

TEST_F(Identity, ANodeThatLetsItsPhoneBeAnotherIsRefusedByTheCalledNode) {
  // A node that has turned bad: its phones need no proof, and it has no certificate for the name.
  world[2].stop();
  Phone& mallory = world.add_phone(world[2], "mallory");
  world[2].config.trusted_addresses.push_back(mallory.address.ip);
  world[2].start();
  ASSERT_TRUE(world.run_until([&] { return world[2].member(); }, std::chrono::seconds(60)));
  mallory.from_user = "alice";
  const std::uint64_t refused = world[3].count("proxy_refused");
  EXPECT_EQ(mallory.ask("MESSAGE", bob_uri), 403);
  EXPECT_EQ(mallory.ask("INVITE", bob_uri), 403);
  EXPECT_FALSE(bob.has("MESSAGE"));
  EXPECT_FALSE(bob.has("INVITE"));
  EXPECT_EQ(world[3].count("proxy_refused"), refused + 2) << "it was bob's node that refused";
}

TEST_F(Identity, TheTrueUserOfThatNameStillGetsThrough) {
  alice.start("MESSAGE", bob_uri);
  bob.answer(bob.await("MESSAGE"), 200);
  EXPECT_EQ(status_of(alice.await("200")), 200);
}

}  // namespace
}  // namespace chordial::node::test
