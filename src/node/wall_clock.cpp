#include "node/wall_clock.h"

#include <algorithm>

namespace chordial::node {

Now WallClock::at(Now system) {
  using std::chrono::milliseconds;
  if (!running_) {
    running_ = true;
    ahead_ = std::max(floor_ - system.wall, milliseconds(0));
  } else {
    const auto passed =
        std::chrono::duration_cast<milliseconds>(system.monotonic - last_.monotonic);
    const milliseconds step = system.wall - last_.wall - passed;
    // A step forward takes back what one backward made necessary, and no more.
    if (step <= -step_min || step >= step_min) ahead_ = std::max(ahead_ - step, milliseconds(0));
  }
  last_ = system;
  return {system.monotonic, system.wall + ahead_};
}

}  // namespace chordial::node
