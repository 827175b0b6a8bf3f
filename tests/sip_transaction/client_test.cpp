// Client transactions by the figures of RFC 3261 §17.1 and RFC 6026 §8.4: every state and event, in
// virtual time.
#include "sip_transaction/world.h"

namespace chordial::sip {
namespace {

TEST(InviteClient, RepeatsWithTimerAUntilTimerB) {
  World world;
  world.start("INVITE", udp_flow());
  world.run_to(40000);
  EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "500 send INVITE", "1500 send INVITE",
                                 "3500 send INVITE", "7500 send INVITE", "15500 send INVITE",
                                 "31500 send INVITE", "32000 timeout", "32000 end"}));
  EXPECT_EQ(world.layer.size(), 0U);
}

TEST(InviteClient, DoesNotRepeatOverAReliableFlow) {
  World world;
  world.start("INVITE", tcp_flow());
  world.run_to(40000);
  EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "32000 timeout", "32000 end"}));
}

TEST(InviteClient, ProvisionalStopsTimersAAndB) {
  World world;
  const TransactionId id = world.start("INVITE", udp_flow());
  world.run_to(100);
  world.answer(world.last_request, 100, udp_flow());
  world.answer(world.last_request, 180, udp_flow());
  world.run_to(200000);
  EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "100 response 100", "100 response 180"}));
  EXPECT_TRUE(world.layer.alive(id));
}

TEST(InviteClient, AcknowledgesARefusalAndAbsorbsItsRepetitions) {
  World world;
  world.start("INVITE", udp_flow(), "kept out of the ACK");
  const Bytes invite = world.last_request;
  world.run_to(100);
  world.answer(invite, 486, udp_flow(), "b7");
  const auto ack = Message::parse(world.last_sent);
  ASSERT_TRUE(ack.has_value());
  EXPECT_TRUE(ack->validate().has_value());
  const auto sent = Message::parse(invite);
  EXPECT_EQ(ack->method(), Method::ack);
  EXPECT_EQ(ack->request_uri_text(), sent->request_uri_text());
  EXPECT_EQ(ack->vias()->size(), 1U);
  EXPECT_EQ(ack->top_via()->branch(), sent->top_via()->branch());
  EXPECT_EQ(ack->cseq()->number, 7U);
  EXPECT_EQ(ack->to()->tag(), "b7");
  EXPECT_EQ(ack->value(HeaderName::route), "<sip:proxy.example.com;lr>");
  EXPECT_FALSE(ack->value_of_other("X-Extra").has_value());
  world.run_to(200);
  world.answer(invite, 486, udp_flow(), "b7");
  world.answer(invite, 180, udp_flow());
  world.answer(invite, 200, udp_flow());
  world.run_to(40000);
  EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "100 send ACK", "100 response 486",
                                 "200 send ACK", "32100 end"}));
}

TEST(InviteClient, ARefusalEndsAReliableOneAtOnce) {
  World world;
  world.start("INVITE", tcp_flow());
  const Bytes invite = world.last_request;
  world.answer(invite, 180, tcp_flow());
  world.answer(invite, 404, tcp_flow());
  EXPECT_EQ(world.take(),
            (Lines{"0 send INVITE", "0 response 180", "0 send ACK", "0 response 404", "0 end"}));
  world.answer(invite, 404, tcp_flow());
  EXPECT_EQ(world.take(), Lines{"0 stray 404"});
}

TEST(InviteClient, PassesEvery2xxUpUntilTimerM) {
  for (const Flow& flow : {udp_flow(), tcp_flow()}) {
    World world;
    world.start("INVITE", flow);
    world.answer(world.last_request, 200, flow, "b1");
    world.run_to(1000);
    world.answer(world.last_request, 200, flow, "b2");
    world.answer(world.last_request, 486, flow, "b3");
    world.answer(world.last_request, 180, flow, "b3");
    world.run_to(40000);
    world.answer(world.last_request, 200, flow, "b2");
    EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "0 response 200", "1000 response 200",
                                   "32000 end", "40000 stray 200"}));
  }
}

TEST(InviteClient, TellsOfTransportErrors) {
  World world;
  world.send_fails = true;
  EXPECT_EQ(world.start("INVITE", udp_flow()), TransactionId::none);
  EXPECT_TRUE(world.take().empty());
  world.send_fails = false;
  world.start("INVITE", udp_flow());
  world.send_fails = true;
  world.run_to(1000);
  EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "500 transport error", "500 end"}));
  EXPECT_EQ(world.layer.size(), 0U);
}

TEST(OtherClient, RepeatsWithTimerEUntilTimerF) {
  World world;
  world.start("OPTIONS", udp_flow());
  world.run_to(40000);
  EXPECT_EQ(world.take(),
            (Lines{"0 send OPTIONS", "500 send OPTIONS", "1500 send OPTIONS", "3500 send OPTIONS",
                   "7500 send OPTIONS", "11500 send OPTIONS", "15500 send OPTIONS",
                   "19500 send OPTIONS", "23500 send OPTIONS", "27500 send OPTIONS",
                   "31500 send OPTIONS", "32000 timeout", "32000 end"}));
}

TEST(OtherClient, RepeatsEveryT2OnceProceeding) {
  World world;
  world.start("OPTIONS", udp_flow());
  world.run_to(600);
  world.answer(world.last_request, 100, udp_flow());
  world.run_to(12000);
  EXPECT_EQ(world.take(), (Lines{"0 send OPTIONS", "500 send OPTIONS", "600 response 100",
                                 "1500 send OPTIONS", "5500 send OPTIONS", "9500 send OPTIONS"}));
  world.run_to(40000);
  EXPECT_EQ(world.take().back(), "32000 end");
}

