// The state a settled ring would have, without the hours of joining: the simulator starts a million
// peers from it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "topology/chord/chord.h"

namespace chordial::topology::chord {

class PrebuiltChord {
 public:
  // `ring`: all members, ascending, `self` among them. Fingers are chosen as a joining peer does
  // (the peer responsible for the start of each interval). Periodic work starts at a random moment
  // of its interval. O(log n) look-ups in `ring`; nothing is kept of it.
  static PrebuiltChord make(Now now, const NodeId& self, const Parameters& parameters, Rng& rng,
                            std::span<const NodeId> ring);

  // The peers this one keeps a link with by its own choice, nearest first. Each of those must know
  // the link too: link() at its end, before the run starts.
  [[nodiscard]] const std::vector<NodeId>& links() const { return links_; }

  // `peer`, a settled member, has a link to this one; linking what is linked changes nothing.
  void link(const NodeId& peer);

  [[nodiscard]] Chord& plugin() { return *chord_; }
  [[nodiscard]] std::unique_ptr<Chord> take() { return std::move(chord_); }

 private:
  PrebuiltChord() = default;

  std::unique_ptr<Chord> chord_;
  std::vector<NodeId> links_;
};

}  // namespace chordial::topology::chord
