// What the process, and the network namespace it runs in, have used so far.
#pragma once

#include <cstdint>

namespace chordial::bench {

// All threads.
[[nodiscard]] std::uint64_t process_cpu_ns();
// UDP datagrams sent in this network namespace, by whomever.
[[nodiscard]] std::uint64_t udp_datagrams_sent();
[[nodiscard]] std::uint64_t process_pss_bytes();

}  // namespace chordial::bench
