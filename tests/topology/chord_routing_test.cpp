// Routing, responsibility, replicas and memory, on prebuilt rings (RFC 6940 §10.1, §10.3, §10.4).
#include <cmath>

#include "topology/prebuilt_ring.h"

namespace chordial::topology {
namespace {

constexpr RingPosition one{0, 1};

TEST(ChordPrebuilt, IsWhatASettledRingLooksLike) {
  for (const std::size_t count : {1U, 2U, 3U, 4U, 9U, 11U, 12U, 13U, 40U, 300U}) {
    PrebuiltRing ring(count);
    for (const auto& violation : chord::check_settled(ring.views, ring.parameters))
      ADD_FAILURE() << count << " " << violation.checker << " " << violation.text;
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_EQ(ring[i].phase(), Phase::ring);
  }
}

TEST(ChordRouting, EveryRouteEndsAtTheOwnerInFewHops) {
  PrebuiltRing ring(1000);
  std::size_t hops = 0;
  std::size_t hops_most = 0;
  constexpr std::size_t lookups = 20000;
  for (std::size_t n = 0; n < lookups; ++n) {
    const RingPosition wanted{ring.rng.u64(), ring.rng.u64()};
    std::size_t at = ring.rng.below(ring.ids.size());
    std::size_t taken = 0;
    for (;;) {
      const NextHop next = ring[at].next_hop(wanted);
      ASSERT_NE(next.kind, NextHop::Kind::none);
      if (next.kind == NextHop::Kind::self) break;
      at = ring.place(next.node);
      ASSERT_LT(++taken, 40U);
    }
    EXPECT_EQ(ring.ids[at], ring.owner(wanted));
    hops += taken;
    hops_most = std::max(hops_most, taken);
  }
  const double mean = static_cast<double>(hops) / lookups;
  std::printf(
      "1000 peers: %.2f hops on average (%.2f log2 N), at most %zu, %.1f links of its own\n", mean,
      mean / std::log2(1000.0), hops_most,
      static_cast<double>(ring.links) / static_cast<double>(ring.ids.size()));
  EXPECT_LT(mean, 0.6 * std::log2(1000.0));
}

TEST(ChordRouting, TakesTheNearestPeerBeforeThePlace) {
  PrebuiltRing ring(200);
  std::vector<NodeId> nodes;
  for (std::size_t n = 0; n < 2000; ++n) {
    const std::size_t at = ring.rng.below(ring.ids.size());
    const RingPosition wanted{ring.rng.u64(), ring.rng.u64()};
    const NextHop next = ring[at].next_hop(wanted);
    if (next.kind == NextHop::Kind::self) continue;
    ring[at].predecessors(nodes);
    if (in_half_open(nodes.back().position, wanted, ring.ids[at].position)) continue;
    // Nobody it knows lies between the next hop and the place.
    const RingPosition self = ring.ids[at].position;
    for (const std::size_t other : {0, 1, 2}) {
      if (other == 0) ring[at].successors(nodes);
      if (other == 1) ring[at].predecessors(nodes);
      if (other == 2) ring[at].fingers(nodes);
      for (const NodeId& node : nodes) {
        if (!in_open(self, node.position, wanted)) continue;
        EXPECT_LE(node.position - self, next.node.position - self);
      }
    }
  }
}

TEST(ChordRouting, ALinkedNodeIsReachedDirectly) {
  PrebuiltRing ring(100);
  Intents intents;
  const NodeId client{{0x8000, 1}};
  const std::size_t at = 5;
  EXPECT_NE(ring[at].next_hop(client.position).node, client);
  ring[at].on_link_up({}, client, intents);
  EXPECT_EQ(ring[at].next_hop(client.position).node, client);
  // But nothing is routed through it.
  EXPECT_NE(ring[at].next_hop(client.position + one).node, client);
  ring[at].on_link_down({}, client, intents);
  EXPECT_NE(ring[at].next_hop(client.position).node, client);
}

TEST(ChordRouting, AFullMeshGoesStraightToTheOwner) {
  Parameters parameters;
  PrebuiltRing ring(parameters.successors + 1U, parameters);
  for (std::size_t i = 0; i < ring.ids.size(); ++i) {
    EXPECT_TRUE(ring[i].mesh());
    const RingPosition wanted{ring.rng.u64(), 0};
    const NextHop next = ring[i].next_hop(wanted);
    EXPECT_EQ(next.node, ring.owner(wanted));
  }
  PrebuiltRing larger(parameters.successors + 2U, parameters);
  EXPECT_FALSE(larger[0].mesh());
}

TEST(ChordReplicas, GoToTheNextPeersAndComeFromThePrevious) {
  PrebuiltRing ring(50);
  std::vector<NodeId> copies;
  for (std::size_t i = 0; i < 50; ++i) {
    ring[i].replica_set(copies);
    const auto at = [&](std::size_t step) { return ring.ids[(i + step) % 50]; };
    EXPECT_EQ(copies, (std::vector<NodeId>{at(1), at(2)}));
    const RingPosition value = ring.ids[i].position;
    for (const std::size_t step : {1U, 2U}) {
      EXPECT_TRUE(ring[(i + step) % 50].accepts_replica(value, ring.ids[i]));
      EXPECT_TRUE(ring[(i + step) % 50].keeps(value));
    }
    EXPECT_TRUE(ring[i].keeps(value));
    EXPECT_FALSE(ring[(i + 3) % 50].keeps(value));
    EXPECT_FALSE(ring[(i + 4) % 50].accepts_replica(value, ring.ids[i]));
    // Not what lies after the sender, nor from a node it is not linked with.
    EXPECT_FALSE(ring[(i + 1) % 50].accepts_replica(value + one, ring.ids[i]));
    EXPECT_FALSE(ring[(i + 1) % 50].accepts_replica(value, NodeId{value + one}));
  }
}

TEST(ChordReplicas, ANewOneWaitsForTheHoldDown) {
  PrebuiltRing ring(30);
  Now now;
  now.monotonic = MonotonicTime(std::chrono::hours(1));
  Intents intents;
  std::vector<NodeId> copies;
  ring[3].on_link_down(now, ring.ids[4], intents);
  EXPECT_TRUE(intents.replica_set_changed);
  ring[3].replica_set(copies);
  EXPECT_EQ(copies, (std::vector<NodeId>{ring.ids[5]}));
  for (intents.clear(); !intents.replica_set_changed;) {
    const MonotonicTime next = ring[3].next_timer();
    ASSERT_LE(next, MonotonicTime(std::chrono::hours(1) + std::chrono::seconds(30)));
    now.monotonic = next;
    ring[3].on_timer(now, intents);
  }
  EXPECT_EQ(now.monotonic, MonotonicTime(std::chrono::hours(1) + std::chrono::seconds(30)));
  ring[3].replica_set(copies);
  EXPECT_EQ(copies, (std::vector<NodeId>{ring.ids[5], ring.ids[6]}));
}

TEST(ChordReplicas, TheLastCopyIsReplacedAtOnce) {
  PrebuiltRing ring(30);
  Now now;
  now.monotonic = MonotonicTime(std::chrono::hours(1));
  Intents intents;
  std::vector<NodeId> copies;
  ring[3].on_link_down(now, ring.ids[4], intents);
  ring[3].on_link_down(now, ring.ids[5], intents);
  ring[3].replica_set(copies);
  EXPECT_EQ(copies, (std::vector<NodeId>{ring.ids[6], ring.ids[7]}));
}

TEST(ChordResponders, NobodyKnownMayBeNearer) {
  PrebuiltRing ring(100);
  for (std::size_t n = 0; n < 1000; ++n) {
    const std::size_t at = ring.rng.below(100);
    const RingPosition wanted{ring.rng.u64(), ring.rng.u64()};
    EXPECT_TRUE(ring[at].plausible_responder(wanted, ring.owner(wanted)));
    // A liar far behind the place is caught by everyone who knows somebody in between.
    EXPECT_FALSE(ring[at].plausible_responder(ring.ids[at].position, ring.ids[(at + 1) % 100]));
  }
}

TEST(ChordEstimate, OverlaySizeAndShareOfTheRing) {
  PrebuiltRing ring(1000);
  double sum = 0;
  std::uint64_t ppb = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    sum += std::log2(ring[i].overlay_size_estimate());
    ppb += ring[i].responsible_ppb();
  }
  EXPECT_NEAR(sum / 1000, std::log2(1000.0), 0.5);
  EXPECT_NEAR(static_cast<double>(ppb), 1e9, 1000.0);
  PrebuiltRing small(5);
  EXPECT_EQ(small[0].overlay_size_estimate(), 5.0);
}

TEST(ChordMemory, APeerFitsItsShare) {
  PrebuiltRing ring(20'000);
  std::size_t most = 0;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < ring.ids.size(); ++i) {
    most = std::max(most, ring[i].memory_bytes());
    sum += ring[i].memory_bytes();
  }
  std::printf("Chord object %zu bytes; 20,000 peers: %zu bytes each, %zu the largest\n",
              sizeof(chord::Chord), sum / ring.ids.size(), most);
  EXPECT_LE(sum / ring.ids.size(), 1229U);
}

TEST(ChordLinks, WhoListsAPeerKeepsItsLink) {
  Parameters parameters;
  parameters.successors = 7;
  parameters.predecessors = 3;  // so most of those who list a peer are not listed by it
  parameters.fingers = 0;
  PrebuiltRing ring(40, parameters);
  std::vector<NodeId> listed;
  for (std::size_t i = 0; i < ring.ids.size(); ++i) {
    for (const bool after : {true, false}) {
      after ? ring[i].successors(listed) : ring[i].predecessors(listed);
      for (const NodeId& other : listed)
        EXPECT_TRUE(ring[ring.place(other)].wants(ring.ids[i])) << i;
    }
    EXPECT_FALSE(ring[i].wants(ring.ids[(i + 20) % 40])) << i;
  }
}

TEST(ChordFingers, FewerThanSixteenMeansExactlySoMany) {
  Parameters parameters;
  parameters.fingers = 2;
  parameters.successors = 2;
  PrebuiltRing ring(64, parameters);
  std::vector<NodeId> fingers;
  for (std::size_t i = 0; i < 64; ++i) {
    ring[i].fingers(fingers);
    EXPECT_LE(fingers.size(), 2U);
    for (const NodeId& finger : fingers) {
      EXPECT_GE(finger.position - ring.ids[i].position, RingPosition::power_of_two(126));
    }
  }
}

}  // namespace
}  // namespace chordial::topology
