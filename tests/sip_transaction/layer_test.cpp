// The layer around the machines: matching, refusals, limits, failures, and users that end
// transactions from inside their callbacks.
#include <map>

#include "sip_message/sample.h"
#include "sip_transaction/world.h"

namespace chordial::sip {
namespace {

std::string with(const std::string& text, const std::string& from, const std::string& to) {
  std::string out = text;
  out.replace(out.find(from), from.size(), to);
  return out;
}

std::string request_text(std::string_view method, std::string_view branch) {
  return std::string(as_text(request_bytes(method, branch)));
}

void receive(World& world, const std::string& text, const Flow& flow = udp_flow()) {
  static_cast<void>(world.receive(flow, as_bytes(text)));
}

TEST(Matching, BranchSentByAndMethodTellRequestsApart) {
  World world;
  const std::string invite = request_text("INVITE", "z9hG4bKone");
  receive(world, invite);
  EXPECT_EQ(world.take(), (Lines{"0 request INVITE", "0 send 100"}));
  receive(world, with(invite, "z9hG4bKone", "Z9HG4BKONE"));  // tokens have no case
  EXPECT_EQ(world.take(), Lines{"0 send 100"});
  receive(world, with(invite, "UDP 192.0.2.2", "UDP 192.0.2.3"));
  EXPECT_EQ(world.take().front(), "0 request INVITE");
  receive(world, with(invite, "UDP 192.0.2.2", "UDP 192.0.2.2:5060"));
  EXPECT_EQ(world.take().front(), "0 request INVITE");
  receive(world, with(invite, "z9hG4bKone", "z9hG4bKtwo"));
  EXPECT_EQ(world.take().front(), "0 request INVITE");
  receive(world, request_text("OPTIONS", "z9hG4bKone"));
  EXPECT_EQ(world.take().front(), "0 request OPTIONS");
  EXPECT_EQ(world.layer.size(), 5U);
}

TEST(Matching, FindsWhatACancelIsFor) {
  World world;
  receive(world, request_text("INVITE", "z9hG4bKone"));
  const TransactionId invite = world.last_id;
  receive(world, request_text("CANCEL", "z9hG4bKone"));
  EXPECT_NE(world.last_id, invite);
  EXPECT_EQ(world.layer.cancelled_by(*Message::parse(world.last_up)), invite);
  receive(world, request_text("CANCEL", "z9hG4bKother"));
  EXPECT_EQ(world.layer.cancelled_by(*Message::parse(world.last_up)), TransactionId::none);
}

TEST(Matching, RequestsWithoutTheCookieMatchAsInRfc2543) {
  World world;
  for (const char* branch : {"old", "z9hG4bK"}) {
    const std::string invite = request_text("INVITE", branch);
    receive(world, invite);
    receive(world, invite);
    EXPECT_EQ(world.take(), (Lines{"0 request INVITE", "0 send 100", "0 send 100"}));
    EXPECT_TRUE(world.respond(486).has_value());
    receive(world, with(request_text("ACK", branch), "<sip:bob@example.com>\r\nCall",
                        "<sip:bob@example.com>;tag=b1\r\nCall"));
    receive(world, invite);
    EXPECT_EQ(world.take(), Lines{"0 send 486"}) << "the ACK was matched, so nothing is repeated";
    receive(world, with(invite, "CSeq: 7", "CSeq: 8"));
    EXPECT_EQ(world.take().front(), "0 request INVITE");
  }
}

TEST(Matching, OurOwnRequestsAndTheOtherSideAreKeptApart) {
  World world;  // a node that calls itself: both ends of a transaction in one layer
  world.start("OPTIONS", udp_flow());
  receive(world, std::string(as_text(world.last_request)));
  EXPECT_EQ(world.take(), (Lines{"0 send OPTIONS", "0 request OPTIONS"}));
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_TRUE(world.receive(udp_flow(), Bytes(world.last_sent)).has_value());
  EXPECT_EQ(world.take(), (Lines{"0 send 200", "0 response 200"}));
  EXPECT_FALSE(world.layer.send_request(world.now(), udp_flow(), world.last_request, world, 0))
      << "the branch is still in use";
}

TEST(Receiving, RefusesMalformedRequestsAndNothingElse) {
  World world;
  const std::string good = request_text("OPTIONS", "z9hG4bKone");
  receive(world, with(good, "CSeq: 7", "CSeq: x"));
  EXPECT_EQ(world.take(), Lines{"0 send 400"});
  EXPECT_EQ(Message::parse(world.last_sent)->reason(), "Bad CSeq");
  EXPECT_NE(Message::parse(world.last_sent)->to()->tag(), "");
  receive(world, with(good, "SIP/2.0\r\n", "SIP/7.0\r\n"));
  EXPECT_EQ(world.take(), Lines{"0 send 505"});
  receive(world, with(request_text("ACK", "z9hG4bKone"), "CSeq: 7", "CSeq: x"));
  receive(world, with(good, "Via: ", "Via: @"));
  receive(world, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\r\n");
  receive(world, "garbage");
  receive(world, "");
  EXPECT_TRUE(world.take().empty());
  EXPECT_EQ(world.layer.size(), 0U);
}

TEST(Receiving, AnswersGoWhereRfc3581Says) {
  World world;
  Flow flow = udp_flow();
  flow.remote.port = 40000;
  receive(world, request_text("OPTIONS", "z9hG4bK1"), flow);  // with rport
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_EQ(world.last_flow.remote.port, 40000);
  EXPECT_EQ(Message::parse(world.last_sent)->top_via()->parameters.value("rport"), "40000");
  const std::string plain = with(request_text("OPTIONS", "z9hG4bK2"), ";rport", "");
  receive(world, plain, flow);
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_EQ(world.last_flow.remote.port, 5060);
  receive(world, with(with(plain, "z9hG4bK2", "z9hG4bK3"), "UDP 192.0.2.2", "UDP host:5080"), flow);
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_EQ(world.last_flow.remote, (SocketAddress{peer_address().ip, 5080}));
  EXPECT_EQ(Message::parse(world.last_sent)->top_via()->parameters.value("received"), "192.0.2.2");
  const Flow tunnel = Flow::to_node(TransportKind::tunnel, NodeId{{1, 2}});
  receive(world, with(plain, "z9hG4bK2", "z9hG4bK4"), tunnel);
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_EQ(world.last_flow, tunnel);
  EXPECT_FALSE(Message::parse(world.last_sent)->top_via()->parameters.has("received"));
}

TEST(Limits, AFullTableRefusesAndKeepsWhatRuns) {
  World world({2});
  receive(world, request_text("INVITE", "z9hG4bK1"));
  receive(world, request_text("INVITE", "z9hG4bK2"));
  world.take();
  receive(world, request_text("INVITE", "z9hG4bK3"));
  EXPECT_EQ(world.take(), Lines{"0 send 503"});
  EXPECT_EQ(Message::parse(world.last_sent)->value(HeaderName::retry_after), "5");
  EXPECT_EQ(world.start("OPTIONS", udp_flow()), TransactionId::none);
  receive(world, request_text("INVITE", "z9hG4bK2"));
  EXPECT_EQ(world.take(), Lines{"0 send 100"});
}

TEST(Limits, AnInvitePairIsSmallFrom180On) {
  World world;
  const std::string body(3000, 's');
  world.start("INVITE", udp_flow(), "x", body);
  const std::string invite(as_text(world.last_request));
  world.answer(world.last_request, 180, udp_flow());
  const std::size_t client = world.layer.memory_bytes();
  receive(world, invite);
  EXPECT_TRUE(world.respond(180).has_value());
  EXPECT_EQ(world.layer.size(), 2U);
  EXPECT_LE(world.layer.memory_bytes(), 2048U) << "the goal is 4 KB; client " << client;
  world.answer(world.last_request, 200, udp_flow());
  EXPECT_TRUE(world.respond(200).has_value());
  EXPECT_LE(world.layer.memory_bytes(), 1024U);
}

TEST(Failures, OfOneMessageAndOfAWholeConnection) {
  World world;
  const TransactionId one = world.start("OPTIONS", tcp_flow());
  world.start("INVITE", tcp_flow());
  world.start("OPTIONS", udp_flow());
  receive(world, request_text("REGISTER", "z9hG4bK1"), tcp_flow());
  world.take();
  const Error error{ErrorKind::unavailable, "flow", 0, "gone"};
  world.layer.send_failed(world.now(), one, error);
  EXPECT_EQ(world.take(), (Lines{"0 transport error", "0 end"}));
  world.layer.send_failed(world.now(), one, error);
  world.layer.flow_failed(world.now(), tcp_flow(), error);
  EXPECT_EQ(world.take(), (Lines{"0 transport error", "0 end", "0 transport error", "0 end"}));
  EXPECT_EQ(world.layer.size(), 1U);
}

TEST(Callbacks, MayEndTheTransactionTheyAreAbout) {
  World world;
  world.on_new_request = [&](const Message&) { world.layer.abandon(world.last_id); };
  receive(world, request_text("INVITE", "z9hG4bK1"));
  EXPECT_EQ(world.take(), Lines{"0 request INVITE"});
  world.on_new_response = [&](TransactionId id) { world.layer.abandon(id); };
  for (const int code : {180, 200, 486}) {
    const auto status = static_cast<std::uint16_t>(code);
    world.start("INVITE", udp_flow());
    world.answer(world.last_request, status, udp_flow());
    world.start("OPTIONS", tcp_flow());
    world.answer(world.last_request, status, tcp_flow());
  }
  EXPECT_EQ(world.layer.size(), 0U);
  world.run_to(70000);
  for (const std::string& line : world.take())
    EXPECT_EQ(line.substr(0, 2), "0 ") << line;
}

TEST(Callbacks, MayStartMoreTransactions) {
  World world;
  int left = 40;
  world.on_new_response = [&](TransactionId) {
    if (left-- > 0) world.start("OPTIONS", udp_flow());
  };
  world.start("OPTIONS", udp_flow());
  for (int i = 0; i < 41; ++i)
    world.answer(Bytes(world.last_request), 200, udp_flow());
  EXPECT_EQ(world.layer.size(), 41U);
  world.run_to(6000);
  EXPECT_EQ(world.layer.size(), 0U);
}

TEST(Callbacks, GoToTheUserThatTookTheTransactionOver) {
  World world;
  World other;
  receive(world, request_text("INVITE", "z9hG4bK1"));
  world.layer.set_user(world.last_id, other, 5);
  EXPECT_TRUE(world.respond(486).has_value());
  world.run_to(33000);
  EXPECT_EQ(other.take(), (Lines{"0 timeout", "0 end"}));
}

TEST(Ids, AreNeverUsedAgainAndBranchesDiffer) {
  World world;
  const TransactionId first = world.start("OPTIONS", udp_flow());
  world.layer.abandon(first);
  const TransactionId second = world.start("OPTIONS", udp_flow());
  EXPECT_NE(first, second);
  EXPECT_FALSE(world.layer.alive(first));
  EXPECT_TRUE(world.layer.alive(second));
  EXPECT_NE(world.layer.new_branch(), world.layer.new_branch());
  EXPECT_EQ(world.layer.new_branch().substr(0, 7), "z9hG4bK");
  EXPECT_EQ(world.layer.flow_of(second), udp_flow());
  EXPECT_FALSE(world.layer.flow_of(first).has_value());
}

TEST(Sending, RefusesWhatHasNoTransaction) {
  World world;
  const auto send = [&](const Bytes& bytes) {
    return world.layer.send_request(world.now(), udp_flow(), bytes, world, 0).has_value();
  };
  EXPECT_FALSE(send(request_bytes("ACK", world.layer.new_branch())));
  EXPECT_FALSE(send(request_bytes("OPTIONS", "no-cookie")));
  EXPECT_FALSE(send(to_bytes(as_bytes("garbage"))));
  EXPECT_EQ(world.layer.size(), 0U);
  receive(world, request_text("OPTIONS", "z9hG4bK1"));
  EXPECT_EQ(world.layer.respond(world.now(), world.last_id, as_bytes("garbage")).error().kind,
            ErrorKind::invalid);
}

TEST(Counting, NamesWhatHappened) {
  struct Visitor final : CounterVisitor {
    std::map<std::string, std::uint64_t> values;
    void counter(const char* name, std::uint64_t value) override { values[name] = value; }
    void gauge(const char* name, std::uint64_t value) override { values[name] = value; }
  };
  World world;
  receive(world, request_text("INVITE", "z9hG4bK1"));
  receive(world, request_text("INVITE", "z9hG4bK1"));
  receive(world, "garbage");
  Visitor visitor;
  world.layer.visit(visitor);
  EXPECT_EQ(visitor.values["sip_transactions"], 1U);
  EXPECT_EQ(visitor.values["sip_transaction_requests_new"], 1U);
  EXPECT_EQ(visitor.values["sip_transaction_requests_repeated"], 1U);
  EXPECT_EQ(visitor.values["sip_transaction_messages_dropped"], 1U);
}

TEST(Torture, EveryMessageOfRfc4475GoesThroughTheLayer) {
  World world;
  for (const char* name : {"wsinv", "intmeth", "longreq", "badinv01", "quotbal", "badvers",
                           "bigcode", "insuf", "multi01", "bcast", "inv2543", "badbranch"}) {
    const std::string bytes = torture(name);
    receive(world, bytes);
    receive(world, bytes, tcp_flow());
  }
  world.run_to(100000);
  EXPECT_GT(world.take().size(), 20U);
}

}  // namespace
}  // namespace chordial::sip
