// Where the tunnel is not to be had: a node that does not know it, and an overlay that forbids it.
#include "node/world.h"

namespace chordial::node::test {
namespace {

using std::chrono::seconds;

class WithoutTunnel : public testing::Test {
 protected:
  void form() {
    world.form();
    EXPECT_EQ(alice.register_now(), 200);
    EXPECT_EQ(bob.register_now(), 200);
  }
  bool call(Phone& from, Phone& to) {
    Leg leg = from.start("INVITE", "sip:" + to.user + "@" + domain);
    const std::string invite = to.await("INVITE");
    if (invite.empty()) return false;
    to.answer(invite, 200);
    const std::string ok = from.await("200");
    if (ok.empty()) return false;
    Phone::adopt(leg, ok);
    from.request(leg, "ACK");
    if (to.await("ACK").empty()) return false;
    from.request(leg, "BYE");
    const std::string bye = to.await("BYE");
    if (bye.empty()) return false;
    to.answer(bye, 200);
    return !from.await("200").empty();
  }

  World world{5};
  Phone& alice = world.add_phone(world[1], "alice");
  Phone& bob = world.add_phone(world[3], "bob");
  Host& here = world[1];
  Host& there = world[3];
  const std::string bob_uri = std::string("sip:bob@") + domain;
};

TEST_F(WithoutTunnel, ANodeThatDoesNotKnowItIsReachedByAppAttach) {
  there.context.tunnel_extension = 0;
  form();
  EXPECT_TRUE(call(alice, bob));
  EXPECT_EQ(here.count("usage_detours_noted"), 1u);
  EXPECT_EQ(here.count("usage_tunnel_messages"), 1u) << "tried once";
  EXPECT_TRUE(call(bob, alice));
  EXPECT_TRUE(call(alice, bob));
  EXPECT_EQ(here.count("usage_tunnel_messages"), 1u);
  EXPECT_EQ(here.count("usage_detours_waiting"), 0u);
}

TEST_F(WithoutTunnel, AMessageOutsideDialogsIsToo) {
  there.context.tunnel_extension = 0;
  form();
  alice.start("MESSAGE", bob_uri);
  const std::string message = bob.await("MESSAGE");
  ASSERT_FALSE(message.empty());
  bob.answer(message, 200);
  EXPECT_EQ(status_of(alice.await("200")), 200);
}

TEST_F(WithoutTunnel, AnOverlayMayForbidIt) {
  for (const auto& host : world.hosts)
    host->context.tunnel_extension = 0;
  form();
  EXPECT_TRUE(call(alice, bob));
  EXPECT_TRUE(call(bob, alice));
  EXPECT_EQ(here.count("usage_tunnel_messages") + there.count("usage_tunnel_messages"), 0u);
}

TEST_F(WithoutTunnel, NobodySaysAnothersFromThereEither) {
  Phone& mallory = world.add_phone(world[2], "mallory");
  world[2].config.trusted_addresses.push_back(mallory.address.ip);
  for (const auto& host : world.hosts)
    host->context.tunnel_extension = 0;
  form();
  mallory.from_user = "alice";
  EXPECT_EQ(mallory.ask("MESSAGE", bob_uri), 403);
  EXPECT_FALSE(bob.has("MESSAGE"));
  EXPECT_EQ(there.count("usage_introductions_asked"), 1u);
  EXPECT_EQ(there.count("usage_introductions_open"), 0u);
}

TEST_F(WithoutTunnel, WhereNoConnectionCanBeMadeTheCallerHears) {
  there.context.tunnel_extension = 0;
  form();
  world.cut = [](const SocketAddress& from, const SocketAddress& to) {
    return from.port == 6085 || to.port == 6085;
  };
  const int status = alice.ask("INVITE", bob_uri);
  EXPECT_TRUE(status == 408 || status / 100 == 5) << status;
  world.run(seconds(60));
  EXPECT_EQ(here.count("usage_detours_waiting"), 0u);
  world.cut = nullptr;
  EXPECT_TRUE(call(alice, bob));
}

}  // namespace
}  // namespace chordial::node::test
