// `chordial sim run|fuzz|scenarios`: the simulator's commands on this terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace chordial::app {

struct SimRunArguments {
  std::string scenario;  // a file, or the name of a built-in scenario
  std::optional<std::uint64_t> seed;
  std::optional<unsigned> threads;
  bool json = false;
  std::string report;  // HTML file; empty: none
};
[[nodiscard]] int run_sim(const SimRunArguments& arguments);

struct SimFuzzArguments {
  double minutes = 1;
  std::optional<std::uint64_t> seed;  // only this one, again
  bool json = false;
};
[[nodiscard]] int run_sim_fuzz(const SimFuzzArguments& arguments);

struct SimScenariosArguments {
  bool json = false;
};
[[nodiscard]] int run_sim_scenarios(const SimScenariosArguments& arguments);

}  // namespace chordial::app
