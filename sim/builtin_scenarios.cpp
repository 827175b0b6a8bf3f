#include "sim/scenario.h"

namespace chordial::sim {

namespace {

constexpr std::string_view lookups_10k =
    R"(# Ten thousand peers look each other's users up for a minute.
name = "lookups-10k"
seed = 1
duration_s = 60

[overlay]
peers = 10000

[network]
latency = [10, 100]

[workload]
users = 1000
lookups_per_peer_min = 1

[expect]
lookup_success_min = 0.999
lost_max = 0
forged_max = 0
)";

constexpr std::string_view small_ring = R"(# A ring that forms by joining, then serves look-ups.
name = "small-ring"
seed = 1
duration_s = 60

[overlay]
peers = 32
successors = 4

[network]
latency = [5, 40]

[workload]
users = 32
lookups_per_peer_min = 6

[expect]
lookup_success_min = 0.99
lost_max = 0
forged_max = 0
)";

constexpr std::string_view quarter_killed = R"(# A quarter of the peers die at once.
name = "quarter-killed"
seed = 1
duration_s = 180

[overlay]
peers = 200

[workload]
users = 100
lookups_per_peer_min = 2

[[fault]]
at_s = 30
kind = "kill"
fraction = 0.25

[expect]
lookup_success_min = 0.9
forged_max = 0
)";

constexpr std::string_view partition_heals =
    R"(# The network falls into two halves and comes together again.
name = "partition-heals"
seed = 1
duration_s = 300

[overlay]
peers = 64

[workload]
users = 64
lookups_per_peer_min = 2

[[fault]]
at_s = 30
kind = "partition"
groups = 2
heal_at_s = 90

[expect]
lost_max = 0
forged_max = 0
)";

constexpr std::string_view churning =
    R"(# Nodes come and go all the time, over a network that loses packets.
name = "churning"
seed = 1
duration_s = 300

[overlay]
peers = 100

[network]
latency = [10, 100]
loss = 0.01
reorder = 0.01

[churn]
model = "exponential"
median_session_s = 600

[workload]
users = 50
lookups_per_peer_min = 2

[expect]
forged_max = 0
)";

constexpr std::string_view calls =
    R"(# Whole nodes with phones that register, call and write; nodes die and come back.
name = "calls"
seed = 1
duration_s = 300

[overlay]
peers = 20
successors = 4

[network]
latency = [5, 50]
loss = 0.005

[fidelity]
node = "whole"

[workload]
users = 60
lookups_per_peer_min = 1
calls_per_user_min = 0.5
messages_per_user_min = 1

[[fault]]
at_s = 90
kind = "restart"
fraction = 0.15
heal_at_s = 120

[expect]
lookup_success_min = 0.95
call_success_min = 0.9
message_success_min = 0.9
lost_max = 0
forged_max = 0
)";

}  // namespace

const std::vector<BuiltinScenario>& builtin_scenarios() {
  static const std::vector<BuiltinScenario> scenarios = {
      {"lookups-10k", "10,000 peers, 1,000 users, one look-up a peer and minute", lookups_10k},
      {"small-ring", "32 peers that join one after the other", small_ring},
      {"quarter-killed", "a quarter of 200 peers dies at once", quarter_killed},
      {"partition-heals", "64 peers, two halves for a minute", partition_heals},
      {"calls", "20 whole nodes with 60 phones that call and write", calls},
      {"churning", "100 peers with sessions of ten minutes, 1 % loss", churning},
  };
  return scenarios;
}

const BuiltinScenario* find_builtin_scenario(std::string_view name) {
  for (const BuiltinScenario& scenario : builtin_scenarios()) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace chordial::sim
