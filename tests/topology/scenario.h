// One random life of an overlay, chosen by a seed: growth, then bursts of joins, failures, leaves,
// restarts and cut links, each burst within what the successor lists can bear.
#pragma once

#include <string>

#include "topology/world.h"

namespace chordial::topology {

struct ScenarioOptions {
  std::uint64_t seed = 1;
  std::size_t nodes_max = 64;
  unsigned bursts = 4;
  double loss = 0;    // of requests and answers
  bool cuts = false;  // links fail while both ends live
  bool reactive = true;
  Duration bound = std::chrono::seconds(90);  // from the last change to a settled overlay
};

// Empty when all went well; else what was violated and when. `always` is checked after every event
// unless messages are lost or links cut (then a live peer may be taken for a dead one for a while,
// which no list can outrun).
[[nodiscard]] std::string run_scenario(const ScenarioOptions& options);

}  // namespace chordial::topology
