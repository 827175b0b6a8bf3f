// Where messages go, and who answers for what (RFC 6940 §10.1, §10.3, §10.4, §10.7.3).
#include <algorithm>
#include <cmath>

#include "topology/chord/chord.h"
#include "topology/chord/limits.h"

namespace chordial::topology::chord {

namespace {

// The share of the whole ring that a distance spans.
double share(RingPosition distance) {
  return std::ldexp(static_cast<double>(distance.high), -64) +
         std::ldexp(static_cast<double>(distance.low), -128);
}

}  // namespace

std::size_t Chord::successors_max() const {
  return std::max<std::size_t>(1, parameters_->successors);
}

std::size_t Chord::predecessors_max() const {
  return std::max<std::size_t>(1, parameters_->predecessors);
}

std::size_t Chord::successor_count() const {
  return std::min(successors_max(), peers_.size());
}

std::size_t Chord::predecessor_count() const {
  return std::min(predecessors_max(), peers_.size());
}

bool Chord::is_neighbor(std::size_t i) const {
  return i < successors_max() || peers_.size() - i <= predecessors_max();
}

bool Chord::may_list_this(std::size_t i) const {
  const std::size_t near = std::max(successors_max(), predecessors_max());
  return i < near || peers_.size() - i <= near;
}

bool Chord::would_be_neighbor(const NodeId& node) const {
  const std::size_t before = peers_.nodes_before(node.position);
  return before < successors_max() || peers_.size() - before < predecessors_max();
}

// Whether this node may say that it is a peer: also where it is all that is left of its ring.
bool Chord::member() const {
  return phase_ == Phase::ring || phase_ == Phase::isolated ||
         (phase_ == Phase::joining && was_member_ && peers_.empty());
}

bool Chord::mesh() const {
  return parameters_->full_mesh && phase_ == Phase::ring && !peers_.empty() &&
         peers_.size() <= successors_max();
}

bool Chord::responsible(RingPosition position) const {
  if (phase_ == Phase::ring && !peers_.empty()) {
    return in_half_open(peers_.node(peers_.size() - 1).position, position, self_.position);
  }
  return member() || (phase_ == Phase::leaving && was_member_ && peers_.empty());
}

NextHop Chord::next_hop(RingPosition position) const {
  if (position == self_.position || responsible(position)) return {NextHop::Kind::self, self_};
  const NodeId exact{position};
  if (peers_.contains(exact) || others_.contains(exact)) return {NextHop::Kind::node, exact};
  if (peers_.empty()) {
    if (!joining_ || !others_.contains(joining_->bootstrap)) return {};
    return {NextHop::Kind::node, joining_->bootstrap};
  }
  const std::size_t before = peers_.nodes_before(position);
  const std::size_t behind = peers_.size() - before;
  // Deviation (§10.3: to the nearest peer before the place): among its own predecessors, and in a
  // full mesh everywhere, a peer knows who is responsible. The rule would hand the message to the
  // far side of the gap, which may be just where it came from while a node joins there.
  if (behind > 0 && (behind <= predecessor_count() || mesh())) {
    return {NextHop::Kind::node, peers_.node(before)};
  }
  return {NextHop::Kind::node, peers_.node(before == 0 ? 0 : before - 1)};
}

void Chord::replica_set(std::vector<NodeId>& nodes) const {
  nodes = replicas_;
}

bool Chord::accepts_replica(RingPosition position, const NodeId& from) const {
  if (joining_) {
    // The admitting peer hands over everything up to this node.
    return joining_->target == from && in_half_open(from.position, position, self_.position);
  }
  const auto i = peers_.find(from);
  if (!i) return false;
  // One peer of slack on either side: `from` may not have heard yet of a node that joined.
  const std::size_t behind = peers_.size() - 1 - *i;
  if (behind > parameters_->replicas) return false;
  const RingPosition lower = *i >= 2 ? peers_.node(*i - 2).position : self_.position;
  return in_half_open(lower, position, from.position);
}

bool Chord::keeps(RingPosition position) const {
  if (phase_ != Phase::ring || peers_.size() <= parameters_->replicas) return true;
  const std::size_t first = peers_.size() - 1 - parameters_->replicas;
  return in_half_open(peers_.node(first).position, position, self_.position);
}

bool Chord::plausible_responder(RingPosition position, const NodeId& responder) const {
  const RingPosition theirs = responder.position - position;
  if (phase_ == Phase::ring && self_.position - position < theirs) return false;
  if (peers_.empty()) return true;
  // The nearest peer at or after the position, going round.
  const std::size_t at = peers_.nodes_before(position);
  return theirs <= peers_.node(at == peers_.size() ? 0 : at).position - position;
}

void Chord::successors(std::vector<NodeId>& nodes) const {
  nodes.clear();
  for (std::size_t i = 0; i < successor_count(); ++i)
    nodes.push_back(peers_.node(i));
}

void Chord::predecessors(std::vector<NodeId>& nodes) const {
  nodes.clear();
  for (std::size_t i = 0; i < predecessor_count(); ++i)
    nodes.push_back(peers_.node(peers_.size() - 1 - i));
}

bool Chord::wants(const NodeId& node) const {
  if (const auto i = peers_.find(node)) {
    if (may_list_this(*i) || (peers_.marks(*i) & mark_finger) != 0) return true;
  }
  if (joining_ && (joining_->bootstrap == node || joining_->target == node)) return true;
  return std::any_of(pending_.begin(), pending_.end(),
                     [&](const Pending& pending) { return pending.node == node; }) ||
         std::any_of(admitting_.begin(), admitting_.end(),
                     [&](const Admitting& admitting) { return admitting.node == node; });
}

// From the density of the neighborhood: k nodes beside this one span k gaps.
double Chord::overlay_size_estimate() const {
  if (peers_.size() <= successors_max()) return static_cast<double>(peers_.size() + 1);
  const std::size_t after = successor_count();
  const std::size_t behind = std::min(predecessor_count(), peers_.size() - after);
  double span = share(peers_.distance(after - 1));
  if (behind > 0) span += share(RingPosition{} - peers_.distance(peers_.size() - behind));
  const double estimate = static_cast<double>(after + behind) / std::max(span, 1e-36);
  return std::max(estimate, static_cast<double>(peers_.size() + 1));
}

std::uint32_t Chord::responsible_ppb() const {
  if (phase_ == Phase::ring && !peers_.empty()) {
    return static_cast<std::uint32_t>(
        1e9 * share(self_.position - peers_.node(peers_.size() - 1).position));
  }
  return responsible(self_.position) ? 1'000'000'000 : 0;
}

std::size_t Chord::memory_bytes() const {
  return sizeof(*this) + peers_.heap_bytes() + others_.heap_bytes() +
         pending_.capacity() * sizeof(Pending) + shunned_.capacity() * sizeof(Shunned) +
         admitting_.capacity() * sizeof(Admitting) + replicas_.capacity() * sizeof(NodeId) +
         (joining_ ? sizeof(Joining) : 0);
}

Duration Chord::jittered(Duration around) const {
  return Duration(static_cast<Duration::rep>(static_cast<double>(around.count()) *
                                             (0.75 + 0.5 * rng_->fraction())));
}

std::uint32_t Chord::uptime_s(Now now) const {
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(now.monotonic - started_);
  return static_cast<std::uint32_t>(std::max<std::int64_t>(0, up.count()));
}

}  // namespace chordial::topology::chord
