// A settled ring of Chord peers at once, with both ends of every link, for tests of routing.
#pragma once

#include <algorithm>
#include <deque>
#include <map>

#include "topology/chord/invariants.h"
#include "topology/chord/prebuilt.h"

namespace chordial::topology {

struct PrebuiltRing {
  explicit PrebuiltRing(std::size_t count, Parameters wanted = {}, std::uint64_t seed = 1)
      : parameters(wanted), rng(seed, 0) {
    for (std::size_t i = 0; i < count; ++i)
      ids.push_back(NodeId{{rng.u64(), rng.u64()}});
    std::sort(ids.begin(), ids.end());
    Now now;
    now.monotonic = MonotonicTime(std::chrono::hours(1));
    for (const NodeId& id : ids)
      peers.push_back(chord::PrebuiltChord::make(now, id, parameters, rng, ids));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      links += peers[i].links().size();
      for (const NodeId& other : peers[i].links())
        peers[place(other)].link(ids[i]);
    }
    for (std::size_t i = 0; i < ids.size(); ++i)
      views.push_back({ids[i], &peers[i].plugin()});
  }

  [[nodiscard]] std::size_t place(const NodeId& id) const {
    return static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  }
  [[nodiscard]] chord::Chord& operator[](std::size_t i) { return peers[i].plugin(); }
  // The member responsible for a position, by looking at all of them.
  [[nodiscard]] const NodeId& owner(RingPosition position) const {
    const auto at = std::lower_bound(ids.begin(), ids.end(), NodeId{position});
    return at == ids.end() ? ids.front() : *at;
  }

  Parameters parameters;
  Rng rng;
  std::vector<NodeId> ids;
  std::deque<chord::PrebuiltChord> peers;
  std::vector<chord::NodeView> views;
  std::size_t links = 0;  // that somebody wants, both directions counted
};

}  // namespace chordial::topology
