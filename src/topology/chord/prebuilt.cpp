#include "topology/chord/prebuilt.h"

#include <algorithm>

#include "topology/chord/limits.h"

namespace chordial::topology::chord {

namespace {

// Where the first member at or after `position` stands in the ring.
std::size_t at_or_after(std::span<const NodeId> ring, RingPosition position) {
  const auto at = std::lower_bound(ring.begin(), ring.end(), NodeId{position});
  return at == ring.end() ? 0 : static_cast<std::size_t>(at - ring.begin());
}

}  // namespace

PrebuiltChord PrebuiltChord::make(Now now, const NodeId& self, const Parameters& parameters,
                                  Rng& rng, std::span<const NodeId> ring) {
  PrebuiltChord prebuilt;
  prebuilt.chord_ = std::make_unique<Chord>(self, parameters, rng);
  Chord& chord = *prebuilt.chord_;
  const std::size_t size = ring.size();
  const std::size_t place = at_or_after(ring, self.position);
  for (std::size_t step = 1; step < size; ++step) {
    const bool neighbor = step <= chord.successors_max() || size - step <= chord.predecessors_max();
    if (neighbor) prebuilt.links_.push_back(ring[(place + step) % size]);
    if (step == chord.successors_max()) {
      step = std::max(step, size - std::min(size, chord.predecessors_max() + 1));
    }
  }
  for (const NodeId& node : prebuilt.links_)
    chord.peers_.insert(node, mark_ours);
  for (unsigned interval = 1; interval <= chord.wanted_fingers(); ++interval) {
    const NodeId node = ring[at_or_after(ring, chord.position_in(interval, true))];
    if (node == self || chord.interval_of(node) != interval) continue;
    if (const auto i = chord.peers_.find(node)) {
      chord.peers_.marks(*i) |= mark_finger;
    } else {
      chord.peers_.insert(node, mark_ours | mark_finger);
      prebuilt.links_.push_back(node);
    }
  }
  chord.phase_ = Phase::ring;
  chord.was_member_ = true;
  chord.started_ = now.monotonic;
  chord.searched_depth_ = static_cast<std::uint8_t>(chord.depth());
  const std::size_t copies = std::min<std::size_t>(parameters.replicas, chord.successor_count());
  for (std::size_t i = 0; i < copies; ++i)
    chord.replicas_.push_back(chord.peers_.node(i));
  chord.stabilize_interval_s_ = std::max<std::uint32_t>(1, parameters.update_interval_s);
  const auto within = [&](std::uint32_t seconds) {
    return now.monotonic + Duration(static_cast<Duration::rep>(1e6 * seconds * rng.fraction()));
  };
  if (size > 1) {
    const std::size_t turns =
        std::min(size - 1, chord.successor_count() + chord.predecessor_count());
    chord.turn_ = static_cast<std::uint8_t>(rng.below(turns));
    chord.stabilize_at_ = within(parameters.update_interval_s);
    chord.finger_at_ = within(parameters.ping_interval_s);
  }
  return prebuilt;
}

void PrebuiltChord::link(const NodeId& peer) {
  Chord& chord = *chord_;
  if (peer == chord.self_ || chord.peers_.contains(peer)) return;
  if (chord.peers_.size() < peers_max) chord.peers_.insert(peer, 0);
}

}  // namespace chordial::topology::chord
