// What came out of a simulation; the fields of `chordial sim run --json` (contract). Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario.h"

namespace chordial::sim {

// A broken invariant. `node` is empty where no single one is to blame.
struct Violation {
  double time_s = 0;
  std::string checker;
  std::string node;
  std::string text;
};

struct Distribution {
  double mean = 0;
  double p50 = 0;
  double p99 = 0;
};

// Of look-ups, calls and messages.
struct OutcomeCounts {
  std::uint64_t started = 0;
  std::uint64_t correct = 0;
  std::uint64_t wrong = 0;    // another value than was registered, or none; another phone
  std::uint64_t error = 0;    // the overlay, or a SIP server, answered with an error
  std::uint64_t timeout = 0;  // no answer in time, or the run ended before it came

  // Of started; time-outs are failures. 1 when nothing was started.
  [[nodiscard]] double success() const {
    return started == 0 ? 1 : static_cast<double>(correct) / static_cast<double>(started);
  }
};

struct Results {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string trace_sha256;
  std::uint32_t peers = 0;
  double simulated_s = 0;  // forming the overlay included
  double wall_s = 0;
  double cpu_s = 0;
  double speedup = 0;  // simulated_s ÷ wall_s
  std::uint64_t rss_peak_bytes = 0;
  std::uint64_t bytes_per_peer = 0;  // growth of the process from before the build to the end
  std::uint64_t events = 0;
  OutcomeCounts lookups;
  OutcomeCounts calls;     // until they ring; correct: answered by the phone that was called
  OutcomeCounts messages;  // until the 200
  Distribution call_setup_ms;
  std::uint64_t calls_ended = 0;  // of those answered: with an answered BYE
  Distribution hops;
  Distribution latency_ms;
  double maintenance_bps = 0;  // bits a second and peer: everything but stores and look-ups
  double keepalive_bps = 0;
  std::uint64_t registrations_acknowledged = 0;
  std::uint64_t registrations_lost = 0;
  std::uint64_t forged_accepted = 0;
  std::vector<Violation> violations;  // at most violations_max
  std::string replay_command;
};
inline constexpr std::size_t violations_max = 100;

// What of `[expect]` was missed, one line each; empty when all is well and no checker failed.
[[nodiscard]] std::vector<std::string> shortcomings(const Results& results,
                                                    const Expectations& expect);
// One JSON object and a newline.
[[nodiscard]] std::string to_json(const Results& results);
// A page for people: the same figures and the violations.
[[nodiscard]] std::string to_html(const Results& results, const Expectations& expect);

}  // namespace chordial::sim
