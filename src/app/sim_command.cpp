#include "app/sim_command.h"

#include <iostream>

#include "sim/command.h"

namespace chordial::app {

int run_sim(const SimRunArguments& arguments) {
  return sim::run_command(
      {arguments.scenario, arguments.seed, arguments.threads, arguments.json, arguments.report},
      std::cout, std::cerr);
}

int run_sim_fuzz(const SimFuzzArguments& arguments) {
  if (arguments.seed) return sim::fuzz_one_command(*arguments.seed, arguments.json, std::cout);
  return sim::fuzz_command(arguments.minutes, 1, std::cout);
}

int run_sim_scenarios(const SimScenariosArguments& /*arguments*/) {
  return sim::scenarios_command(std::cout);
}

}  // namespace chordial::app
