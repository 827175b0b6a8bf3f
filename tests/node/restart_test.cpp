// A node that comes back has what its disk held.
#include "node/world.h"

namespace chordial::node::test {
namespace {

using ports::PersistSpace;
using std::chrono::seconds;

class Restart : public testing::Test {
 protected:
  Restart() {
    world.form();
    EXPECT_EQ(alice.register_now(), 200);
    EXPECT_EQ(bob.register_now(), 200);
    world.run(seconds(1));
  }
  void restart(std::size_t i) {
    world[i].stop();
    world.run(seconds(2));
    world[i].start();
    ASSERT_TRUE(world.run_until([&] { return world[i].member(); }, seconds(60)));
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> bindings(std::size_t i) {
    std::vector<std::pair<std::string, std::vector<sip::Target>>> users;
    world[i].node().registrations(world[i].now(), users);
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [aor, targets] : users) {
      for (const sip::Target& target : targets) {
        const auto& contact = std::get<sip::LocalContact>(target);
        all.emplace_back(aor, contact.uri + " " + contact.flow.text());
      }
    }
    return all;
  }

  World world{4};
  Phone& alice = world.add_phone(world[1], "alice");
  Phone& bob = world.add_phone(world[3], "bob");
};

TEST_F(Restart, ThePhonesAreStillRegistered) {
  const auto before = bindings(3);
  ASSERT_EQ(before.size(), 1u);
  ASSERT_NO_FATAL_FAILURE(restart(3));
  EXPECT_EQ(bindings(3), before);
  alice.start("MESSAGE", std::string("sip:bob@") + domain);
  const std::string message = bob.await("MESSAGE");
  ASSERT_FALSE(message.empty());
  bob.answer(message, 200);
  EXPECT_EQ(status_of(alice.await("200")), 200);
}

// What one restart reads, the next one finds again.
TEST_F(Restart, TheDiskKeepsWhatItHadForTheNextOne) {
  const auto before = bindings(3);
  world[3].disk[{PersistSpace::documents, {1}}] = {2};
  for (int i = 0; i < 2; ++i) {
    ASSERT_NO_FATAL_FAILURE(restart(3));
    world.run(seconds(10));
    EXPECT_EQ(bindings(3), before);
    EXPECT_EQ(world[3].rows(PersistSpace::bindings), 1u);
    EXPECT_EQ(world[3].rows(PersistSpace::documents), 1u);
    EXPECT_GT(world[3].rows(PersistSpace::remembered_peers), 0u);
  }
}

TEST_F(Restart, AnExpiredBindingIsNotBroughtBack) {
  world[3].stop();
  world.run(seconds(3700));
  world[3].start();
  EXPECT_TRUE(bindings(3).empty());
}

TEST_F(Restart, TheStoredRecordsOfOthersAreStillThere) {
  std::size_t stored = 0;
  for (const auto& host : world.hosts)
    stored += host->rows(PersistSpace::stored_resources);
  ASSERT_GT(stored, 0u);
  for (std::size_t i = 0; i < 4; ++i)
    world[i].stop();
  world.run(seconds(5));
  for (std::size_t i = 0; i < 4; ++i)
    world[i].start();
  ASSERT_TRUE(world.run_until([&] { return world[1].member() && world[3].member(); }, seconds(60)));
  world.run(seconds(30));
  std::uint64_t resources = 0;
  for (const auto& host : world.hosts)
    resources += host->count("storage_resources");
  EXPECT_GT(resources, 0u);
}

TEST_F(Restart, TheOverlayIsFoundWithoutTheBootstrapNode) {
  world[3].stop();
  world.run(seconds(5));
  world[3].config.bootstrap.clear();
  world[3].start();
  EXPECT_TRUE(world.run_until([&] { return world[3].member(); }, seconds(60)))
      << "through the peers it remembered";
}

TEST_F(Restart, ADialogLivesOn) {
  Leg caller = alice.start("INVITE", std::string("sip:bob@") + domain);
  const std::string invite = bob.await("INVITE");
  bob.answer(invite, 200);
  Phone::adopt(caller, alice.await("200"));
  Leg callee = bob.leg_of(invite);
  alice.request(caller, "ACK");
  ASSERT_FALSE(bob.await("ACK").empty());
  for (std::size_t i : {3U, 1U}) {
    ASSERT_NO_FATAL_FAILURE(restart(i));
    world.run(seconds(5));
  }
  bob.request(callee, "INFO");
  const std::string info = alice.await("INFO");
  ASSERT_FALSE(info.empty()) << "bob's node knows the dialog, no challenge";
  alice.answer(info, 200);
  EXPECT_FALSE(bob.await("200").empty());
  alice.request(caller, "BYE");
  const std::string bye = bob.await("BYE");
  ASSERT_FALSE(bye.empty());
  bob.answer(bye, 200);
  EXPECT_FALSE(alice.await("200").empty());
}

TEST_F(Restart, WithoutItsKeyTheNodeKnowsNoDialog) {
  Leg caller = alice.start("INVITE", std::string("sip:bob@") + domain);
  const std::string invite = bob.await("INVITE");
  bob.answer(invite, 200);
  Phone::adopt(caller, alice.await("200"));
  Leg callee = bob.leg_of(invite);
  alice.request(caller, "ACK");
  ASSERT_FALSE(bob.await("ACK").empty());
  world[3].stop();
  ASSERT_EQ(std::erase_if(world[3].disk,
                          [](const auto& row) { return row.first.first == PersistSpace::secrets; }),
            1u);
  ASSERT_NO_FATAL_FAILURE(restart(3));
  bob.request(callee, "INFO");
  EXPECT_EQ(status_of(bob.await("SIP/2.0")), 407);
  EXPECT_FALSE(alice.has("INFO"));
}

}  // namespace
}  // namespace chordial::node::test
