// REGISTER is all or nothing, at the node, on its disk and in the overlay.
#include "node/world.h"
#include "storage/resource_name.h"

namespace chordial::node::test {
namespace {

using ports::PersistSpace;
using std::chrono::seconds;

class Registration : public testing::Test {
 protected:
  // The home stores nothing itself, so that others can refuse.
  Registration() {
    world.form();
    refusing.reserve(world.hosts.size());
    for (const auto& host : world.hosts) {
      refusing.push_back(host->context);
      refusing.back().kinds = &no_kinds;
    }
  }
  void others_refuse(bool refuse) {
    for (std::size_t i = 1; i < world.hosts.size(); ++i) {
      if (i != home.index)
        world[i].node().peer().adopt(world[i].now(), refuse ? refusing[i] : world[i].context);
    }
    world[0].node().peer().adopt(world[0].now(), refuse ? refusing[0] : world[0].context);
  }
  [[nodiscard]] bool home_answers_for(const std::string& user) {
    const ResourceId resource = storage::resource_id_of(user + "@" + domain);
    return home.node().peer().topology()->responsible(resource.position);
  }
  // What the phone of another node is told.
  [[nodiscard]] int call(const Phone& callee) {
    return caller.ask("MESSAGE", "sip:" + callee.user + "@" + domain);
  }

  World world{5};
  Host& home = world[2];
  Phone& caller = world.add_phone(world[4], "caller");
  Phone& alice = world.add_phone(home, "alice");
  storage::KindTable no_kinds;
  std::vector<overlay::SharedContext> refusing;
};

TEST_F(Registration, ThatTheOverlayRefusedLeavesNothing) {
  ASSERT_EQ(caller.register_now(), 200);
  ASSERT_FALSE(home_answers_for("alice")) << "choose another seed";
  others_refuse(true);
  EXPECT_EQ(alice.register_now(), 500);
  world.run(seconds(5));
  EXPECT_EQ(home.rows(PersistSpace::bindings), 0u);
  others_refuse(false);
  world.run(seconds(200));
  EXPECT_EQ(home.count("usage_registrations"), 0u) << "nothing waits to be published";
  EXPECT_EQ(home.node().status().registrations_local, 0u);
  EXPECT_EQ(call(alice), 404);
}

TEST_F(Registration, ThatTheDiskRefusedIsNotInTheOverlay) {
  ASSERT_EQ(caller.register_now(), 200);
  home.disk_broken = true;
  EXPECT_EQ(alice.register_now(), 500);
  world.run(seconds(5));
  EXPECT_EQ(call(alice), 404);
  home.disk_broken = false;
  EXPECT_EQ(alice.register_now(), 200);
  EXPECT_EQ(home.rows(PersistSpace::bindings), 1u);
}

TEST_F(Registration, StaysWhereItsRemovalWasRefused) {
  ASSERT_EQ(caller.register_now(), 200);
  ASSERT_EQ(alice.register_now(), 200);
  others_refuse(true);
  EXPECT_EQ(alice.register_now(0), 500);
  others_refuse(false);
  world.run(seconds(120));
  EXPECT_EQ(home.rows(PersistSpace::bindings), 1u);
  caller.start("MESSAGE", std::string("sip:alice@") + domain);
  EXPECT_FALSE(alice.await("MESSAGE").empty());
}

TEST_F(Registration, OverAConnectionEndsWithTheNode) {
  ASSERT_EQ(caller.register_now(), 200);
  Phone& tom = world.add_phone(home, "tom", sip::TransportKind::tcp);
  const std::string behind_nat = "<sip:tom@192.168.1.9:5060;transport=tcp>";
  ASSERT_EQ(tom.register_now(3600, behind_nat), 200);
  ASSERT_EQ(home.rows(PersistSpace::bindings), 1u);
  home.stop();
  world.run(seconds(2));
  home.start();
  ASSERT_TRUE(world.run_until([&] { return home.member(); }, seconds(60)));
  world.run(seconds(20));
  EXPECT_EQ(home.rows(PersistSpace::bindings), 0u);
  const std::uint64_t lookups = home.count("sip_transaction_messages_received");
  EXPECT_EQ(call(tom), 404);
  EXPECT_EQ(home.count("sip_transaction_messages_received"), lookups)
      << "the overlay itself knows, nobody asks the node";
}

TEST_F(Registration, OfAPhoneThatCanBeCalledBackOutlivesItsConnection) {
  ASSERT_EQ(caller.register_now(), 200);
  Phone& tom = world.add_phone(home, "tom", sip::TransportKind::tcp);
  ASSERT_EQ(tom.register_now(), 200);
  home.stop();
  world.run(seconds(2));
  home.start();
  ASSERT_TRUE(world.run_until([&] { return home.member(); }, seconds(60)));
  world.run(seconds(5));
  caller.start("MESSAGE", std::string("sip:tom@") + domain);
  EXPECT_FALSE(tom.await("MESSAGE").empty());
}

}  // namespace
}  // namespace chordial::node::test
