// Scenario files: every key is read, every mistake is named with its line.
#include "sim/scenario.h"

#include <gtest/gtest.h>

namespace chordial::sim {
namespace {

TEST(Scenario, EveryKeyIsRead) {
  const auto scenario = read_scenario(R"(
name = "all"
seed = 7
duration_s = 100
threads = 2
[overlay]
algorithm = "chord"
peers = 64
replicas = 1
successors = 4
links_max = 30
[network]
latency = [5, 50]
loss = 0.01
reorder = 0.02
nat = "none"
[fidelity]
link = "message"
crypto = "mock"
[churn]
model = "exponential"
median_session_s = 900
[workload]
users = 10
lookups_per_peer_min = 1.5
[[fault]]
at_s = 10
kind = "kill"
fraction = 0.25
[[fault]]
at_s = 20
kind = "partition"
groups = 3
heal_at_s = 30
[[fault]]
at_s = 40
kind = "restart"
fraction = 0.5
heal_at_s = 60
[hostile]
fraction = 0
behaviour = ""
[expect]
lookup_success_min = 0.9
lost_max = 3
forged_max = 0
)");
  ASSERT_TRUE(scenario) << scenario.error().line << ": " << scenario.error().text;
  EXPECT_EQ(scenario->name, "all");
  EXPECT_EQ(scenario->seed, 7u);
  EXPECT_EQ(scenario->duration_s, 100);
  EXPECT_EQ(scenario->threads, 2u);
  EXPECT_EQ(scenario->overlay.peers, 64u);
  EXPECT_EQ(scenario->overlay.replicas, 1);
  EXPECT_EQ(scenario->overlay.successors, 4);
  EXPECT_EQ(scenario->overlay.links_max, 30u);
  EXPECT_EQ(scenario->network.latency.least, Duration(5'000));
  EXPECT_EQ(scenario->network.latency.most, Duration(50'000));
  EXPECT_EQ(scenario->network.loss, 0.01);
  EXPECT_EQ(scenario->network.reorder, 0.02);
  EXPECT_EQ(scenario->churn.model, ChurnModel::exponential);
  EXPECT_EQ(scenario->churn.median_session_s, 900);
  EXPECT_EQ(scenario->workload.users, 10u);
  EXPECT_EQ(scenario->workload.lookups_per_peer_min, 1.5);
  ASSERT_EQ(scenario->faults.size(), 3u);
  EXPECT_EQ(scenario->faults[0].fraction, 0.25);
  EXPECT_EQ(scenario->faults[1].kind, FaultKind::partition);
  EXPECT_EQ(scenario->faults[1].groups, 3u);
  EXPECT_EQ(scenario->faults[2].heal_at_s, 60);
  EXPECT_EQ(scenario->expect.lookup_success_min, 0.9);
  EXPECT_EQ(scenario->expect.lost_max, 3u);
  EXPECT_EQ(scenario->expect.forged_max, 0u);
}

struct Mistake {
  const char* toml;
  unsigned line;
  const char* text;  // must be part of what is said
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreNamedWithTheirLine) {
  const auto scenario = read_scenario(GetParam().toml);
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().line, GetParam().line) << scenario.error().text;
  EXPECT_NE(scenario.error().text.find(GetParam().text), std::string::npos)
      << scenario.error().text;
}
INSTANTIATE_TEST_SUITE_P(
    All, Mistakes,
    testing::Values(
        Mistake{"nmae = \"x\"\n", 1, "unknown key nmae"},
        Mistake{"seed = 1\n[overlay]\npeers = 10\npears = 3\n", 4, "unknown key overlay.pears"},
        Mistake{"\n[weather]\nrain = 1\n", 2, "unknown key weather"},
        Mistake{"[[fault]]\nat_s = 1\nkind = \"kill\"\nfraction = 0.1\nfracton = 1\n", 5,
                "unknown key fault[1].fracton"},
        Mistake{"seed = \"one\"\n", 1, "seed must be a whole number"},
        Mistake{"[overlay]\npeers = 0\n", 2, "overlay.peers must be a whole number from 1"},
        Mistake{"[network]\nlatency = 0\n", 2, "network.latency"},
        Mistake{"[network]\nlatency = [50, 5]\n", 2, "network.latency"},
        Mistake{"[network]\nloss = 0.9\n", 2, "network.loss must be a number from 0 to 0.5"},
        Mistake{"[network]\nnat = \"cone\"\n", 2, "must be one of: none"},
        Mistake{"[fidelity]\nlink = \"wire\"\n", 2, "must be wire where node is whole"},
        Mistake{"[fidelity]\nlink = \"message\"\nnode = \"whole\"\n", 2,
                "must be wire where node is whole"},
        Mistake{"[overlay]\npeers = 257\n[fidelity]\nnode = \"whole\"\n", 4, "at most 256 peers"},
        Mistake{"[workload]\nusers = 2\ncalls_per_user_min = 1\n", 3, "who else has phones"},
        Mistake{"[fidelity]\ncrypto = \"real\"\n", 2, "cannot be simulated yet"},
        Mistake{"[hostile]\nfraction = 0.1\n", 2, "cannot be simulated yet"},
        Mistake{"[overlay]\nalgorithm = \"pigeon\"\n", 2, "overlay.algorithm must be chord"},
        Mistake{"[workload]\nlookups_per_peer_min = 1\n", 2, "needs users"},
        Mistake{"[[fault]]\nkind = \"kill\"\nfraction = 0.1\n", 1, "at_s and kind"},
        Mistake{"[[fault]]\nat_s = 1\nkind = \"restart\"\nfraction = 0.1\n", 1, "heal_at_s"},
        Mistake{"[[fault]]\nat_s = 1\nkind = \"quake\"\nfraction = 0.1\n", 3, "must be one of"},
        Mistake{"name = \n", 1, ""}, Mistake{"overlay = 3\n", 1, "overlay must be a table"}));

TEST(Scenario, BuiltinsAndRandomOnesAreValid) {
  for (const BuiltinScenario& builtin : builtin_scenarios()) {
    const auto scenario = read_scenario(builtin.toml);
    ASSERT_TRUE(scenario) << builtin.name << ": " << scenario.error().text;
    EXPECT_EQ(scenario->name, builtin.name);
    EXPECT_EQ(find_builtin_scenario(builtin.name), &builtin);
  }
  EXPECT_EQ(find_builtin_scenario("no such"), nullptr);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Scenario scenario = random_scenario(seed);
    EXPECT_GE(scenario.overlay.peers, 1u);
    EXPECT_LT(scenario.overlay.replicas, scenario.overlay.successors);
    for (const Fault& fault : scenario.faults)
      EXPECT_LE(fault.heal_at_s.value_or(0), scenario.duration_s);
  }
}

}  // namespace
}  // namespace chordial::sim
