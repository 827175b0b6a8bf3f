// Requests and answers end to end (RFC 6940 §6.2, §6.3.4).
#include "transport/pair.h"

namespace chordial::transport {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::Destination;
using wire::MessageCode;

std::vector<Destination> to(const Side& side) {
  return {Destination::of(side.id)};
}

TEST(Transport, ARequestIsAnswered) {
  Pair pair;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req, as_bytes("what")));
  EXPECT_TRUE(pair.a.heard.empty());
  pair.deliver();
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_TRUE(pair.a.heard[0].answered);
  EXPECT_EQ(pair.a.heard[0].from, pair.b.id);
  EXPECT_EQ(pair.a.heard[0].hops, 1);
  EXPECT_EQ(to_hex(pair.a.heard[0].body), "5a5a5a");
  EXPECT_EQ(pair.b.askers.at(0), pair.a.id);
  EXPECT_EQ(pair.a.transport.transactions(), 0u);
}

TEST(Transport, ARequestOfItsOwnIsAnsweredWithoutTheWire) {
  Pair pair;
  ASSERT_TRUE(pair.a.ask({Destination::of(ResourceId{pair.a.own})}, MessageCode::fetch_req));
  EXPECT_TRUE(pair.a.heard.empty()) << "never from inside the call";
  pair.run(milliseconds(2));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(pair.a.heard[0].hops, 0);
  EXPECT_EQ(pair.sent, 0u);
}

TEST(Transport, FiveMessagesAndThenItHasFailed) {
  Pair pair;
  pair.on_wire = [](Side&, Bytes&) { return false; };
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.run(milliseconds(14'900));
  EXPECT_EQ(pair.sent, 5u);
  EXPECT_TRUE(pair.a.heard.empty());
  pair.run(milliseconds(200));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_FALSE(pair.a.heard[0].answered);
  EXPECT_EQ(pair.a.heard[0].kind, ErrorKind::unavailable);
  pair.run(seconds(20));
  EXPECT_EQ(pair.sent, 5u);
  EXPECT_EQ(pair.a.heard.size(), 1u);
}

TEST(Transport, WhatBecomesThisNodesOwnMeanwhileIsAnsweredHere) {
  Pair pair;
  pair.on_wire = [](Side&, Bytes&) { return false; };
  ASSERT_TRUE(pair.a.ask({Destination::of(ResourceId{pair.b.own})}, MessageCode::fetch_req));
  pair.run(milliseconds(100));
  ASSERT_EQ(pair.sent, 1u);
  pair.a.own = pair.b.own;  // as when b has died
  pair.a.connections.remove(pair.b.id);
  pair.a.transport.on_neighbour_lost(pair.now, pair.b.id);
  pair.run(milliseconds(100));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_TRUE(pair.a.heard[0].answered);
  EXPECT_EQ(pair.a.heard[0].hops, 0);
  EXPECT_EQ(pair.sent, 1u);
  EXPECT_EQ(pair.a.transport.transactions(), 0u);
}

TEST(Transport, OnceRoundTripsAreKnownTheFirstRepetitionIsSoonAndTheLastOneStillLate) {
  Pair pair;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
    pair.run(milliseconds(20));
  }
  std::vector<std::int64_t> at_ms;
  const MonotonicTime begin = pair.now.monotonic;
  pair.on_wire = [&](Side&, Bytes&) {
    at_ms.push_back((pair.now.monotonic - begin).count() / 1000);
    return false;
  };
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.run(milliseconds(14'900));
  ASSERT_EQ(at_ms.size(), 5u);
  EXPECT_LT(at_ms[1], 600);
  EXPECT_GE(at_ms[4], 12'000);
  EXPECT_LT(at_ms[4], 12'100);
  EXPECT_EQ(pair.a.heard.size(), 10u);
  pair.run(milliseconds(200));
  ASSERT_EQ(pair.a.heard.size(), 11u);
  EXPECT_FALSE(pair.a.heard[10].answered);
}

TEST(Transport, ALossIsRepairedSoonerOnceRoundTripsAreKnown) {
  Pair pair;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
    pair.run(milliseconds(20));
  }
  bool lost = false;
  pair.on_wire = [&](Side& side, Bytes&) {
    if (&side != &pair.b || lost) return true;
    return !(lost = true);
  };
  const std::size_t before = pair.a.heard.size();
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.run(milliseconds(700));
  EXPECT_EQ(pair.a.heard.size(), before + 1) << "within 700 ms and not after 3 s";
}

TEST(Transport, ARepetitionIsAnsweredFromMemory) {
  Pair pair;
  std::size_t lost = 0;
  pair.on_wire = [&](Side& side, Bytes&) { return !(&side == &pair.a && ++lost <= 2); };
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req, as_bytes("value")));
  pair.run(seconds(15));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_TRUE(pair.a.heard[0].answered);
  EXPECT_EQ(pair.b.requests.size(), 1u) << "processed once";
  EXPECT_EQ(pair.b.transport.counters().repeated, 2u);
}

TEST(Transport, ARepetitionInProgressWaits) {
  Pair pair;
  pair.b.keep_replies = true;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req));
  pair.run(seconds(8));
  EXPECT_EQ(pair.b.requests.size(), 1u);
  ASSERT_EQ(pair.b.replies.size(), 1u);
  pair.b.transport.answer(pair.now, pair.b.replies[0], as_bytes("late"));
  pair.deliver();
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(as_text(pair.a.heard[0].body), "late");
}

