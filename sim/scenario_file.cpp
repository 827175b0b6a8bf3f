// Scenario files: TOML to values, key by key, so that every key that is not read is unknown.
#include <algorithm>
#include <limits>
#include <toml++/toml.h>

#include "sim/scenario.h"

namespace chordial::sim {

namespace {

unsigned line_of(const toml::node& node) {
  return node.source().begin.line;
}

// One table of the file. Keys are asked for one after the other; the first problem sticks.
class Section {
 public:
  Section(const toml::table* table, std::string name, std::optional<ScenarioError>& error)
      : table_(table), name_(std::move(name)), error_(error) {}

  void text(const char* key, std::string& value) {
    if (const toml::node* node = get(key)) {
      const auto read = node->value<std::string>();
      if (node->is_string() && read) {
        value = *read;
      } else {
        fail(*node, key, "must be a string");
      }
    }
  }

  void number(const char* key, double& value, double least, double most) {
    if (const toml::node* node = get(key)) {
      const auto read = node->value<double>();
      if (!node->is_number() || !read || !(*read >= least) || !(*read <= most)) {
        fail(*node, key, "must be a number from " + shown(least) + " to " + shown(most));
      } else {
        value = *read;
      }
    }
  }
  void number(const char* key, std::optional<double>& value, double least, double most) {
    double read = value.value_or(-1);
    const bool there = table_ != nullptr && table_->contains(key);
    number(key, read, least, most);
    if (there) value = read;
  }

