#include "topology/chord/chord.h"

#include <algorithm>

#include "topology/chord/limits.h"

namespace chordial::topology::chord {

Chord::Chord(const NodeId& self, const Parameters& parameters, Rng& rng)
    : self_(self), parameters_(&parameters), rng_(&rng), peers_(self), others_(self) {
}

MonotonicTime Chord::next_timer() const {
  MonotonicTime next = std::min({flush_at_, stabilize_at_, finger_at_, hold_until_});
  if (joining_) next = std::min(next, joining_->step_at);
  return next;
}

void Chord::on_timer(Now now, Intents& intents) {
  if (joining_ && joining_->step_at <= now.monotonic) joining_step(now, intents);
  if (hold_until_ <= now.monotonic) {
    hold_until_ = never;
    refresh_replicas(now, intents);
  }
  if (stabilize_at_ <= now.monotonic) stabilize(now, intents);
  if (finger_at_ <= now.monotonic) search_round(now, intents);
  settle(now, intents);
  if (flush_at_ <= now.monotonic) flush(now, intents);
}

}  // namespace chordial::topology::chord
