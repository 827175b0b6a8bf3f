#include "sim/checkers.h"

#include <algorithm>

#include "storage/resource_name.h"
#include "topology/chord/components.h"

namespace chordial::sim {

void Checkers::report(Now now, std::string checker, std::string node, std::string text) {
  if (results_.violations.size() >= violations_max) return;
  if (!known_.insert(checker + node + text).second) return;
  const double time_s = std::chrono::duration<double>(now.monotonic - start_time).count();
  results_.violations.push_back({time_s, std::move(checker), std::move(node), std::move(text)});
}

void Checkers::collect() {
  views_.clear();
  for (const Node* node : nodes_) {
    if (!node->alive() || node->peer().topology() == nullptr) continue;
    views_.push_back({world_.ids[node->index()], node->peer().topology()});
  }
}

bool Checkers::check_always(Now now) {
  collect();
  const auto violations = topology::chord::check_always(views_);
  for (const auto& violation : violations)
    report(now, violation.checker, violation.node.hex(), violation.text);
  return violations.empty();
}

bool Checkers::grown_together() {
  collect();
  if (!topology::chord::check_always(views_).empty()) return false;
  const auto members = topology::chord::find_members(views_);
  return std::all_of(members.begin(), members.end(), [&](const topology::chord::Member& member) {
    return member.component == members.front().component;
  });
}

void Checkers::check_settled(Now now, const std::vector<std::uint8_t>& acknowledged) {
  collect();
  for (const auto& violation : topology::chord::check_settled(views_, world_.topology))
    report(now, violation.checker, violation.node.hex(), violation.text);
  const std::size_t wanted = std::min<std::size_t>(world_.topology.replicas + 1U, views_.size());
  for (UserIndex user = 0; user < acknowledged.size(); ++user) {
    if (acknowledged[user] == 0) continue;
    const std::size_t copies = copies_of(user);
    if (copies >= wanted) continue;
    report(now, "replica_count", "",
           world_.aor_of(user) + " has " + std::to_string(copies) + " copies instead of " +
               std::to_string(wanted) + ": " + holders_of(user));
  }
}

std::string Checkers::holders_of(UserIndex user) const {
  const ResourceId resource = storage::resource_id_of(world_.aor_of(user));
  const auto name = [](const NodeId& node) { return node.hex().substr(0, 8); };
  std::string text;
  for (const Node* node : nodes_) {
    if (!node->alive() || node->peer().topology() == nullptr) continue;
    const topology::Plugin& plugin = *node->peer().topology();
    if (node->peer().holds(resource)) text += " held by " + name(node->peer().self());
    if (!plugin.responsible(resource.position)) continue;
    text += " responsible " + name(node->peer().self()) + " with replicas";
    std::vector<NodeId> replicas;
    plugin.replica_set(replicas);
    for (const NodeId& replica : replicas)
      text += ' ' + name(replica);
    text += ';';
  }
  return text;
}

std::size_t Checkers::copies_of(UserIndex user) const {
  // Around its place; with a broken ring it may be anywhere, and then all are asked.
  constexpr std::size_t around = 64;
  const ResourceId resource = storage::resource_id_of(world_.aor_of(user));
  const auto at = std::lower_bound(world_.ids.begin(), world_.ids.end(), NodeId{resource.position});
  const auto place = static_cast<std::size_t>(at - world_.ids.begin());
  const std::size_t size = nodes_.size();
  const auto count = [&](std::size_t from, std::size_t nodes) {
    std::size_t copies = 0;
    for (std::size_t i = 0; i < nodes; ++i) {
      const Node& node = *nodes_[(from + i) % size];
      if (node.alive() && node.peer().holds(resource)) ++copies;
    }
    return copies;
  };
  const std::size_t near = std::min(size, around);
  const std::size_t copies = count(place + size - std::min(size, around / 4), near);
  return copies > 0 || near == size ? copies : count(0, size);
}

}  // namespace chordial::sim