TEST(Transport, ACopyWithOtherContentsIsNotARepetition) {
  Pair pair;
  Bytes first;
  pair.on_wire = [&](Side& side, Bytes& bytes) {
    if (&side == &pair.b) first = bytes;
    return true;
  };
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req, as_bytes("mine")));
  pair.deliver();
  const std::size_t sent = pair.sent;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (as_text(ByteView(first).subspan(i, 4)) != "mine") continue;
    first[i] = 'n';
    break;
  }
  pair.b.receive(first);
  pair.deliver();
  EXPECT_EQ(pair.sent, sent) << "nobody is told another's answer";
  EXPECT_EQ(pair.b.requests.size(), 1u);
}

TEST(Transport, ErrorsArriveAsWhatTheyAre) {
  Pair pair;
  pair.b.refuse_with = wire::ErrorCode::data_too_old;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req));
  pair.deliver();
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(pair.a.heard[0].code, wire::ErrorCode::data_too_old);
  EXPECT_EQ(pair.a.heard[0].kind, ErrorKind::conflict);
  EXPECT_EQ(as_text(pair.a.heard[0].body), "why");
}

TEST(Transport, CancelledMeansSilence) {
  Pair pair;
  const auto id = pair.a.ask(to(pair.b), MessageCode::fetch_req);
  pair.a.transport.cancel(*id);
  pair.run(seconds(20));
  EXPECT_TRUE(pair.a.heard.empty());
}

TEST(Transport, ALostNeighbourFailsWhatOnlyItCouldAnswer) {
  Pair pair;
  Outgoing outgoing;
  const auto destinations = to(pair.b);
  outgoing.destinations = destinations;
  outgoing.code = MessageCode::update_req;
  outgoing.first_hop = pair.b.id;
  outgoing.adjacent = true;
  ASSERT_TRUE(pair.a.transport.request(pair.now, outgoing));
  pair.wire.clear();
  pair.a.connections.remove(pair.b.id);
  pair.a.transport.on_neighbour_lost(pair.now, pair.b.id);
  pair.run(milliseconds(2));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(pair.a.heard[0].kind, ErrorKind::unavailable);
}

TEST(Transport, WhatWentToANeighbourThatIsLostIsNotCounted) {
  Pair pair;
  pair.on_wire = [](Side&, Bytes&) { return false; };
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.run(milliseconds(9'100));
  ASSERT_EQ(pair.sent, 4u);
  pair.a.transport.on_neighbour_lost(pair.now, pair.b.id);  // and back at once
  pair.run(milliseconds(5'800));
  EXPECT_EQ(pair.sent, 6u) << "at once, and three seconds later";
  EXPECT_TRUE(pair.a.heard.empty());
  pair.run(milliseconds(200));
  EXPECT_EQ(pair.a.heard.size(), 1u) << "not a moment longer than any other";
}

TEST(Transport, TheTableOfTransactionsHasALimit) {
  Pair pair;
  pair.on_wire = [](Side&, Bytes&) { return false; };
  std::size_t taken = 0;
  for (std::size_t i = 0; i < transactions_max + 10; ++i)
    taken += pair.a.ask(to(pair.b), MessageCode::fetch_req) ? 1 : 0;
  EXPECT_EQ(taken, transactions_max);
}

TEST(Transport, AResponseAboveWhatWasAskedForIsAnError) {
  Pair pair;
  pair.b.answer_bytes = 70'000;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.deliver();
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(pair.a.heard[0].code, wire::ErrorCode::response_too_large);
}

TEST(Answers, ForgetTheOldestFirstAndKeepToTheirLimits) {
  Answers answers;
  const Now now{MonotonicTime(Duration(0)), WallTime{}};
  const Bytes body(100);
  for (std::uint64_t id = 1; id <= answers_max + 5; ++id) {
    answers.begin(now, id, id);
    answers.set(id, body, body);
  }
  EXPECT_EQ(answers.find(1), nullptr);
  EXPECT_NE(answers.find(answers_max + 5), nullptr);
  EXPECT_LE(answers.size() * 200, answer_bytes_max + 200);
  answers.begin(now, 0, 0);  // an id that a liar may choose
  EXPECT_EQ(answers.find(0), nullptr);
  answers.forget(answers_max);
  EXPECT_EQ(answers.find(answers_max), nullptr);
  answers.expire({MonotonicTime(request_lifetime), WallTime{}});
  EXPECT_EQ(answers.size(), 0u);
  EXPECT_EQ(answers.next_expiry(), never);
}

}  // namespace
}  // namespace chordial::transport
