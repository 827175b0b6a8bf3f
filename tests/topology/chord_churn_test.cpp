// Random lives of overlays, many seeds. A failing seed prints itself and is kept in
// chord_regression_test.cpp.
#include <cstdlib>

#include "topology/scenario.h"

namespace chordial::topology {
namespace {

std::uint64_t seeds(std::uint64_t usual) {
  const char* wanted = std::getenv("CHORDIAL_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : usual;
}

TEST(ChordChurn, HoldsThroughJoinsFailuresAndLeaves) {
  for (std::uint64_t seed = 1; seed <= seeds(12); ++seed) {
    ScenarioOptions options;
    options.seed = seed;
    options.nodes_max = 40;
    EXPECT_EQ(run_scenario(options), "");
  }
}

TEST(ChordChurn, PeriodicRecoveryAlone) {
  for (std::uint64_t seed = 1; seed <= seeds(10); ++seed) {
    ScenarioOptions options;
    options.seed = seed;
    options.nodes_max = 40;
    options.reactive = false;
    EXPECT_EQ(run_scenario(options), "");
  }
}

TEST(ChordChurn, SettlesWithLostMessages) {
  for (std::uint64_t seed = 1; seed <= seeds(15); ++seed) {
    ScenarioOptions options;
    options.seed = seed;
    options.loss = 0.1;
    options.bound = std::chrono::seconds(300);
    EXPECT_EQ(run_scenario(options), "");
  }
}

TEST(ChordChurn, SettlesAfterCutLinks) {
  for (std::uint64_t seed = 1; seed <= seeds(15); ++seed) {
    ScenarioOptions options;
    options.seed = seed;
    options.cuts = true;
    options.bound = std::chrono::seconds(120);
    EXPECT_EQ(run_scenario(options), "");
  }
}

}  // namespace
}  // namespace chordial::topology
