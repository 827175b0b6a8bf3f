// Whole simulations: they end well, they are the same again, and they notice what is wrong.
#include "sim/simulation.h"

#include <gtest/gtest.h>
#include <sstream>

#include "sim/command.h"

namespace chordial::sim {
namespace {

Scenario small(std::uint32_t peers) {
  Scenario scenario;
  scenario.name = "test";
  scenario.duration_s = 20;
  scenario.overlay.peers = peers;
  scenario.overlay.successors = 4;
  scenario.overlay.links_max = 16;
  scenario.network.latency = {Duration(5'000), Duration(40'000)};
  scenario.workload.users = std::min<std::uint32_t>(peers, 20);
  scenario.workload.lookups_per_peer_min = 12;
  return scenario;
}

void expect_well(const Results& results) {
  for (const Violation& v : results.violations)
    ADD_FAILURE() << v.time_s << " s " << v.checker << ' ' << v.node << ' ' << v.text;
  EXPECT_GT(results.lookups.started, 0u);
  EXPECT_EQ(results.lookups.correct, results.lookups.started);
  EXPECT_EQ(results.registrations_lost, 0u);
}

TEST(Simulation, SmallRingFormsByJoiningAndServes) {
  const Results results = run(small(24), "");
  expect_well(results);
  EXPECT_EQ(results.registrations_acknowledged, 20u);
  EXPECT_GT(results.maintenance_bps, 0);
  EXPECT_GT(results.hops.mean, 0.5);
  EXPECT_GE(results.simulated_s, 20);
}

TEST(Simulation, OnePeerIsAnOverlay) {
  Scenario scenario = small(1);
  const Results results = run(scenario, "");
  expect_well(results);
  EXPECT_EQ(results.hops.mean, 0);
}

TEST(Simulation, PrebuiltRingServesFromTheStart) {
  const Results results = run(small(600), "");
  expect_well(results);
  EXPECT_LT(results.hops.mean, 0.7 * 9.2);  // log2 600 = 9.2
}

TEST(Simulation, TheSameAgainWithOneThreadAndTwoAndThree) {
  Scenario scenario = small(400);
  scenario.network.loss = 0.02;
  scenario.network.reorder = 0.05;
  scenario.faults.push_back({5, FaultKind::kill, 0.1, 2, std::nullopt});
  const Results once = run(scenario, "");
  EXPECT_EQ(once.trace_sha256.size(), 64u);
  EXPECT_EQ(run(scenario, "").trace_sha256, once.trace_sha256);
  for (const unsigned threads : {2U, 3U}) {
    scenario.threads = threads;
    const Results other = run(scenario, "");
    EXPECT_EQ(other.trace_sha256, once.trace_sha256);
    EXPECT_EQ(other.events, once.events);
    EXPECT_EQ(other.lookups.correct, once.lookups.correct);
    EXPECT_EQ(other.latency_ms.p99, once.latency_ms.p99);
  }
  scenario.seed = 2;
  EXPECT_NE(run(scenario, "").trace_sha256, once.trace_sha256);
}

TEST(Simulation, TheSameAgainWhereNodesJoinDieAndComeBack) {
  Scenario scenario = small(40);
  scenario.churn = {ChurnModel::exponential, 60};
  scenario.faults.push_back({5, FaultKind::partition, 0, 2, 10});
  scenario.faults.push_back({12, FaultKind::restart, 0.2, 2, 15});
  const Results once = run(scenario, "");
  scenario.threads = 2;
  EXPECT_EQ(run(scenario, "").trace_sha256, once.trace_sha256);
}

TEST(Simulation, KilledPeersAreMissedAndTheRestRecovers) {
  Scenario scenario = small(60);
  scenario.duration_s = 200;
  scenario.workload.lookups_per_peer_min = 2;
  scenario.faults.push_back({10, FaultKind::kill, 0.2, 2, std::nullopt});
  const Results results = run(scenario, "");
  for (const Violation& v : results.violations)
    ADD_FAILURE() << v.time_s << " s " << v.checker << ' ' << v.node << ' ' << v.text;
  EXPECT_GT(results.lookups.success(), 0.9);
  EXPECT_EQ(results.registrations_lost, 0u);
}

TEST(Simulation, UnmetExpectationsAreShortcomings) {
  Results results;
  results.lookups.started = 10;
  results.lookups.correct = 9;
  results.registrations_lost = 2;
  results.forged_accepted = 1;
  Expectations expect;
  EXPECT_TRUE(shortcomings(results, expect).empty());
  expect.lookup_success_min = 0.95;
  expect.lost_max = 1;
  expect.forged_max = 0;
  EXPECT_EQ(shortcomings(results, expect).size(), 3u);
  results.violations.push_back({1, "one_ring", "", "two rings"});
  EXPECT_EQ(shortcomings(results, Expectations{}).size(), 1u);
}

TEST(Command, SaysWhatIsWrongWithAScenario) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_command({"/no/such/file.toml", {}, {}, false, ""}, out, err), 2);
  EXPECT_EQ(out.str(), "");
  EXPECT_NE(err.str().find("/no/such/file.toml"), std::string::npos);
}

TEST(Command, PrintsTheFieldsOthersRelyOn) {
  Results results;
  results.scenario = "x";
  const std::string json = to_json(results);
  for (const char* field : {"\"scenario\"",
                            "\"seed\"",
                            "\"trace_sha256\"",
                            "\"peers\"",
                            "\"simulated_s\"",
                            "\"wall_s\"",
                            "\"cpu_s\"",
                            "\"speedup\"",
                            "\"rss_peak_bytes\"",
                            "\"bytes_per_peer\"",
                            "\"events\"",
                            "\"lookups\"",
                            "\"started\"",
                            "\"correct\"",
                            "\"wrong\"",
                            "\"error\"",
                            "\"timeout\"",
                            "\"hops\"",
                            "\"mean\"",
                            "\"p50\"",
                            "\"p99\"",
                            "\"latency_ms\"",
                            "\"maintenance_bps\"",
                            "\"keepalive_bps\"",
                            "\"registrations\"",
                            "\"acknowledged\"",
                            "\"lost\"",
                            "\"forged_accepted\"",
                            "\"violations\"",
                            "\"replay_command\""}) {
    EXPECT_NE(json.find(field), std::string::npos) << field;
  }
}

}  // namespace
}  // namespace chordial::sim
