// What this process has used so far: memory, and time of all its threads.
#pragma once

#include <cstdint>

namespace chordial::sim {

struct ProcessUsage {
  std::uint64_t rss_bytes = 0;
  std::uint64_t rss_peak_bytes = 0;
  double cpu_s = 0;
};

[[nodiscard]] ProcessUsage process_usage();

}  // namespace chordial::sim
