#include "sim/command.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <ostream>

#include "sim/simulation.h"

namespace chordial::sim {

namespace {

constexpr int well = 0;
constexpr int something_wrong = 1;
constexpr int wrong_usage = 2;

std::optional<std::string> text_of(const std::string& scenario) {
  if (const BuiltinScenario* builtin = find_builtin_scenario(scenario)) {
    return std::string(builtin->toml);
  }
  std::error_code error;
  std::ifstream file(scenario, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(scenario, error)) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

void print_text(const Results& r, const std::vector<std::string>& missed, std::ostream& out) {
  out << std::fixed << std::setprecision(3);
  out << r.scenario << ": " << r.peers << " peers, " << r.simulated_s << " s simulated in "
      << r.wall_s << " s (" << std::setprecision(1) << r.speedup << " times real time)\n";
  out << "look-ups " << r.lookups.started << ": correct " << r.lookups.correct << ", wrong "
      << r.lookups.wrong << ", error " << r.lookups.error << ", time-out " << r.lookups.timeout
      << '\n';
  if (r.calls.started > 0) {
    out << "calls " << r.calls.started << ": answered " << r.calls.correct << ", wrong "
        << r.calls.wrong << ", error " << r.calls.error << ", time-out " << r.calls.timeout
        << "; ended " << r.calls_ended << "; ring after " << r.call_setup_ms.mean << " ms\n";
  }
  if (r.messages.started > 0) {
    out << "messages " << r.messages.started << ": delivered " << r.messages.correct << ", error "
        << r.messages.error << ", time-out " << r.messages.timeout << '\n';
  }
  out << std::setprecision(2) << "hops " << r.hops.mean << ", " << r.latency_ms.mean
      << " ms; maintenance " << r.maintenance_bps << " bit/s, keepalives " << r.keepalive_bps
      << " bit/s a peer\n";
  out << "registrations " << r.registrations_acknowledged << ", lost " << r.registrations_lost
      << "; " << r.bytes_per_peer << " bytes a peer; " << r.events << " events\n";
  out << "trace " << r.trace_sha256 << '\n';
  for (const Violation& v : r.violations)
    out << "at " << v.time_s << " s " << v.checker << ' ' << v.node << ": " << v.text << '\n';
  for (const std::string& text : missed)
    out << "missed: " << text << '\n';
  out << "again: " << r.replay_command << '\n';
}

int print(const Results& results, const Expectations& expect, bool json, std::ostream& out) {
  const auto missed = shortcomings(results, expect);
  if (json) {
    out << to_json(results);
  } else {
    print_text(results, missed, out);
  }
  return missed.empty() ? well : something_wrong;
}

std::string fuzz_again(std::uint64_t seed) {
  return "chordial sim fuzz --seed " + std::to_string(seed);
}

Results run_random(std::uint64_t seed) {
  Results results = run(random_scenario(seed), "");
  results.replay_command = fuzz_again(seed);
  return results;
}

}  // namespace

int run_command(const RunArguments& arguments, std::ostream& out, std::ostream& err) {
  const auto text = text_of(arguments.scenario);
  if (!text) {
    err << arguments.scenario << ": neither a readable file nor a built-in scenario\n";
    return wrong_usage;
  }
  auto scenario = read_scenario(*text);
  if (!scenario) {
    err << arguments.scenario << ':' << scenario.error().line << ": " << scenario.error().text
        << '\n';
    return wrong_usage;
  }
  if (arguments.seed) scenario->seed = *arguments.seed;
  if (arguments.threads) scenario->threads = *arguments.threads;
  if (scenario->threads < 1 || scenario->threads > threads_max) {
    err << "threads must be from 1 to " << threads_max << '\n';
    return wrong_usage;
  }
  const Results results = run(*scenario, "chordial sim run " + arguments.scenario);
  if (!arguments.report_file.empty()) {
    std::ofstream report(arguments.report_file);
    report << to_html(results, scenario->expect);
    if (!report.flush()) {
      err << arguments.report_file << ": cannot be written\n";
      return wrong_usage;
    }
  }
  return print(results, scenario->expect, arguments.json, out);
}

int fuzz_command(double minutes, std::uint64_t first_seed, std::ostream& out) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(60 * minutes);
  std::uint64_t runs = 0;
  for (std::uint64_t seed = first_seed; std::chrono::steady_clock::now() < end; ++seed, ++runs) {
    const Results results = run_random(seed);
    if (shortcomings(results, random_scenario(seed).expect).empty()) continue;
    (void)print(results, random_scenario(seed).expect, false, out);
    return something_wrong;
  }
  out << runs << " scenarios, nothing found\n";
  return well;
}

int fuzz_one_command(std::uint64_t seed, bool json, std::ostream& out) {
  return print(run_random(seed), random_scenario(seed).expect, json, out);
}

int scenarios_command(std::ostream& out) {
  for (const BuiltinScenario& scenario : builtin_scenarios())
    out << scenario.name << std::string(20 - std::min<std::size_t>(18, scenario.name.size()), ' ')
        << scenario.summary << '\n';
  return well;
}

}  // namespace chordial::sim
