// Whole nodes in a simulation: their phones register, call and write, nodes die and come back, and
// the run is the same again.
#include <gtest/gtest.h>

#include "sim/simulation.h"

namespace chordial::sim {
namespace {

Scenario whole(std::uint32_t peers) {
  Scenario scenario;
  scenario.name = "whole";
  scenario.duration_s = 60;
  scenario.overlay.peers = peers;
  scenario.overlay.successors = 4;
  scenario.network.latency = {Duration(5'000), Duration(40'000)};
  scenario.node = NodeFidelity::whole;
  scenario.link = LinkFidelity::wire;
  scenario.workload.users = 2 * peers;
  scenario.workload.lookups_per_peer_min = 6;
  scenario.workload.calls_per_user_min = 2;
  scenario.workload.messages_per_user_min = 4;
  return scenario;
}

void expect_no_violation(const Results& results) {
  for (const Violation& v : results.violations)
    ADD_FAILURE() << v.time_s << " s " << v.checker << ' ' << v.node << ' ' << v.text;
}

TEST(WholeNodes, RegisterCallAndWrite) {
  const Results results = run(whole(8), "");
  expect_no_violation(results);
  EXPECT_EQ(results.registrations_acknowledged, 16U);
  EXPECT_EQ(results.registrations_lost, 0U);
  EXPECT_GT(results.calls.started, 10U);
  EXPECT_EQ(results.calls.correct, results.calls.started);
  EXPECT_EQ(results.calls_ended, results.calls.correct);
  EXPECT_GT(results.call_setup_ms.mean, 10);
  EXPECT_LT(results.call_setup_ms.p99, 2'000);
  EXPECT_GT(results.messages.started, 30U);
  EXPECT_EQ(results.messages.correct, results.messages.started);
  EXPECT_GT(results.lookups.started, 20U);
  EXPECT_EQ(results.lookups.correct, results.lookups.started);
}

TEST(WholeNodes, TheSameAgainWithTwoThreadsAndDeathsAndLoss) {
  Scenario scenario = whole(10);
  scenario.network.loss = 0.02;
  scenario.faults.push_back({10, FaultKind::restart, 0.2, 2, 30});
  const Results once = run(scenario, "");
  EXPECT_GT(once.calls.correct, 10U);
  EXPECT_EQ(run(scenario, "").trace_sha256, once.trace_sha256);
  scenario.threads = 2;
  const Results other = run(scenario, "");
  EXPECT_EQ(other.trace_sha256, once.trace_sha256);
  EXPECT_EQ(other.calls.correct, once.calls.correct);
  EXPECT_EQ(other.messages.correct, once.messages.correct);
  scenario.seed = 2;
  EXPECT_NE(run(scenario, "").trace_sha256, once.trace_sha256);
}

TEST(WholeNodes, ANodeThatComesBackServesItsPhones) {
  Scenario scenario = whole(6);
  scenario.duration_s = 120;
  scenario.faults.push_back({5, FaultKind::restart, 0.6, 2, 30});
  const Results results = run(scenario, "");
  expect_no_violation(results);
  EXPECT_EQ(results.registrations_acknowledged, 12U);
  EXPECT_EQ(results.registrations_lost, 0U);
  EXPECT_LT(results.calls.correct, results.calls.started);  // some called into the pause
  EXPECT_GT(results.calls.success(), 0.6);
  EXPECT_GT(results.messages.success(), 0.6);
}

}  // namespace
}  // namespace chordial::sim
