// Calls and messages between phones of two nodes, from REGISTER to the last timer.
#include "node/world.h"

namespace chordial::node::test {
namespace {

using std::chrono::seconds;

class Call : public testing::Test {
 protected:
  Call() {
    world.form();
    EXPECT_EQ(alice.register_now(), 200);
    EXPECT_EQ(bob.register_now(), 200);
    world.run(seconds(60));
  }

  // Rings and answers; both sides of the dialog come back.
  void connect(Leg& caller, Leg& callee) {
    caller = alice.start("INVITE", bob_uri);
    const std::string invite = bob.await("INVITE");
    ASSERT_FALSE(invite.empty());
    bob.answer(invite, 180);
    ASSERT_FALSE(alice.await("180").empty());
    bob.answer(invite, 200);
    const std::string ok = alice.await("200");
    ASSERT_FALSE(ok.empty());
    Phone::adopt(caller, ok);
    callee = bob.leg_of(invite);
    alice.request(caller, "ACK");
    ASSERT_FALSE(bob.await("ACK").empty());
  }
  // What a call may not leave behind.
  [[nodiscard]] std::uint64_t open_state() const {
    std::uint64_t open = 0;
    for (const auto& host : world.hosts) {
      for (const char* name :
           {"sip_transactions", "proxy_contexts", "usage_tunnel_outstanding", "usage_lookups_open",
            "usage_direct_connections", "registrar_waiting"})
        open += host->count(name);
    }
    return open;
  }
  // Armed timers, of each host at its quietest moment of two minutes.
  [[nodiscard]] std::vector<std::size_t> timers() {
    std::vector<std::size_t> least(world.hosts.size(), ~std::size_t{0});
    static_cast<void>(world.run_until(
        [&] {
          for (const auto& host : world.hosts)
            least[host->index] = std::min(least[host->index], host->timers->size());
          return false;
        },
        seconds(120)));
    return least;
  }

  World world{5};
  Phone& alice = world.add_phone(world[1], "alice");
  Phone& bob = world.add_phone(world[3], "bob");
  const std::string alice_uri = std::string("sip:alice@") + domain;
  const std::string bob_uri = std::string("sip:bob@") + domain;
};

TEST_F(Call, IsSetUpAndEndedAcrossTheOverlay) {
  Leg caller, callee;
  ASSERT_NO_FATAL_FAILURE(connect(caller, callee));
  alice.request(caller, "BYE");
  const std::string bye = bob.await("BYE");
  ASSERT_FALSE(bye.empty());
  bob.answer(bye, 200);
  EXPECT_FALSE(alice.await("200").empty());
}

TEST_F(Call, IsEndedByTheCalledSide) {
  Leg caller, callee;
  ASSERT_NO_FATAL_FAILURE(connect(caller, callee));
  bob.request(callee, "BYE");
  const std::string bye = alice.await("BYE");
  ASSERT_FALSE(bye.empty());
  alice.answer(bye, 200);
  EXPECT_FALSE(bob.await("200").empty());
}

TEST_F(Call, IsRefused) {
  alice.start("INVITE", bob_uri);
  const std::string invite = bob.await("INVITE");
  bob.answer(invite, 486);
  EXPECT_EQ(status_of(alice.await("486")), 486);
}

TEST_F(Call, IsCancelledWhileItRings) {
  const Leg leg = alice.start("INVITE", bob_uri);
  const std::string invite = bob.await("INVITE");
  bob.answer(invite, 180);
  ASSERT_FALSE(alice.await("180").empty());
  alice.cancel(leg);
  const std::string cancel = bob.await("CANCEL");
  ASSERT_FALSE(cancel.empty());
  bob.answer(cancel, 200);
  bob.answer(invite, 487);
  EXPECT_EQ(status_of(alice.await("200")), 200) << "of the CANCEL";
  EXPECT_EQ(status_of(alice.await("487")), 487);
  EXPECT_FALSE(bob.await("ACK").empty());
}

TEST_F(Call, OfNobodyIsNotFound) {
  EXPECT_EQ(alice.ask("INVITE", std::string("sip:nobody@") + domain), 404);
}

TEST_F(Call, AMessageCrosses) {
  alice.start("MESSAGE", bob_uri, "Content-Type: text/plain\r\n", "good morning");
  const std::string message = bob.await("MESSAGE");
  ASSERT_NE(message.find("good morning"), std::string::npos);
  bob.answer(message, 200);
  EXPECT_EQ(status_of(alice.await("200")), 200);
}

TEST_F(Call, APhoneOverTcpIsCalled) {
  Phone& carol = world.add_phone(world[4], "carol", sip::TransportKind::tcp);
  ASSERT_EQ(carol.register_now(), 200);
  alice.start("INVITE", std::string("sip:carol@") + domain);
  const std::string invite = carol.await("INVITE");
  ASSERT_FALSE(invite.empty());
  carol.answer(invite, 486);
  EXPECT_EQ(status_of(alice.await("486")), 486);
}

TEST_F(Call, NoStateIsLeftAfterCalls) {
  ASSERT_EQ(open_state(), 0u);
  const std::vector<std::size_t> before = timers();
  for (int i = 0; i < 3; ++i) {
    Leg caller, callee;
    ASSERT_NO_FATAL_FAILURE(connect(caller, callee));
    alice.request(caller, "BYE");
    bob.answer(bob.await("BYE"), 200);
    ASSERT_FALSE(alice.await("200").empty());
  }
  alice.start("INVITE", bob_uri);
  bob.answer(bob.await("INVITE"), 486);
  ASSERT_FALSE(alice.await("486").empty());
  ASSERT_GT(open_state(), 0u) << "the direct connection and the last transactions";
  for (int waited = 0; waited < 400 && open_state() != 0; ++waited)
    world.run(seconds(1));
  world.run(seconds(60));
  EXPECT_EQ(open_state(), 0u);
  EXPECT_EQ(timers(), before);
}

}  // namespace
}  // namespace chordial::node::test
