#include "sim/results.h"

#include <nlohmann/json.hpp>
#include <sstream>

namespace chordial::sim {

std::vector<std::string> shortcomings(const Results& results, const Expectations& expect) {
  std::vector<std::string> out;
  const auto miss = [&](const char* key, const auto& value, const auto& wanted) {
    std::ostringstream text;
    text << key << ": " << value << ", expected " << wanted;
    out.push_back(text.str());
  };
  if (expect.lookup_success_min && results.lookups.success() < *expect.lookup_success_min) {
    miss("lookup_success_min", results.lookups.success(), *expect.lookup_success_min);
  }
  if (expect.call_success_min && results.calls.success() < *expect.call_success_min) {
    miss("call_success_min", results.calls.success(), *expect.call_success_min);
  }
  if (expect.message_success_min && results.messages.success() < *expect.message_success_min) {
    miss("message_success_min", results.messages.success(), *expect.message_success_min);
  }
  if (expect.lost_max && results.registrations_lost > *expect.lost_max) {
    miss("lost_max", results.registrations_lost, *expect.lost_max);
  }
  if (expect.forged_max && results.forged_accepted > *expect.forged_max) {
    miss("forged_max", results.forged_accepted, *expect.forged_max);
  }
  if (!results.violations.empty()) {
    const Violation& first = results.violations.front();
    out.push_back("checker " + first.checker + ": " + first.text + " (" +
                  std::to_string(results.violations.size()) + " violations)");
  }
  return out;
}

std::string to_json(const Results& results) {
  using Json = nlohmann::ordered_json;
  const auto distribution = [](const Distribution& d) {
    return Json{{"mean", d.mean}, {"p50", d.p50}, {"p99", d.p99}};
  };
  const auto outcomes = [](const OutcomeCounts& counts) {
    return Json{{"started", counts.started},
                {"correct", counts.correct},
                {"wrong", counts.wrong},
                {"error", counts.error},
                {"timeout", counts.timeout}};
  };
  Json calls = outcomes(results.calls);
  calls["ended"] = results.calls_ended;
  calls["setup_ms"] = distribution(results.call_setup_ms);
  Json violations = Json::array();
  for (const Violation& violation : results.violations) {
    violations.push_back({{"time", violation.time_s},
                          {"checker", violation.checker},
                          {"node", violation.node},
                          {"text", violation.text}});
  }
  const Json json{{"scenario", results.scenario},
                  {"seed", results.seed},
                  {"trace_sha256", results.trace_sha256},
                  {"peers", results.peers},
                  {"simulated_s", results.simulated_s},
                  {"wall_s", results.wall_s},
                  {"cpu_s", results.cpu_s},
                  {"speedup", results.speedup},
                  {"rss_peak_bytes", results.rss_peak_bytes},
                  {"bytes_per_peer", results.bytes_per_peer},
                  {"events", results.events},
                  {"lookups", outcomes(results.lookups)},
                  {"hops", distribution(results.hops)},
                  {"latency_ms", distribution(results.latency_ms)},
                  {"calls", std::move(calls)},
                  {"messages", outcomes(results.messages)},
                  {"maintenance_bps", results.maintenance_bps},
                  {"keepalive_bps", results.keepalive_bps},
                  {"registrations",
                   {{"acknowledged", results.registrations_acknowledged},
                    {"lost", results.registrations_lost}}},
                  {"forged_accepted", results.forged_accepted},
                  {"violations", std::move(violations)},
                  {"replay_command", results.replay_command}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace chordial::sim
