// A node whose peers are gone goes on serving its own phones.
#include "node/world.h"

namespace chordial::node::test {
namespace {

using std::chrono::seconds;

class Isolation : public testing::Test {
 protected:
  Isolation() {
    world.form();
    for (Phone* phone : {&alice, &amy, &bob})
      EXPECT_EQ(phone->register_now(), 200);
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
    from.request(leg, "BYE");
    const std::string bye = to.await("BYE");
    if (bye.empty()) return false;
    to.answer(bye, 200);
    return !from.await("200").empty();
  }

  World world{3};
  Phone& alice = world.add_phone(world[1], "alice");
  Phone& amy = world.add_phone(world[1], "amy");
  Phone& bob = world.add_phone(world[2], "bob");
};

TEST_F(Isolation, CallsAmongOwnPhonesGoOnAtOnceAndLater) {
  world[0].stop();
  world[2].stop();
  EXPECT_TRUE(call(alice, amy)) << "before the loss is noticed";
  ASSERT_TRUE(world.run_until([&] { return world[1].count("overlay_links") == 0; }, seconds(120)));
  world.run(seconds(10));
  EXPECT_STREQ(world[1].node().status().state, "isolated");
  EXPECT_TRUE(call(alice, amy));
  EXPECT_EQ(alice.ask("INVITE", std::string("sip:bob@") + domain), 480);
}

TEST_F(Isolation, APhoneRegistersAtANodeAlone) {
  world[0].stop();
  world[2].stop();
  ASSERT_TRUE(world.run_until([&] { return world[1].count("overlay_links") == 0; }, seconds(120)));
  world.run(seconds(10));
  Phone& ann = world.add_phone(world[1], "ann");
  EXPECT_EQ(ann.register_now(), 200);
  EXPECT_TRUE(call(alice, ann));
}

TEST_F(Isolation, WhenThePeersComeBackTheirPhonesAreReachedAgain) {
  world[0].stop();
  world[2].stop();
  ASSERT_TRUE(world.run_until([&] { return world[1].count("overlay_links") == 0; }, seconds(120)));
  world[0].start();
  world[2].start();
  ASSERT_TRUE(world.run_until(
      [&] { return world[1].member() && world[2].member() && world[0].member(); }, seconds(120)));
  world.run(seconds(90));
  EXPECT_TRUE(call(alice, bob));
  EXPECT_TRUE(call(bob, amy));
}

}  // namespace
}  // namespace chordial::node::test
