// How often, how far and at whose places CHORD-RELOAD looks for fingers, and when it tells its
// neighbours (RFC 6940 §10.7.4): seen from one peer over days.
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "topology/chord/chord.h"
#include "topology/chord/messages.h"

namespace chordial::topology {
namespace {

using std::chrono::seconds;

NodeId id(std::uint64_t n) {
  return NodeId{{n << 32U, 0}};
}

class ChordRules : public testing::Test {
 protected:
  ChordRules() {
    parameters.successors = 3;
    parameters.predecessors = 3;
    parameters.full_mesh = false;
    parameters.update_interval_s = 600;
    parameters.ping_interval_s = 3600;
  }

  // A member with three near successors and one predecessor, and nobody far away.
  void settle() {
    peer.emplace(id(100), parameters, rng);
    peer->start_first(now, intents);
    for (const std::uint64_t n : {101U, 102U, 103U, 99U}) {
      peer->on_link_up(now, id(n), intents);
      ASSERT_TRUE(peer->on_update(now, id(n), chord::encode_peer_ready(1), intents));
    }
  }
  // What it asks for in that time, each with the second.
  void run(Duration span) {
    const MonotonicTime until = now.monotonic + span;
    while (peer->next_timer() <= until) {
      now.monotonic = std::max(now.monotonic, peer->next_timer());
      intents.clear();
      peer->on_timer(now, intents);
      const auto second =
          std::chrono::duration_cast<seconds>(now.monotonic.time_since_epoch()).count();
      for (const PingIntent& ping : intents.ping)
        pings.emplace_back(second, ping.position - id(100).position);
      for (const UpdateIntent& update : intents.update)
        updates.emplace_back(second, update.to);
    }
    now.monotonic = until;
  }
  // i of the finger interval [n + 2^(128-i), n + 2^(129-i) - 1].
  static unsigned interval_of(RingPosition distance) {
    unsigned i = 1;
    while (i < 128 && distance < RingPosition::power_of_two(128 - i))
      ++i;
    return i;
  }

  Parameters parameters;
  Rng rng{1, 2};
  Now now{.monotonic = MonotonicTime(std::chrono::hours(1)), .wall = {}};
  Intents intents;
  std::optional<chord::Chord> peer;
  std::vector<std::pair<std::int64_t, RingPosition>> pings;
  std::vector<std::pair<std::int64_t, NodeId>> updates;
};

// §10.7.4.2: no more often than chord-ping-interval, at random places, near fingers rarely.
TEST_F(ChordRules, FingersAreSoughtRarelyAtRandomAndMostlyFarAway) {
  settle();
  run(std::chrono::hours(3));  // the first rounds ask for all of them
  pings.clear();
  run(std::chrono::hours(2000));
  ASSERT_GT(pings.size(), 1000U);
  EXPECT_LE(pings.size(), 2700U);
  std::map<unsigned, std::size_t> by_interval;
  std::set<RingPosition> places;
  for (std::size_t i = 0; i < pings.size(); ++i) {
    ++by_interval[interval_of(pings[i].second)];
    places.insert(pings[i].second);
    if (i == 0) continue;
    EXPECT_GE(pings[i].first - pings[i - 1].first, 3600 * 3 / 4);
  }
  EXPECT_GT(places.size(), pings.size() * 9 / 10);
  // Half of what is left each time.
  for (unsigned i = 1; i <= 4; ++i) {
    EXPECT_GT(by_interval[i], by_interval[i + 1] * 3 / 2) << i;
    EXPECT_LT(by_interval[i], by_interval[i + 1] * 3) << i;
  }
}

// §10.5, §10.7.4.3: at once after the join, every interval that the successors do not reach.
TEST_F(ChordRules, AfterItsJoinEveryFingerIsSoughtAtItsPlace) {
  settle();
  run(seconds(8));
  std::set<unsigned> intervals;
  for (const auto& [second, distance] : pings)
    intervals.insert(interval_of(distance));
  // 103 is 3·2^96 away: intervals 1 to 30 lie behind it.
  for (unsigned i = 1; i <= 30; ++i)
    EXPECT_TRUE(intervals.contains(i)) << i;
  bool exact = false;
  for (const auto& [second, distance] : pings)
    exact = exact || distance == RingPosition::power_of_two(127);
  EXPECT_TRUE(exact) << "n + 2^(128-i) itself";
}

// §10.7.4.1: every neighbour within the interval, not all at once, and at times of chance.
TEST_F(ChordRules, EveryNeighbourHasItsUpdateAndNotAllAtOnce) {
  settle();
  run(std::chrono::hours(3));
  updates.clear();
  run(std::chrono::hours(10));
  std::map<NodeId, std::size_t> counts;
  std::map<std::int64_t, std::size_t> at_once;
  std::set<std::int64_t> gaps;
  std::int64_t last = 0;
  for (const auto& [second, to] : updates) {
    ++counts[to];
    ++at_once[second];
    if (last != 0) gaps.insert(second - last);
    last = second;
  }
  for (const std::uint64_t n : {101U, 102U, 103U, 99U}) {
    EXPECT_GE(counts[id(n)], 40U) << n;
    EXPECT_LE(counts[id(n)], 90U) << n;
  }
  for (const auto& [second, count] : at_once)
    EXPECT_EQ(count, 1U);
  EXPECT_GT(gaps.size(), 10U);
}

// §14.3: what is set aside for experiments is no algorithm of ours.
TEST(TopologyPlugins, ExperimentalOnesAreNobodys) {
  const Parameters parameters;
  Rng rng{1, 2};
  EXPECT_NE(make_plugin("CHORD-RELOAD", id(1), parameters, rng), nullptr);
  EXPECT_EQ(make_plugin("EXP-OVERLAY", id(1), parameters, rng), nullptr);
  EXPECT_EQ(make_plugin("", id(1), parameters, rng), nullptr);
}

}  // namespace
}  // namespace chordial::topology
