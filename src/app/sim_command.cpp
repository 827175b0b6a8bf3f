#include "app/sim_command.h"

#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/exit_code.h"
#include "app/surroundings.h"
#include "sim/command.h"
#include "sim/scenario.h"

namespace chordial::app {

int run_sim(const SimRunArguments& arguments) {
  std::ostringstream wrong;
  const int code = sim::run_command(
      {arguments.scenario, arguments.seed, arguments.threads, arguments.json, arguments.report},
      std::cout, wrong);
  std::string text = wrong.str();
  if (text.empty()) return code;
  if (text.back() == '\n') text.pop_back();
  return complain(code == exit_usage ? exit_usage : exit_wrong, text);
}

int run_sim_fuzz(const SimFuzzArguments& arguments) {
  if (arguments.seed) return sim::fuzz_one_command(*arguments.seed, arguments.json, std::cout);
  return sim::fuzz_command(arguments.minutes, 1, std::cout);
}

int run_sim_scenarios(const SimScenariosArguments& arguments) {
  if (!arguments.json) return sim::scenarios_command(std::cout);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const sim::BuiltinScenario& scenario : sim::builtin_scenarios())
    list.push_back({{"name", scenario.name}, {"summary", scenario.summary}});
  say(nlohmann::ordered_json{{"scenarios", list}}.dump(2) + '\n');
  return exit_well;
}

}  // namespace chordial::app
