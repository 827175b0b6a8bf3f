// The simulator's door: runs a scenario to its end. The same seed gives the same trace, byte for
// byte, on any number of threads.
#pragma once

#include <functional>

#include "sim/results.h"
#include "sim/scenario.h"

namespace chordial::sim {

struct RunOptions {
  // Called now and then from the calling thread; may be empty.
  std::function<void(double simulated_s, std::uint64_t events)> progress;
};

// `command` is what shall be typed to see the same run again, without seed and threads.
[[nodiscard]] Results run(const Scenario& scenario, const std::string& command,
                          const RunOptions& options = {});

}  // namespace chordial::sim
