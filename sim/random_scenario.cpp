#include <algorithm>

#include "base/rng.h"
#include "sim/scenario.h"

namespace chordial::sim {

namespace {

Fault random_fault(Rng& rng, double duration_s) {
  Fault fault;
  fault.at_s = 5 + rng.fraction() * duration_s / 3;
  fault.kind = static_cast<FaultKind>(rng.below(3));
  if (fault.kind == FaultKind::partition) {
    fault.groups = 2 + static_cast<std::uint32_t>(rng.below(2));
  } else {
    fault.fraction = rng.fraction() * 0.3;
  }
  if (fault.kind != FaultKind::kill) {
    fault.heal_at_s = fault.at_s + 1 + rng.fraction() * (duration_s / 3);
  }
  return fault;
}

// Whole nodes with a phone each, drawn apart from the rest so that other seeds keep their
// scenarios.
constexpr std::uint64_t whole_every = 8;
constexpr std::uint32_t whole_peers_most = 24;

void make_whole(Scenario& scenario) {
  Rng rng(scenario.seed, 0x77686f6c65);
  scenario.node = NodeFidelity::whole;
  scenario.link = LinkFidelity::wire;
  scenario.overlay.peers = std::min(scenario.overlay.peers, whole_peers_most);
  scenario.workload.users = scenario.overlay.peers;
  scenario.workload.calls_per_user_min = rng.fraction() * 2;
  scenario.workload.messages_per_user_min = rng.fraction() * 4;
}

}  // namespace

Scenario random_scenario(std::uint64_t seed) {
  Rng rng(seed, 0x7363656e6172696f);
  Scenario scenario;
  scenario.name = "fuzz-" + std::to_string(seed);
  scenario.seed = seed;
  scenario.duration_s = 120 + static_cast<double>(rng.below(120));
  scenario.threads = 1 + static_cast<unsigned>(rng.below(2));
  scenario.overlay.peers = 1 + static_cast<std::uint32_t>(rng.below(rng.below(4) == 0 ? 150 : 40));
  scenario.overlay.successors = static_cast<std::uint8_t>(2 + rng.below(7));
  scenario.overlay.replicas = static_cast<std::uint8_t>(
      1 + rng.below(std::min<std::uint64_t>(3, scenario.overlay.successors - 1)));
  const auto least = static_cast<std::int64_t>(1'000 + rng.below(40'000));
  scenario.network.latency = {Duration(least),
                              Duration(least + static_cast<std::int64_t>(rng.below(100'000)))};
  if (rng.below(2) == 0) scenario.network.loss = rng.fraction() * 0.05;
  if (rng.below(2) == 0) scenario.network.reorder = rng.fraction() * 0.1;
  if (rng.below(4) == 0) {
    scenario.churn = {ChurnModel::exponential, 120 + rng.fraction() * 600};
  }
  scenario.workload.users = 1 + static_cast<std::uint32_t>(rng.below(scenario.overlay.peers));
  scenario.workload.lookups_per_peer_min = rng.fraction() * 10;
  for (std::uint64_t n = rng.below(3); n > 0; --n)
    scenario.faults.push_back(random_fault(rng, scenario.duration_s));
  scenario.expect.forged_max = 0;
  if (seed % whole_every == 0) make_whole(scenario);
  return scenario;
}

}  // namespace chordial::sim
