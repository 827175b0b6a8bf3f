// What a simulation shall do, as a scenario file says it (`chordial sim run SCENARIO.toml`). Plain
// values; knows no file format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace chordial::sim {

enum class LinkFidelity : std::uint8_t { message, wire };
enum class CryptoFidelity : std::uint8_t { mock, real };
enum class NodeFidelity : std::uint8_t {
  overlay,  // an overlay::Peer and the users' records
  whole,    // a node::Node whose users are phones that register, call and write to each other
};
enum class NatModel : std::uint8_t { none };

// One-way delays, drawn once for each pair of nodes, uniformly between the two.
struct Latency {
  Duration least{10'000};
  Duration most{100'000};
};

struct Network {
  Latency latency;
  double loss = 0;     // share of transmissions that get lost, 0 to 0.5
  double reorder = 0;  // share of packets that are overtaken, 0 to 1
  NatModel nat = NatModel::none;
};

struct OverlayShape {
  std::string algorithm = "chord";
  std::uint32_t peers = 100;  // 1 to peers_max
  std::uint8_t replicas = 2;
  std::uint8_t successors = 8;
  std::uint32_t links_max = 48;  // outgoing links a peer aims at: neighbours and fingers
};
inline constexpr std::uint32_t peers_max = 4'000'000;
inline constexpr std::uint32_t whole_peers_max = 256;  // they form by joining
inline constexpr std::uint32_t whole_users_max = 100'000;

enum class ChurnModel : std::uint8_t {
  none,
  // Sessions of exponentially distributed length, ended without a farewell; the node comes back
  // after a pause of the same distribution with a tenth of the median.
  exponential,
};
struct Churn {
  ChurnModel model = ChurnModel::none;
  double median_session_s = 3600;
};

struct Workload {
  std::uint32_t users = 0;
  double lookups_per_peer_min = 0;
  // Of each phone; whole nodes alone have phones.
  double calls_per_user_min = 0;
  double messages_per_user_min = 0;
};

enum class FaultKind : std::uint8_t {
  kill,       // `fraction` of the peers die
  restart,    // they die and come back at heal_at_s with what they had on disk
  partition,  // the network falls apart into `groups` until heal_at_s
};
struct Fault {
  double at_s = 0;
  FaultKind kind = FaultKind::kill;
  double fraction = 0;
  std::uint32_t groups = 2;
  std::optional<double> heal_at_s;
};
inline constexpr std::size_t faults_max = 64;

// What the run must reach; what is not named is not asked.
struct Expectations {
  std::optional<double> lookup_success_min;
  std::optional<std::uint64_t> lost_max;
  std::optional<std::uint64_t> forged_max;
  std::optional<double> call_success_min;
  std::optional<double> message_success_min;
};

struct Scenario {
  std::string name;
  std::uint64_t seed = 1;
  double duration_s = 60;  // of the workload, after the overlay has formed
  unsigned threads = 1;    // 1 to threads_max
  OverlayShape overlay;
  Network network;
  LinkFidelity link = LinkFidelity::message;
  CryptoFidelity crypto = CryptoFidelity::mock;
  NodeFidelity node = NodeFidelity::overlay;
  Churn churn;
  Workload workload;
  std::vector<Fault> faults;
  Expectations expect;
};
inline constexpr unsigned threads_max = 64;

// Why a scenario file is of no use, for a person: `text` names the key.
struct ScenarioError {
  unsigned line = 0;  // 1 is the first; 0 where no line is to blame
  std::string text;
};

// Reads TOML. Unknown keys, wrong types, numbers out of range, and what this build cannot simulate
// are errors.
[[nodiscard]] tl::expected<Scenario, ScenarioError> read_scenario(std::string_view toml);

// Scenarios that come with the program: name and TOML text.
struct BuiltinScenario {
  std::string_view name;
  std::string_view summary;
  std::string_view toml;
};
[[nodiscard]] const std::vector<BuiltinScenario>& builtin_scenarios();
// Null when there is none of that name.
[[nodiscard]] const BuiltinScenario* find_builtin_scenario(std::string_view name);

// A small scenario with faults, churn, loss and sizes drawn from the seed: `chordial sim fuzz` runs
// one after the other.
[[nodiscard]] Scenario random_scenario(std::uint64_t seed);

}  // namespace chordial::sim
