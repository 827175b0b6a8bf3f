// `chordial sim …` without its command line: reads scenarios, runs them, prints results. Exit codes
// as everywhere: 0 well, 1 it ran and something is wrong, 2 wrong usage or scenario.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace chordial::sim {

struct RunArguments {
  std::string scenario;  // a file's path, or the name of a built-in scenario
  std::optional<std::uint64_t> seed;
  std::optional<unsigned> threads;
  bool json = false;
  std::string report_file;  // empty: none
};

// sim run. Errors, with the file and the line, go to `err`.
[[nodiscard]] int run_command(const RunArguments& arguments, std::ostream& out, std::ostream& err);
// sim fuzz: random scenarios from `first_seed` on until the time is over or one fails, whose replay
// command is printed.
[[nodiscard]] int fuzz_command(double minutes, std::uint64_t first_seed, std::ostream& out);
// sim fuzz of that one seed again.
[[nodiscard]] int fuzz_one_command(std::uint64_t seed, bool json, std::ostream& out);
// sim scenarios.
[[nodiscard]] int scenarios_command(std::ostream& out);

}  // namespace chordial::sim
