// The finger table (RFC 6940 §10.7.2, §10.7.4.2, §10.7.4.3): one chosen peer for each interval
// [x + 2^(128-i), x + 2^(129-i) - 1] that the successor list does not reach. For speed only.
#include <algorithm>
#include <bit>

#include "topology/chord/chord.h"
#include "topology/chord/limits.h"

namespace chordial::topology::chord {

// 1 for the far half of the ring, 2 for the quarter before it, up to 128.
unsigned Chord::interval_of(const NodeId& node) const {
  const RingPosition distance = peers_.distance(node.position);
  if (distance.high != 0) return static_cast<unsigned>(std::countl_zero(distance.high)) + 1;
  return static_cast<unsigned>(std::countl_zero(distance.low)) + 65;
}

// The interval that the successor list ends in: it and all nearer ones need no finger. 0 while
// every peer is known.
unsigned Chord::depth() const {
  if (peers_.size() < successors_max()) return 0;
  return interval_of(peers_.node(successor_count() - 1));
}

// How many intervals want a finger. §10.7.4.3: at least 16, and all that the successor list does
// not reach; an overlay that asks for fewer than 16 gets exactly those.
unsigned Chord::wanted_fingers() const {
  const unsigned reach = depth();
  const unsigned uncovered = reach == 0 ? 0 : reach - 1;
  const unsigned most = parameters_->fingers < 16 ? parameters_->fingers : fingers_max;
  return std::min(uncovered, most);
}

std::optional<std::size_t> Chord::finger(unsigned interval) const {
  std::size_t i = peers_.nodes_before(self_.position + RingPosition::power_of_two(128 - interval));
  for (; i < peers_.size() && interval_of(peers_.node(i)) == interval; ++i) {
    if ((peers_.marks(i) & mark_finger) != 0) return i;
  }
  return std::nullopt;
}

// The start of the interval, or a random place in it.
RingPosition Chord::position_in(unsigned interval, bool exact) {
  const unsigned exponent = 128 - interval;
  const RingPosition start = self_.position + RingPosition::power_of_two(exponent);
  if (exact) return start;
  RingPosition offset{rng_->u64(), rng_->u64()};
  if (exponent >= 64) {
    offset.high &= RingPosition::power_of_two(exponent).high - 1;
  } else {
    offset = {0, offset.low & (RingPosition::power_of_two(exponent).low - 1)};
  }
  return start + offset;
}

void Chord::search(unsigned interval, bool exact, Intents& intents) {
  intents.ping.push_back({position_in(interval, exact), std::nullopt, std::nullopt});
}

// Deviation (§10.5: Attach to n + 2^(128-i) at once): a Ping finds who is there, so that no
// candidates are gathered for a peer that is linked already.
void Chord::search_round(Now now, Intents& intents) {
  finger_at_ = never;
  if (phase_ != Phase::ring) return;
  const unsigned wanted = wanted_fingers();
  if (search_rounds_ > 0) {
    const bool first = search_rounds_ == 2;
    --search_rounds_;
    searched_depth_ = static_cast<std::uint8_t>(std::max<unsigned>(searched_depth_, depth()));
    for (unsigned interval = 1; interval <= wanted; ++interval) {
      if (!finger(interval)) search(interval, first, intents);
    }
  } else {
    // §10.7.4.2, alternative 1: one entry, the far ones exponentially more often.
    for (unsigned interval = 1; interval <= wanted; ++interval) {
      if (finger(interval) || rng_->below(2) == 0) continue;
      search(interval, false, intents);
      break;
    }
  }
  const std::uint32_t rest_s = std::max<std::uint32_t>(1, parameters_->ping_interval_s);
  finger_at_ = now.monotonic +
               jittered(search_rounds_ > 0 ? search_again : Duration(std::chrono::seconds(rest_s)));
}

void Chord::finger_lost(unsigned interval, Intents& intents) {
  if (phase_ != Phase::ring || interval > wanted_fingers()) return;
  std::size_t i = peers_.nodes_before(self_.position + RingPosition::power_of_two(128 - interval));
  for (; i < peers_.size() && interval_of(peers_.node(i)) == interval; ++i) {
    offer_finger(i, false);
    if ((peers_.marks(i) & mark_finger) != 0) return;
  }
  if (parameters_->reactive) search(interval, false, intents);
}

// A ready peer becomes the finger of its interval if there is none. One that was not sought, but
// came by itself, must lie in the near half: the links of others crowd right behind this node.
void Chord::offer_finger(std::size_t i, bool sought) {
  const NodeId& node = peers_.node(i);
  const unsigned interval = interval_of(node);
  if (interval > wanted_fingers() || finger(interval)) return;
  const RingPosition size = RingPosition::power_of_two(128 - interval);
  const RingPosition into = peers_.distance(node.position) - size;
  const bool near_half = interval == 128 || into < RingPosition::power_of_two(127 - interval);
  if (sought || near_half) peers_.marks(i) |= mark_finger;
}

void Chord::on_ping_answered(Now now, const PingIntent& ping, std::optional<NodeId> responder,
                             Intents& intents) {
  if (!responder || phase_ != Phase::ring || *responder == self_) return;
  if (*responder == invalid_node_id || *responder == wildcard_node_id) return;
  const auto i = peers_.find(*responder);
  if (ping.via) {
    // §10.7.4.4: the place after this node belongs to another ring.
    if (!i) attach(now, *responder, &*ping.via, false, intents);
    return;
  }
  if (i) {
    offer_finger(*i, true);
    return;
  }
  const unsigned interval = interval_of(*responder);
  if (interval > wanted_fingers() || finger(interval)) return;
  attach(now, *responder, nullptr, true, intents);
}

// Deviation (§10.7.4.4: a Ping for the own Node-ID): that one comes back to this node itself
// wherever the ring is whole; the successor is responsible for the place after.
void Chord::check_partition(Now, const NodeId& bootstrap, Intents& intents) {
  if (phase_ != Phase::ring) return;
  intents.ping.push_back({self_.position + RingPosition{0, 1}, std::nullopt, bootstrap});
}

void Chord::fingers(std::vector<NodeId>& nodes) const {
  nodes.clear();
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if ((peers_.marks(i) & mark_finger) != 0) nodes.push_back(peers_.node(i));
  }
}

}  // namespace chordial::topology::chord
