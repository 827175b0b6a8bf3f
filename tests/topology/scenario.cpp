#include "topology/scenario.h"

#include <algorithm>

namespace chordial::topology {

namespace {

class Scenario {
 public:
  explicit Scenario(const ScenarioOptions& options)
      : options_(options), dice_(options.seed, 0x7363656e), world_(world_options()) {}

  std::string run() {
    grow();
    if (!settle("growth")) return text_;
    for (unsigned burst = 0; burst < options_.bursts; ++burst) {
      run_burst();
      if (!settle("burst " + std::to_string(burst))) return text_;
    }
    return text_;
  }

 private:
  WorldOptions world_options() {
    WorldOptions options;
    options.seed = options_.seed;
    options.loss = options_.loss;
    Parameters& parameters = options.parameters;
    parameters.successors = static_cast<std::uint8_t>(2 + dice_.below(7));
    parameters.predecessors = static_cast<std::uint8_t>(1 + dice_.below(3));
    parameters.replicas = static_cast<std::uint8_t>(dice_.below(3));
    parameters.fingers = static_cast<std::uint8_t>(dice_.below(3) == 0 ? 2 : 16);
    parameters.full_mesh = dice_.below(2) == 0;
    parameters.reactive = options_.reactive;
    parameters.replica_hold_s = 5;
    parameters.update_interval_s = options_.reactive ? 600 : 10;
    parameters.ping_interval_s = 60;
    return options;
  }

  Duration some(std::uint64_t milliseconds_max) {
    return std::chrono::milliseconds(dice_.below(milliseconds_max));
  }
  NodeId any(const std::vector<NodeId>& nodes) { return nodes[dice_.below(nodes.size())]; }

  void grow() {
    world_.check_always = options_.loss == 0 && !options_.cuts;
    world_.start_first(world_.new_id());
    const std::size_t nodes = 1 + dice_.below(options_.nodes_max);
    const bool crowd = dice_.below(2) == 0;
    for (std::size_t i = 1; i < nodes; ++i) {
      world_.join(world_.new_id(), any(world_.members()));
      if (!crowd) world_.run_for(some(1500));
    }
  }

  void run_burst() {
    const std::vector<NodeId> ring = world_.members();
    const std::size_t bearable =
        std::min<std::size_t>(world_.parameters().successors - 1U, ring.size() / 2);
    std::size_t gone = 0;
    std::vector<NodeId> restarting;
    for (unsigned step = 0; step < 1 + dice_.below(4); ++step) {
      const std::uint64_t what = dice_.below(10);
      if (what < 4) {
        const std::uint64_t count = 1 + dice_.below(4);
        for (std::uint64_t i = 0; i < count; ++i)
          world_.join(near_or_new(ring), any(world_.members()));
      } else if (what < 7 && gone < bearable) {
        // Neighbors at once: the worst place to fail.
        const std::size_t start = dice_.below(ring.size());
        const std::size_t count = 1 + dice_.below(bearable - gone);
        for (std::size_t i = 0; i < count; ++i) {
          const NodeId victim = ring[(start + i) % ring.size()];
          world_.kill(victim);
          if (dice_.below(3) == 0) restarting.push_back(victim);
          ++gone;
        }
      } else if (what < 8 && gone < bearable) {
        world_.leave(any(ring));
        ++gone;
      } else if (options_.cuts && ring.size() > 2) {
        world_.cut(any(ring), any(ring));
      }
      world_.run_for(some(4000));
      const std::vector<NodeId> members = world_.members();
      if (!restarting.empty() && !members.empty() && dice_.below(2) == 0) {
        world_.join(restarting.back(), any(members));
        restarting.pop_back();
      }
    }
  }

  // Half of the new nodes come between the same two neighbors.
  NodeId near_or_new(const std::vector<NodeId>& ring) {
    if (dice_.below(2) == 0) return world_.new_id();
    NodeId id = ring.front();
    id.position = id.position + RingPosition{dice_.below(1U << 20U), dice_.u64()};
    return id;
  }

  bool settle(const std::string& when) {
    const MonotonicTime start = world_.now().monotonic;
    const bool settled = world_.settles_within(options_.bound);
    if (!settled) {
      text_ += "seed " + std::to_string(options_.seed) + " not settled after " + when + "\n" +
               world_.settled_text();
    }
    for (const auto& violation : world_.violations) {
      text_ += "seed " + std::to_string(options_.seed) + " during " + when + ": " +
               violation.checker + " at " + violation.node.hex().substr(0, 8) + ": " +
               violation.text + "\n";
    }
    longest = std::max(longest, world_.now().monotonic - start);
    return text_.empty();
  }

 public:
  Duration longest{};

 private:
  ScenarioOptions options_;
  Rng dice_;
  World world_;
  std::string text_;
};

}  // namespace

std::string run_scenario(const ScenarioOptions& options) {
  return Scenario(options).run();
}

}  // namespace chordial::topology