  template <class Integer>
  void integer(const char* key, Integer& value, std::uint64_t least, std::uint64_t most) {
    if (const toml::node* node = get(key)) {
      const auto read = node->value<std::int64_t>();
      if (!node->is_integer() || !read || *read < 0 || static_cast<std::uint64_t>(*read) < least ||
          static_cast<std::uint64_t>(*read) > most) {
        fail(
            *node, key,
            "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
      } else {
        value = static_cast<Integer>(*read);
      }
    }
  }
  void integer(const char* key, std::optional<std::uint64_t>& value, std::uint64_t most) {
    std::uint64_t read = 0;
    const bool there = table_ != nullptr && table_->contains(key);
    integer(key, read, 0, most);
    if (there) value = read;
  }

  template <class Choice>
  void choice(const char* key, Choice& value,
              std::initializer_list<std::pair<const char*, Choice>> choices) {
    std::string read;
    text(key, read);
    const toml::node* node = table_ != nullptr ? table_->get(key) : nullptr;
    if (node == nullptr || error_) return;
    std::string names;
    for (const auto& [name, choice] : choices) {
      if (read == name) {
        value = choice;
        return;
      }
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    fail(*node, key, "must be one of: " + names);
  }

  // Milliseconds: one number, or the least and the most of an array.
  void latency(const char* key, Latency& value) {
    const toml::node* node = get(key);
    if (node == nullptr) return;
    double ends[2] = {0, 0};
    const toml::array* array = node->as_array();
    bool good = array == nullptr ? node->is_number() : array->size() == 2;
    for (std::size_t i = 0; good && i < 2; ++i) {
      const auto read = array == nullptr ? node->value<double>() : array->get(i)->value<double>();
      good = read && *read >= 1 && *read <= 10'000;
      ends[i] = read.value_or(0);
    }
    if (!good || ends[0] > ends[1]) {
      fail(*node, key, "must be milliseconds from 1 to 10000, one number or [least, most]");
      return;
    }
    value = {Duration(static_cast<std::int64_t>(ends[0] * 1000)),
             Duration(static_cast<std::int64_t>(ends[1] * 1000))};
  }

  [[nodiscard]] Section table(const char* key) {
    const toml::node* node = get(key);
    if (node != nullptr && !node->is_table()) fail(*node, key, "must be a table");
    return {node == nullptr ? nullptr : node->as_table(), name_ + key + ".", error_};
  }

  [[nodiscard]] const toml::array* tables(const char* key) {
    const toml::node* node = get(key);
    if (node == nullptr) return nullptr;
    const toml::array* array = node->as_array();
    if (array == nullptr || !array->is_array_of_tables()) {
      fail(*node, key, "must be tables in double brackets");
      return nullptr;
    }
    return array;
  }

  void fail(const toml::node& node, const char* key, const std::string& why) {
    if (!error_) error_ = ScenarioError{line_of(node), name_ + key + " " + why};
  }
  void fail(const char* key, const std::string& why) {
    if (table_ != nullptr && table_->get(key) != nullptr) fail(*table_->get(key), key, why);
  }
  [[nodiscard]] bool has(const char* key) const {
    return table_ != nullptr && table_->contains(key);
  }
  // At the end: whatever was not asked for is unknown.
  void finish() {
    if (table_ == nullptr || error_) return;
    for (const auto& [key, node] : *table_) {
      const std::string name(key.str());
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        error_ = ScenarioError{key.source().begin.line, "unknown key " + name_ + name};
        return;
      }
    }
  }

 private:
  const toml::node* get(const char* key) {
    known_.emplace_back(key);
    return table_ == nullptr || error_ ? nullptr : table_->get(key);
  }
  static std::string shown(double value) {
    std::string out = std::to_string(value);
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out;
  }

  const toml::table* table_;
  std::string name_;
  std::optional<ScenarioError>& error_;
  std::vector<std::string> known_;
};

void read_fault(const toml::table& table, std::size_t number, Scenario& scenario,
                std::optional<ScenarioError>& error) {
  Section section(&table, "fault[" + std::to_string(number) + "].", error);
  Fault fault;
  section.number("at_s", fault.at_s, 0, scenario.duration_s);
  section.choice<FaultKind>("kind", fault.kind,
                            {{"kill", FaultKind::kill},
                             {"restart", FaultKind::restart},
                             {"partition", FaultKind::partition}});
  section.number("fraction", fault.fraction, 0, 1);
  section.integer("groups", fault.groups, 2, 16);
  section.number("heal_at_s", fault.heal_at_s, fault.at_s, scenario.duration_s);
  section.finish();
  if (error) return;
  const unsigned line = table.source().begin.line;
  if (!section.has("at_s") || !section.has("kind")) {
    error = ScenarioError{line, "a fault needs at_s and kind"};
  } else if ((fault.kind == FaultKind::partition) == section.has("fraction")) {
    error = ScenarioError{line, "kill and restart need fraction, partition needs groups"};
  } else if (fault.kind == FaultKind::restart && !fault.heal_at_s) {
    error = ScenarioError{line, "restart needs heal_at_s"};
  } else if (fault.kind == FaultKind::kill && fault.heal_at_s) {
    error = ScenarioError{line, "kill does not heal; restart does"};
  }
  scenario.faults.push_back(fault);
}

void read_hostile(Section section) {
  double fraction = 0;
  std::string behaviour;
  section.number("fraction", fraction, 0, 1);
  section.text("behaviour", behaviour);
  if (fraction > 0) section.fail("fraction", "above 0: hostile peers cannot be simulated yet");
  section.finish();
}

void read_all(const toml::table& file, Scenario& scenario, std::optional<ScenarioError>& error) {
  Section top(&file, "", error);
  top.text("name", scenario.name);
  top.integer("seed", scenario.seed, 0, std::numeric_limits<std::int64_t>::max());
  top.number("duration_s", scenario.duration_s, 1, 1e6);
  top.integer("threads", scenario.threads, 1, threads_max);

  Section overlay = top.table("overlay");
  overlay.text("algorithm", scenario.overlay.algorithm);
  overlay.integer("peers", scenario.overlay.peers, 1, peers_max);
  overlay.integer("replicas", scenario.overlay.replicas, 0, 8);
  overlay.integer("successors", scenario.overlay.successors, 1, 32);
  overlay.integer("links_max", scenario.overlay.links_max, 4, 128);
  if (scenario.overlay.algorithm != "chord") {
    overlay.fail("algorithm", "must be chord: others cannot be simulated yet");
  }
  overlay.finish();

  Section network = top.table("network");
  network.latency("latency", scenario.network.latency);
  network.number("loss", scenario.network.loss, 0, 0.5);
  network.number("reorder", scenario.network.reorder, 0, 1);
  network.choice<NatModel>("nat", scenario.network.nat, {{"none", NatModel::none}});
  network.finish();

  Section fidelity = top.table("fidelity");
  fidelity.choice<LinkFidelity>("link", scenario.link,
                                {{"message", LinkFidelity::message}, {"wire", LinkFidelity::wire}});
  fidelity.choice<CryptoFidelity>("crypto", scenario.crypto,
                                  {{"mock", CryptoFidelity::mock}, {"real", CryptoFidelity::real}});
  if (scenario.crypto == CryptoFidelity::real) {
    fidelity.fail("crypto", "real cannot be simulated yet");
  }
  fidelity.choice<NodeFidelity>(
      "node", scenario.node, {{"overlay", NodeFidelity::overlay}, {"whole", NodeFidelity::whole}});
  const bool whole = scenario.node == NodeFidelity::whole;
  if (whole && scenario.overlay.peers > whole_peers_max) {
    fidelity.fail("node", "whole is for at most 256 peers");
  }
  if (whole && !fidelity.has("link")) scenario.link = LinkFidelity::wire;
  if (whole != (scenario.link == LinkFidelity::wire)) {
    fidelity.fail("link", "must be wire where node is whole, and message where it is not");
  }
  fidelity.finish();

  Section churn = top.table("churn");
  churn.choice<ChurnModel>("model", scenario.churn.model,
                           {{"none", ChurnModel::none}, {"exponential", ChurnModel::exponential}});
  churn.number("median_session_s", scenario.churn.median_session_s, 1, 1e7);
  churn.finish();

  Section workload = top.table("workload");
  workload.integer("users", scenario.workload.users, 0, whole ? whole_users_max : peers_max);
  workload.number("lookups_per_peer_min", scenario.workload.lookups_per_peer_min, 0, 6000);
  if (scenario.workload.users == 0 && scenario.workload.lookups_per_peer_min > 0) {
    workload.fail("lookups_per_peer_min", "needs users above 0: there is nobody to look up");
  }
  workload.number("calls_per_user_min", scenario.workload.calls_per_user_min, 0, 60);
  workload.number("messages_per_user_min", scenario.workload.messages_per_user_min, 0, 600);
  for (const char* key : {"calls_per_user_min", "messages_per_user_min"}) {
    if (!whole) workload.fail(key, "needs fidelity.node = \"whole\": who else has phones?");
  }
  workload.finish();

  if (const toml::array* faults = top.tables("fault")) {
    if (faults->size() > faults_max) top.fail("fault", "too many faults");
    for (std::size_t i = 0; i < faults->size() && !error; ++i) {
      read_fault(*faults->get(i)->as_table(), i + 1, scenario, error);
    }
  }
  read_hostile(top.table("hostile"));

  Section expect = top.table("expect");
  expect.number("lookup_success_min", scenario.expect.lookup_success_min, 0, 1);
  expect.integer("lost_max", scenario.expect.lost_max, peers_max);
  expect.integer("forged_max", scenario.expect.forged_max, peers_max);
  expect.number("call_success_min", scenario.expect.call_success_min, 0, 1);
  expect.number("message_success_min", scenario.expect.message_success_min, 0, 1);
  expect.finish();
  top.finish();
}

}  // namespace

tl::expected<Scenario, ScenarioError> read_scenario(std::string_view toml) {
  const toml::parse_result parsed = toml::parse(toml);
  if (!parsed) {
    return tl::unexpected(ScenarioError{parsed.error().source().begin.line,
                                        std::string(parsed.error().description())});
  }
  Scenario scenario;
  std::optional<ScenarioError> error;
  read_all(parsed.table(), scenario, error);
  if (error) return tl::unexpected(*error);
  return scenario;
}

}  // namespace chordial::sim
