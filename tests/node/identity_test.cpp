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
  int outside = 0;
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

TEST_F(Identity, ForOutsideAddressesSpeakTheNodesThatTheDocumentNames) {
  struct Delivered final : overlay::UsageHandler {
  } nobody;
  const auto say = [&] {
    const std::string number = std::to_string(++outside);
    const std::string text =
        "MESSAGE " + bob_uri + " SIP/2.0\r\nVia: SIP/2.0/RELOAD node-" + world[2].id.hex() + "." +
        domain + ";branch=z9hG4bK" + number +
        "\r\nMax-Forwards: 70\r\nFrom: <sip:x@carrier.example>;tag=1\r\nTo: <" + bob_uri +
        ">\r\nCall-ID: o" + number + "\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n";
    world[2].node().peer().send_tunnel(world[2].now(), overlay::Target::node(world[3].id),
                                       as_bytes(text), nullptr, nobody);
    world[2].drain();
    const std::string message = bob.await("MESSAGE", std::chrono::seconds(5));
    if (!message.empty()) bob.answer(message, 200);
    return !message.empty();
  };
  EXPECT_FALSE(say());
  overlay::SharedContext newer = world[3].context;
  newer.interworking_nodes = {world[2].id};
  world[3].node().adopt(world[3].now(), newer, {});
  EXPECT_TRUE(say());
  world[3].node().adopt(world[3].now(), world[3].context, {});
  EXPECT_FALSE(say());
}

TEST_F(Identity, TheTrueUserOfThatNameStillGetsThrough) {
  alice.start("MESSAGE", bob_uri);
  bob.answer(bob.await("MESSAGE"), 200);
  EXPECT_EQ(status_of(alice.await("200")), 200);
}

}  // namespace
}  // namespace chordial::node::test
