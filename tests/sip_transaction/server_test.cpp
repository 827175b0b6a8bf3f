// Server transactions by the figures of RFC 3261 §17.2, RFC 6026 §8.5 and RFC 4320 §4, in virtual
// time.
#include "sip_transaction/world.h"

namespace chordial::sip {
namespace {

const std::string branch = "z9hG4bKserver";

void receive(World& world, std::string_view method, const Flow& flow) {
  EXPECT_TRUE(world.receive(flow, request_bytes(method, branch)).has_value());
}

TEST(InviteServer, Sends100AtOnceAndRepeatsTheLastProvisional) {
  World world;
  receive(world, "INVITE", udp_flow());
  EXPECT_EQ(world.take(), (Lines{"0 request INVITE", "0 send 100"}));
  receive(world, "INVITE", udp_flow());
  world.run_to(100);
  EXPECT_TRUE(world.respond(180).has_value());
  receive(world, "INVITE", udp_flow());
  world.run_to(200000);
  EXPECT_EQ(world.take(), (Lines{"0 send 100", "100 send 180", "100 send 180"}));
}

TEST(InviteServer, NeedsNo100WhereTheUserAnswersAtOnce) {
  World world;
  world.on_new_request = [&](const Message& request) {
    EXPECT_TRUE(world.layer.respond(world.now(), world.last_id, request, 403).has_value());
  };
  receive(world, "INVITE", udp_flow());
  EXPECT_EQ(world.take(), (Lines{"0 request INVITE", "0 send 403"}));
}

TEST(InviteServer, RepeatsARefusalWithTimerGUntilTimerH) {
  World world;
  receive(world, "INVITE", udp_flow());
  EXPECT_TRUE(world.respond(486).has_value());
  world.take();
  world.run_to(20000);
  EXPECT_EQ(world.take(), (Lines{"500 send 486", "1500 send 486", "3500 send 486", "7500 send 486",
                                 "11500 send 486", "15500 send 486", "19500 send 486"}));
  receive(world, "INVITE", udp_flow());
  EXPECT_EQ(world.take(), Lines{"20000 send 486"});
  world.run_to(40000);
  EXPECT_EQ(world.take(), (Lines{"23500 send 486", "27500 send 486", "31500 send 486",
                                 "32000 timeout", "32000 end"}));
}

TEST(InviteServer, AckConfirmsAndTimerIEnds) {
  World world;
  receive(world, "INVITE", udp_flow());
  EXPECT_TRUE(world.respond(486).has_value());
  world.take();
  world.run_to(100);
  receive(world, "ACK", udp_flow());
  receive(world, "ACK", udp_flow());
  receive(world, "INVITE", udp_flow());
  world.run_to(10000);
  EXPECT_EQ(world.take(), Lines{"5100 end"});
  receive(world, "ACK", udp_flow());
  EXPECT_EQ(world.take(), Lines{"10000 stray ack"});
}

TEST(InviteServer, ReliableFlowsNeedNeitherGNorI) {
  World world;
  receive(world, "INVITE", tcp_flow());
  EXPECT_TRUE(world.respond(486).has_value());
  world.run_to(10000);
  receive(world, "ACK", tcp_flow());
  EXPECT_EQ(world.take(), (Lines{"0 request INVITE", "0 send 100", "0 send 486", "10000 end"}));
  EXPECT_EQ(world.layer.size(), 0U);
  receive(world, "INVITE", tcp_flow());
  EXPECT_TRUE(world.respond(486).has_value());
  world.take();
  world.run_to(50000);
  EXPECT_EQ(world.take(), (Lines{"42000 timeout", "42000 end"}));
}

TEST(InviteServer, AcceptedAbsorbsInvitesAndPassesAcksUp) {
  World world;
  receive(world, "INVITE", udp_flow());
  EXPECT_TRUE(world.respond(200).has_value());
  world.take();
  receive(world, "INVITE", udp_flow());
  EXPECT_TRUE(world.take().empty());
  world.run_to(1000);
  EXPECT_TRUE(world.respond(200).has_value());  // the core repeats its 2xx (RFC 6026 §7.1)
  EXPECT_EQ(world.respond(486).error().kind, ErrorKind::conflict);
  EXPECT_EQ(world.respond(180).error().kind, ErrorKind::conflict);
  receive(world, "ACK", udp_flow());
  world.run_to(40000);
  EXPECT_EQ(world.take(), (Lines{"1000 send 200", "1000 ack", "32000 end"}));
  EXPECT_EQ(world.respond(200).error().kind, ErrorKind::not_found);
}

TEST(InviteServer, AckBeforeTheFinalResponseIsNothing) {
  World world;
  receive(world, "INVITE", udp_flow());
  receive(world, "ACK", udp_flow());
  EXPECT_EQ(world.take(), (Lines{"0 request INVITE", "0 send 100"}));
}

TEST(InviteServer, TransportErrorEndsIt) {
  World world;
  receive(world, "INVITE", udp_flow());
  world.take();
  world.send_fails = true;
  EXPECT_EQ(world.respond(486).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(world.take(), Lines{"0 end"});
  world.send_fails = false;
  receive(world, "INVITE", udp_flow());
  EXPECT_TRUE(world.respond(486).has_value());
  world.take();
  world.send_fails = true;
  world.run_to(1000);
  EXPECT_EQ(world.take(), (Lines{"500 transport error", "500 end"}));
}

TEST(OtherServer, AbsorbsWhileTryingAndRepeatsTheFinalUntilTimerJ) {
  World world;
  receive(world, "REGISTER", udp_flow());
  receive(world, "REGISTER", udp_flow());
  EXPECT_EQ(world.take(), Lines{"0 request REGISTER"});
  world.run_to(100);
  EXPECT_TRUE(world.respond(200).has_value());
  receive(world, "REGISTER", udp_flow());
  EXPECT_EQ(world.respond(404).error().kind, ErrorKind::conflict);
  world.run_to(40000);
  EXPECT_EQ(world.take(), (Lines{"100 send 200", "100 send 200", "32100 end"}));
}

TEST(OtherServer, AReliableOneEndsWithTheFinalResponse) {
  World world;
  receive(world, "REGISTER", tcp_flow());
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_EQ(world.take(), (Lines{"0 request REGISTER", "0 send 200", "0 end"}));
}

TEST(OtherServer, Rfc4320) {
  World world;
  receive(world, "REGISTER", udp_flow());
  EXPECT_EQ(world.respond(180).error().kind, ErrorKind::invalid);
  EXPECT_EQ(world.respond(408).error().kind, ErrorKind::invalid);
  EXPECT_EQ(world.respond(100).error().kind, ErrorKind::invalid);
  world.run_to(5000);
  EXPECT_EQ(world.take(), (Lines{"0 request REGISTER", "3500 send 100"}));
  receive(world, "REGISTER", udp_flow());
  EXPECT_EQ(world.take(), Lines{"5000 send 100"});
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_EQ(world.take(), Lines{"5000 send 200"});
}

TEST(OtherServer, IsForgottenWhenTheClientMustHaveGivenUp) {
  for (const Flow& flow : {udp_flow(), tcp_flow()}) {
    World world;
    receive(world, "REGISTER", flow);
    world.run_to(40000);
    EXPECT_EQ(world.take(), (Lines{"0 request REGISTER", "3500 send 100", "32000 end"}));
    EXPECT_EQ(world.layer.size(), 0U);
  }
}

}  // namespace
}  // namespace chordial::sip
