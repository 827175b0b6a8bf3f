// One user, several phones: forking, the best answer, redirection (RFC 3261 §16.7, RFC 5393).
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

class Forking : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(alice.register_now(), 200);
    ASSERT_EQ(desk.register_now(), 200);
    ASSERT_EQ(cell.register_now(), 200);
    ASSERT_EQ(far.register_now(), 200);
  }
  Leg ring_all() {
    Leg leg = alice.start("INVITE", "sip:bob@dht.example");
    at_desk = desk.take("INVITE");
    at_cell = cell.take("INVITE");
    at_far = far.take("INVITE");
    EXPECT_FALSE(at_desk.empty() || at_cell.empty() || at_far.empty());
    return leg;
  }

  World world;
  Node& a = world.add_node("192.0.2.1:5060");
  Node& n = world.add_node("192.0.2.2:5060");
  Phone& alice = world.add_phone("alice", a, "198.51.100.1:5070");
  Phone& desk = world.add_phone("bob", n, "198.51.100.2:5070");
  Phone& cell = world.add_phone("bob", n, "198.51.100.3:5070");
  Phone& far = world.add_phone("bob", a, "198.51.100.4:5070");
  std::string at_desk, at_cell, at_far;
};

TEST_F(Forking, OneAnswersTheOthersAreCancelled) {
  Leg leg = ring_all();
  for (Phone* phone : {&desk, &cell, &far})
    phone->answer(phone == &desk ? at_desk : phone == &cell ? at_cell : at_far, 180);
  cell.answer(at_cell, 200);
  const std::string ok = alice.take("200");
  ASSERT_FALSE(ok.empty());
  EXPECT_NE(ok.find("sip:bob@198.51.100.3:5070"), std::string::npos);
  for (Phone* phone : {&desk, &far}) {
    const std::string cancel = phone->take("CANCEL");
    ASSERT_FALSE(cancel.empty());
    EXPECT_EQ(header(cancel, HeaderName::reason),
              "SIP;cause=200;text=\"Call completed elsewhere\"");
    phone->answer(cancel, 200);
    phone->answer(phone == &desk ? at_desk : at_far, 487);
  }
  EXPECT_FALSE(cell.has("CANCEL"));
  EXPECT_FALSE(alice.has("487"));
  EXPECT_EQ(a.proxy.contexts() + n.proxy.contexts(), 0u);
  Phone::adopt(leg, ok);
  alice.acknowledge(leg);
  EXPECT_TRUE(cell.has("ACK"));
  alice.request(leg, "BYE");
  EXPECT_TRUE(cell.has("BYE"));
  EXPECT_FALSE(desk.has("BYE"));
}

TEST_F(Forking, TheBestOfAllRefusals) {
  ring_all();
  desk.answer(at_desk, 486);
  cell.answer(at_cell, 500);
  EXPECT_FALSE(alice.has("486")) << "another phone still rings";
  far.answer(at_far, 404);
  EXPECT_TRUE(alice.has("486") || alice.has("404"));
  EXPECT_FALSE(alice.has("500"));
}

TEST_F(Forking, DeclineEndsItEverywhere) {
  ring_all();
  desk.answer(at_desk, 180);
  cell.answer(at_cell, 180);
  far.answer(at_far, 603);
  for (Phone* phone : {&desk, &cell}) {
    const std::string cancel = phone->take("CANCEL");
    ASSERT_FALSE(cancel.empty());
    phone->answer(cancel, 200);
    EXPECT_FALSE(alice.has("603"));
    phone->answer(phone == &desk ? at_desk : at_cell, 487);
  }
  EXPECT_FALSE(alice.take("603").empty());
}

TEST_F(Forking, HundredsAreNotForwarded) {
  ring_all();
  alice.inbox.clear();
  desk.answer(at_desk, 100);
  EXPECT_TRUE(alice.inbox.empty());
  desk.answer(at_desk, 183);
  EXPECT_TRUE(alice.has("183"));
}

TEST_F(Forking, TagsOfResponsesArriveAsTheyWereSent) {
  for (const int code : {180, 200, 486, 603}) {
    ring_all();
    alice.inbox.clear();
    alice.reacts = false;
    desk.answer(at_desk, code);
    cell.answer(at_cell, 486);
    far.answer(at_far, 486);
    const std::string response = alice.take("SIP/2.0 " + std::to_string(code));
    ASSERT_FALSE(response.empty()) << code;
    EXPECT_NE(header(response, HeaderName::to).find(";tag=tbob"), std::string::npos) << code;
    alice.reacts = true;
    desk.answer(at_desk, 486);
    world.pass(std::chrono::seconds(300));
    for (Phone* phone : {&alice, &desk, &cell, &far})
      phone->inbox.clear();
  }
}

