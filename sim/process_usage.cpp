#include "sim/process_usage.h"

#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace chordial::sim {

ProcessUsage process_usage() {
  ProcessUsage usage;
  std::uint64_t pages_total = 0;
  std::uint64_t pages_resident = 0;
  std::ifstream statm("/proc/self/statm");
  if (statm >> pages_total >> pages_resident) {
    usage.rss_bytes = pages_resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    usage.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
    usage.rss_peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  }
  return usage;
}

}  // namespace chordial::sim