TEST(OtherClient, AbsorbsRepeatedFinalsUntilTimerK) {
  World world;
  world.start("OPTIONS", udp_flow());
  world.run_to(100);
  world.answer(world.last_request, 200, udp_flow());
  world.answer(world.last_request, 200, udp_flow());
  world.answer(world.last_request, 404, udp_flow());
  world.run_to(10000);
  EXPECT_EQ(world.take(), (Lines{"0 send OPTIONS", "100 response 200", "5100 end"}));
}

TEST(OtherClient, ReliableFlowsNeedNoRepetition) {
  World world;
  world.start("OPTIONS", tcp_flow());
  world.run_to(20000);
  world.answer(world.last_request, 100, tcp_flow());
  world.answer(world.last_request, 200, tcp_flow());
  EXPECT_EQ(world.take(),
            (Lines{"0 send OPTIONS", "20000 response 100", "20000 response 200", "20000 end"}));
  world.start("OPTIONS", tcp_flow());
  world.run_to(60000);
  EXPECT_EQ(world.take(), (Lines{"20000 send OPTIONS", "52000 timeout", "52000 end"}));
}

TEST(Cancel, WaitsForTheProvisionalResponse) {
  World world;
  const TransactionId id = world.start("INVITE", udp_flow());
  const Bytes invite = world.last_request;
  world.layer.cancel(world.now(), id, "Reason: SIP;cause=200\r\n");
  world.layer.cancel(world.now(), id);
  EXPECT_EQ(world.take(), Lines{"0 send INVITE"});
  world.run_to(100);
  world.answer(invite, 180, udp_flow());
  EXPECT_EQ(world.take(), (Lines{"100 send CANCEL", "100 response 180"}));
  const auto cancel = Message::parse(world.last_sent);
  ASSERT_TRUE(cancel.has_value());
  EXPECT_TRUE(cancel->validate().has_value());
  EXPECT_EQ(cancel->top_via()->branch(), Message::parse(invite)->top_via()->branch());
  EXPECT_EQ(cancel->to()->tag(), "");
  EXPECT_EQ(cancel->value(HeaderName::reason), "SIP;cause=200");
  EXPECT_EQ(cancel->value(HeaderName::route), "<sip:proxy.example.com;lr>");
  const Bytes sent = world.last_sent;
  world.layer.cancel(world.now(), id);  // once is enough
  world.answer(sent, 200, udp_flow());  // the CANCEL's own answer concerns nobody
  world.answer(invite, 487, udp_flow());
  EXPECT_EQ(world.take(), (Lines{"100 send ACK", "100 response 487"}));
}

TEST(Cancel, SaysWhatItsInviteSaid) {
  World world;
  const TransactionId id = world.start("INVITE", tcp_flow(), "x", "a body");
  const Bytes bytes = world.last_request;
  const auto invite = Message::parse(bytes);
  world.answer(bytes, 180, tcp_flow());
  world.layer.cancel(world.now(), id);
  EXPECT_EQ(world.last_flow, tcp_flow());
  const Bytes cancel_bytes = world.last_sent;
  const auto cancel = Message::parse(cancel_bytes);
  world.answer(bytes, 486, tcp_flow());
  const auto ack = Message::parse(world.last_sent);
  EXPECT_EQ(world.last_flow, tcp_flow());
  for (const auto& message : {cancel, ack}) {
    EXPECT_EQ(message->request_uri_text(), invite->request_uri_text());
    EXPECT_EQ(message->count(HeaderName::via), 1U);
    EXPECT_EQ(message->top_via()->text, invite->top_via()->text);
    EXPECT_EQ(message->cseq()->number, invite->cseq()->number);
    EXPECT_EQ(message->cseq()->method_text, message->method_text());
    for (const HeaderName name : {HeaderName::from, HeaderName::call_id, HeaderName::route})
      EXPECT_EQ(message->value(name), invite->value(name));
    for (const HeaderName name : {HeaderName::require, HeaderName::proxy_require})
      EXPECT_FALSE(message->has(name));
    EXPECT_FALSE(message->value_of_other("X-Extra"));
    EXPECT_TRUE(message->body().empty());
  }
  EXPECT_EQ(cancel->value(HeaderName::to), invite->value(HeaderName::to));
  EXPECT_EQ(ack->to()->tag(), "b1");
}

TEST(Cancel, GivesUpWhenNoFinalResponseComes) {
  World world;
  const TransactionId id = world.start("INVITE", tcp_flow());
  world.answer(world.last_request, 180, tcp_flow());
  world.run_to(1000);
  world.layer.cancel(world.now(), id);
  world.run_to(60000);
  EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "0 response 180", "1000 send CANCEL",
                                 "33000 timeout", "33000 end"}));
  EXPECT_EQ(world.layer.size(), 0U);
}

TEST(Cancel, IsNothingAfterTheFinalResponse) {
  World world;
  const TransactionId id = world.start("INVITE", udp_flow());
  world.layer.cancel(world.now(), id);
  world.answer(world.last_request, 200, udp_flow());
  world.layer.cancel(world.now(), id);
  world.layer.cancel(world.now(), TransactionId{999});
  EXPECT_EQ(world.take(), (Lines{"0 send INVITE", "0 response 200"}));
}

}  // namespace
}  // namespace chordial::sip
