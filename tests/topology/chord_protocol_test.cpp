// Single steps of the protocol, seen from one peer: what it asks for, and what it believes.
#include "topology/chord/chord.h"
#include "topology/chord/messages.h"

namespace chordial::topology {
namespace {

NodeId id(std::uint64_t n) {
  return NodeId{{n << 32U, 0}};
}

struct ChordProtocol : testing::Test {
  Parameters parameters;
  Rng rng{1, 2};
  Now now{.monotonic = MonotonicTime(std::chrono::hours(1)), .wall = {}};
  Intents intents;
  chord::Chord peer{id(100), parameters, rng};

  void run_timers(Duration span) {
    const MonotonicTime until = now.monotonic + span;
    while (peer.next_timer() <= until) {
      now.monotonic = std::max(now.monotonic, peer.next_timer());
      peer.on_timer(now, intents);
    }
    now.monotonic = until;
  }
  void neighbor(std::uint64_t n, const std::vector<NodeId>& before,
                const std::vector<NodeId>& after) {
    ASSERT_TRUE(peer.on_update(now, id(n), chord::encode_neighbors(1, before, after), intents));
  }
  std::vector<NodeId> successors() {
    std::vector<NodeId> nodes;
    peer.successors(nodes);
    return nodes;
  }
};

TEST_F(ChordProtocol, JoinsByThePlaceAfterItsOwn) {
  peer.on_link_up(now, id(7), intents);
  peer.start_joining(now, id(7), intents);
  EXPECT_EQ(peer.phase(), Phase::joining);
  ASSERT_EQ(intents.attach.size(), 1U);
  EXPECT_EQ(intents.attach[0].position, (id(100).position + RingPosition{0, 1}));
  EXPECT_FALSE(intents.attach[0].node);
  EXPECT_EQ(intents.attach[0].via, id(7));
  EXPECT_TRUE(intents.attach[0].send_update);
  EXPECT_FALSE(peer.responsible(id(100).position));
  // Until it is a member, all it sends goes through the bootstrap peer.
  EXPECT_EQ(peer.next_hop(id(50).position).node, id(7));

  // The admitting peer shows itself; its neighbors are to be ours, and come first.
  intents.clear();
  peer.on_link_up(now, id(110), intents);
  neighbor(110, {id(90), id(80)}, {id(120)});
  EXPECT_TRUE(intents.join.empty());
  ASSERT_EQ(intents.attach.size(), 3U);
  for (const AttachIntent& attach : intents.attach)
    EXPECT_EQ(attach.via, id(110));
  const auto asked = intents.attach;
  intents.clear();
  peer.on_link_up(now, id(90), intents);
  peer.on_link_up(now, id(80), intents);
  peer.on_attach_failed(now, asked[0].node == id(120) ? asked[0] : asked[2], intents);
  neighbor(90, {id(80)}, {id(110)});
  EXPECT_TRUE(intents.join.empty());
  ASSERT_TRUE(peer.on_update(now, id(80), chord::encode_peer_ready(3), intents));
  ASSERT_EQ(intents.join.size(), 1U);
  EXPECT_EQ(intents.join[0].to, id(110));
  EXPECT_TRUE(intents.update.empty());  // §10.5: not before it is admitted
  peer.on_join_answered(now, id(110), true, {}, intents);
  EXPECT_EQ(peer.phase(), Phase::joining);
  EXPECT_TRUE(peer.accepts_replica(id(95).position, id(110)));
  EXPECT_FALSE(peer.accepts_replica(id(105).position, id(110)));
  EXPECT_FALSE(peer.accepts_replica(id(95).position, id(90)));

  // Admitted: it tells everyone it is linked with.
  intents.clear();
  neighbor(110, {id(100), id(90)}, {id(120)});
  EXPECT_EQ(peer.phase(), Phase::ring);
  EXPECT_TRUE(intents.responsibility_changed);
  EXPECT_EQ(intents.update.size(), 4U);  // 7, 80, 90, 110
}

TEST_F(ChordProtocol, AsksTheOtherOneThatCameBetween) {
  peer.on_link_up(now, id(110), intents);
  peer.start_joining(now, id(110), intents);
  neighbor(110, {id(90)}, {id(90)});
  peer.on_attach_failed(now, intents.attach.back(), intents);
  ASSERT_EQ(intents.join.size(), 1U);
  intents.clear();
  // Node 105 was admitted first, and 110 says so instead of admitting this one.
  neighbor(110, {id(105), id(90)}, {id(90)});
  ASSERT_FALSE(intents.attach.empty());
  EXPECT_EQ(intents.attach[0].node, id(105));
  peer.on_link_up(now, id(105), intents);
  intents.clear();
  neighbor(105, {id(90)}, {id(110)});
  run_timers(std::chrono::seconds(6));
  ASSERT_FALSE(intents.join.empty());
  EXPECT_EQ(intents.join[0].to, id(105));
}

TEST_F(ChordProtocol, BelievesNobodyByHearsay) {
  peer.start_first(now, intents);
  EXPECT_TRUE(peer.responsible(id(5).position));
  peer.on_link_up(now, id(150), intents);
  EXPECT_TRUE(successors().empty());  // linked, and perhaps a client
  neighbor(150, {id(140), id(100)}, {id(100), id(160)});
  EXPECT_EQ(successors(), (std::vector<NodeId>{id(150)}));
  ASSERT_EQ(intents.attach.size(), 2U);
  peer.on_link_up(now, id(140), intents);
  EXPECT_EQ(successors(), (std::vector<NodeId>{id(150)}));
  ASSERT_TRUE(peer.on_update(now, id(140), chord::encode_peer_ready(3), intents));
  EXPECT_EQ(successors(), (std::vector<NodeId>{id(140), id(150)}));
}

TEST_F(ChordProtocol, AdmitsOnlyWhereItIsResponsible) {
  peer.start_first(now, intents);
  EXPECT_EQ(peer.on_join(now, id(90), {}, intents).error().kind, ErrorKind::forbidden);
  peer.on_link_up(now, id(90), intents);
  ASSERT_TRUE(peer.on_join(now, id(90), {}, intents));
  EXPECT_TRUE(successors().empty());
  intents.clear();
  peer.on_join_transferred(now, id(90), intents);
  EXPECT_TRUE(intents.responsibility_changed);
  ASSERT_EQ(intents.update.size(), 1U);
  const auto update = chord::decode_update(intents.update[0].overlay_specific_data);
  ASSERT_TRUE(update);
  EXPECT_EQ(update->predecessors[0], id(90));
  EXPECT_FALSE(peer.responsible(id(90).position));

  peer.on_link_up(now, id(80), intents);
  EXPECT_EQ(peer.on_join(now, id(80), {}, intents).error().kind, ErrorKind::unavailable);
  // Restarted, it is admitted by the peer after its place, whose predecessor it still is.
  EXPECT_TRUE(peer.on_join(now, id(90), {}, intents));
  EXPECT_TRUE(successors().empty());
}

TEST_F(ChordProtocol, TwoJoinsInOneGapTheSecondIsToldOfTheFirst) {
  peer.start_first(now, intents);
  for (const std::uint64_t n : {80U, 90U}) {
    peer.on_link_up(now, id(n), intents);
    ASSERT_TRUE(peer.on_join(now, id(n), {}, intents));
  }
  peer.on_join_transferred(now, id(90), intents);
  intents.clear();
  peer.on_join_transferred(now, id(80), intents);  // the place is 90's now
  run_timers(std::chrono::milliseconds(200));
  EXPECT_EQ(successors(), (std::vector<NodeId>{id(90)}));
  ASSERT_FALSE(intents.update.empty());
  bool told = false;
  for (const UpdateIntent& update : intents.update)
    told = told || update.to == id(80);
  EXPECT_TRUE(told);
}

TEST_F(ChordProtocol, TakesTheNextSuccessorAndTellsEveryoneOfItsNewRange) {
  peer.start_first(now, intents);
  for (const std::uint64_t n : {90U, 110U, 120U}) {
    peer.on_link_up(now, id(n), intents);
    neighbor(n, {}, {});
  }
  peer.on_link_up(now, id(500), intents);  // a client
  run_timers(std::chrono::milliseconds(100));
  intents.clear();
  peer.on_link_down(now, id(110), intents);
  EXPECT_EQ(successors()[0], id(120));
  EXPECT_FALSE(intents.responsibility_changed);
  peer.on_link_down(now, id(90), intents);
  EXPECT_TRUE(intents.responsibility_changed);
  EXPECT_TRUE(peer.responsible(id(90).position));
  run_timers(std::chrono::milliseconds(100));
  std::vector<NodeId> told;
  for (const UpdateIntent& update : intents.update)
    told.push_back(update.to);
  EXPECT_EQ(told, (std::vector<NodeId>{id(120), id(500)}));
}

TEST_F(ChordProtocol, ThreeUnansweredRequestsAreAFailure) {
  peer.start_first(now, intents);
  peer.on_link_up(now, id(110), intents);
  neighbor(110, {}, {});
  peer.on_update_answered(now, id(110), false, intents);
  peer.on_update_answered(now, id(110), false, intents);
  peer.on_update_answered(now, id(110), true, intents);
  peer.on_update_answered(now, id(110), false, intents);
  peer.on_route_query_answered(now, {id(110), {}, true}, false, {}, intents);
  EXPECT_EQ(successors().size(), 1U);
  EXPECT_TRUE(intents.close.empty());
  peer.on_update_answered(now, id(110), false, intents);
  EXPECT_TRUE(successors().empty());
  ASSERT_EQ(intents.close.size(), 1U);
  EXPECT_EQ(peer.phase(), Phase::isolated);
}

TEST_F(ChordProtocol, ALateUpdateOfADepartedPeerCountsNoMore) {
  peer.start_first(now, intents);
  for (const std::uint64_t n : {110U, 120U}) {
    peer.on_link_up(now, id(n), intents);
    neighbor(n, {}, {});
  }
  const Bytes leave = chord::encode_leave(chord::LeaveType::from_successor, {id(120)});
  ASSERT_TRUE(peer.on_leave(now, id(110), leave, intents));
  neighbor(110, {id(100)}, {id(120)});
  EXPECT_EQ(successors(), (std::vector<NodeId>{id(120)}));
  EXPECT_FALSE(peer.on_leave(now, id(130), leave, intents));
  EXPECT_FALSE(peer.on_leave(now, id(120), Bytes{9}, intents));
}

TEST_F(ChordProtocol, LeavesWithTheListsThatEitherSideNeeds) {
  peer.start_first(now, intents);
  for (const std::uint64_t n : {90U, 110U}) {
    peer.on_link_up(now, id(n), intents);
    neighbor(n, {}, {});
  }
  intents.clear();
  peer.start_leaving(now, intents);
  EXPECT_EQ(peer.phase(), Phase::leaving);
  ASSERT_EQ(intents.leave.size(), 2U);
  for (const LeaveIntent& intent : intents.leave) {
    const auto leave = chord::decode_leave(intent.overlay_specific_data);
    ASSERT_TRUE(leave);
    const bool to_successor = intent.to == id(110);
    EXPECT_EQ(leave->type,
              to_successor ? chord::LeaveType::from_predecessor : chord::LeaveType::from_successor);
    EXPECT_EQ(leave->nodes[0], to_successor ? id(90) : id(110));
  }
  EXPECT_FALSE(peer.responsible(id(100).position - RingPosition{0, 1}));
  EXPECT_EQ(peer.next_timer(), never);
}

TEST_F(ChordProtocol, StabilizesSoonAfterAChangeAndThenRarely) {
  peer.start_first(now, intents);
  peer.on_link_up(now, id(110), intents);
  neighbor(110, {id(100)}, {id(100)});
  intents.clear();
  run_timers(std::chrono::milliseconds(1300));
  EXPECT_EQ(intents.route_query.size(), 1U);
  EXPECT_TRUE(intents.route_query[0].send_update);
  run_timers(std::chrono::hours(1));
  intents.clear();
  run_timers(std::chrono::hours(1));
  EXPECT_GE(intents.update.size(), 4U);  // one neighbor, every 600 s and a quarter more or less
  EXPECT_LE(intents.update.size(), 8U);
}

TEST_F(ChordProtocol, AnswersRouteQueriesWithItsNextHop) {
  peer.start_first(now, intents);
  peer.on_link_up(now, id(110), intents);
  neighbor(110, {id(100)}, {id(100)});
  const auto next = peer.on_route_query(now, id(110), id(105).position, {});
  EXPECT_EQ(chord::decode_route_query_answer(*next).value(), id(110));
  const auto self = peer.on_route_query(now, id(110), id(95).position, {});
  EXPECT_EQ(chord::decode_route_query_answer(*self).value(), id(100));
}

TEST_F(ChordProtocol, AnotherRingBehindTheBootstrapIsAttachedTo) {
  peer.start_first(now, intents);
  peer.on_link_up(now, id(110), intents);
  neighbor(110, {id(100)}, {id(100)});
  peer.on_link_up(now, id(7), intents);
  intents.clear();
  peer.check_partition(now, id(7), intents);
  ASSERT_EQ(intents.ping.size(), 1U);
  EXPECT_EQ(intents.ping[0].via, id(7));
  const PingIntent ping = intents.ping[0];
  peer.on_ping_answered(now, ping, id(110), intents);
  peer.on_ping_answered(now, ping, std::nullopt, intents);
  EXPECT_TRUE(intents.attach.empty());
  peer.on_ping_answered(now, ping, id(104), intents);
  ASSERT_EQ(intents.attach.size(), 1U);
  EXPECT_EQ(intents.attach[0].node, id(104));
  EXPECT_EQ(intents.attach[0].via, id(7));
}

}  // namespace
}  // namespace chordial::topology
