// What happens to a simulation from outside, at which moment: faults, phases of the workload,
// samples. In the order of time, and of entry where times are equal.
#pragma once

#include <functional>
#include <map>

#include "base/time.h"

namespace chordial::sim {

class Script {
 public:
  using Action = std::function<void(Now)>;

  void at(MonotonicTime time, Action action) { actions_.emplace(time, std::move(action)); }
  [[nodiscard]] MonotonicTime next() const {
    return actions_.empty() ? never : actions_.begin()->first;
  }
  // The first one, which may enter others.
  void perform(Now now) {
    const Action action = std::move(actions_.begin()->second);
    actions_.erase(actions_.begin());
    action(now);
  }

 private:
  std::multimap<MonotonicTime, Action> actions_;
};

}  // namespace chordial::sim