TEST_F(Forking, ResponsesArriveAsTheyWereSent) {
  ring_all();
  alice.inbox.clear();
  const std::string extra = "X-One: 1\r\nServer: any\r\nx-one:  2\r\nAllow: INVITE\r\n";
  desk.answer(at_desk, 183, extra);
  const std::string response = alice.take("183");
  EXPECT_NE(response.find(extra), std::string::npos);
  const auto vias = headers(response, HeaderName::via);
  ASSERT_EQ(vias.size(), 1u);
  EXPECT_NE(vias[0].find(";received=198.51.100.1;rport=5070"), std::string::npos)
      << "what this side has put there stays";
}

TEST_F(Forking, OneUnreachablePhoneEndsNoOther) {
  a.cut_off = true;  // from the node of the desk and the cell phone
  const Leg leg = alice.start("INVITE", "sip:bob@dht.example");
  const std::string invite = far.take("INVITE");
  ASSERT_FALSE(invite.empty());
  EXPECT_FALSE(far.has("CANCEL"));
  EXPECT_FALSE(alice.has("500") || alice.has("503"));
  far.answer(invite, 200);
  EXPECT_TRUE(alice.has("200"));
}

TEST_F(Forking, BreadthIsSharedOut) {
  ring_all();
  const auto breadth = [](const std::string& text) {
    const auto at = text.find("Max-Breadth: ");
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + 13));
  };
  // Two ways from node A (the phone there, the other node), two phones at the other node.
  EXPECT_EQ(breadth(at_far), 30);
  EXPECT_EQ(breadth(at_desk), 15);
  EXPECT_EQ(breadth(at_cell), 15);
}

TEST_F(Forking, LowerQIsTriedAfterwards) {
  ASSERT_EQ(desk.register_now(3600, "<sip:bob@198.51.100.2:5070>;q=0.5"), 200);
  ASSERT_EQ(far.register_now(0), 200);
  Phone& carol = world.add_phone("carol", n, "198.51.100.9:5070");
  ASSERT_EQ(carol.register_now(), 200);
  carol.start("INVITE", "sip:bob@dht.example");
  EXPECT_FALSE(desk.has("INVITE"));
  cell.answer(cell.take("INVITE"), 486);
  const std::string second = desk.take("INVITE");
  ASSERT_FALSE(second.empty());
  desk.answer(second, 200);
  EXPECT_TRUE(carol.has("200"));
  EXPECT_FALSE(carol.has("486"));
}

TEST_F(Forking, RedirectionToAUserIsFollowedByTheCallersNode) {
  Phone& carol = world.add_phone("carol", n, "198.51.100.9:5070");
  ASSERT_EQ(carol.register_now(), 200);
  ring_all();
  desk.answer(at_desk, 486);
  far.answer(at_far, 486);
  cell.answer(at_cell, 302, "Contact: <sip:carol@dht.example>\r\n");
  const std::string invite = carol.take("INVITE");
  ASSERT_FALSE(invite.empty());
  EXPECT_EQ(header(invite, HeaderName::from).rfind("<sip:alice@dht.example>", 0), 0u);
  carol.answer(invite, 200);
  EXPECT_TRUE(alice.has("200"));
  EXPECT_FALSE(alice.has("302"));
}

TEST_F(Forking, ForwardingInTheDirectory) {
  Phone& carol = world.add_phone("carol", n, "198.51.100.9:5070");
  ASSERT_EQ(carol.register_now(), 200);
  world.directory.forwards["erin@dht.example"] = "carol@dht.example";
  alice.start("INVITE", "sip:erin@dht.example");
  const std::string invite = carol.take("INVITE");
  ASSERT_FALSE(invite.empty());
  EXPECT_EQ(header(invite, HeaderName::to), "<sip:erin@dht.example>");
  // In a circle it ends.
  world.directory.forwards["carol@dht.example"] = "erin@dht.example";
  alice.start("INVITE", "sip:erin@dht.example");
  EXPECT_TRUE(alice.has("480"));
}

TEST_F(Forking, SilentPhonesEndInATimeout) {
  alice.reacts = true;
  ring_all();
  world.pass(std::chrono::seconds(40));
  EXPECT_TRUE(alice.has("408"));
  EXPECT_EQ(a.proxy.contexts() + n.proxy.contexts(), 0u);
}

TEST_F(Forking, MessageGoesToAllAndOneAnswerComesBack) {
  alice.start("MESSAGE", "sip:bob@dht.example", "Content-Type: text/plain\r\n", "hi");
  for (Phone* phone : {&desk, &cell, &far})
    phone->answer(phone->take("MESSAGE"), 200);
  EXPECT_FALSE(alice.take("200").empty());
  EXPECT_FALSE(alice.has("200"));
  EXPECT_EQ(a.proxy.contexts() + n.proxy.contexts(), 0u);
}

}  // namespace
}  // namespace chordial::sip::test
