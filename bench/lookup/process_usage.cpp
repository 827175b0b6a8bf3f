#include "lookup/process_usage.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace chordial::bench {

std::uint64_t process_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t udp_datagrams_sent() {
  std::ifstream file("/proc/self/net/snmp");
  std::string names;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("Udp: ")) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    std::istringstream keys(names);
    std::istringstream values(line);
    std::string key;
    std::string value;
    while (keys >> key && values >> value) {
      if (key == "OutDatagrams") return std::stoull(value);
    }
  }
  return 0;
}

std::uint64_t process_pss_bytes() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Pss:")) return std::stoull(line.substr(4)) * 1024;
  }
  return 0;
}

}  // namespace chordial::bench
