#include "sim/checkers.h"

#include <algorithm>

#include "storage/resource_name.h"
#include "topology/chord/components.h"

namespace chordial::sim {

namespace {

// Parts find each other when a member next looks for others (every chord-update-interval or so),
// and then walk towards each other.
constexpr Duration merge_bound = std::chrono::seconds(1800);
// What was sent into a cut is given up after the cut has healed, and takes living links with it.
constexpr Duration aftermath = std::chrono::seconds(20);
// Until a death is noticed and lists are whole again: what died within one such time died at once.
constexpr Duration memory_of_deaths = std::chrono::seconds(120);

}  // namespace

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

void Checkers::set_cut(Now now, bool cut) {
  cut_ = cut;
  whole_since_ = never;
  aftermath_until_ = now.monotonic + aftermath;
  merge_deadline_ = cut ? never : now.monotonic + merge_bound;
}

void Checkers::watch(Now now) {
  note_deaths(now);
  if (cut_) return;
  collect();
  if (const auto node = whole_since_ != never ? forsaken() : std::nullopt) {
    // One link more than the dead had may be lost to a network that drops packets.
    const std::size_t successors =
        std::min<std::size_t>(world_.topology.successors, std::max<std::size_t>(members_, 1) - 1);
    if (deaths_.size() + 1 < successors) {
      report(now, "forsaken", node->hex(),
             "has no living successor after " + std::to_string(deaths_.size()) + " deaths");
    }
    set_cut(now, false);
  }
  if (whole_since_ == never) {
    if (now.monotonic > aftermath_until_ && grown_together()) {
      whole_since_ = now.monotonic;
    } else if (now.monotonic > merge_deadline_) {
      report(now, "merge", "", "the parts of the overlay have not grown together");
    }
    return;
  }
  for (const auto& violation : topology::chord::check_always(views_))
    report(now, violation.checker, violation.node.hex(), violation.text);
}

std::optional<NodeId> Checkers::forsaken() {
  const auto members = topology::chord::find_members(views_);
  members_ = members.size();
  for (const Node* node : nodes_) {
    if (node->alive() && node->peer().phase() == overlay::Phase::isolated) {
      return world_.ids[node->index()];
    }
  }
  std::vector<NodeId> successors;
  for (const topology::chord::Member& member : members) {
    if (members_ == 1) break;  // whoever joins it is not a member yet
    if (&members[member.best_successor] != &member) continue;
    member.view->plugin->successors(successors);
    if (!successors.empty()) return member.view->node;
  }
  return std::nullopt;
}

void Checkers::note_deaths(Now now) {
  lives_.resize(nodes_.size());
  for (const Node* node : nodes_) {
    const std::uint32_t life = node->alive() ? node->incarnation() : 0;
    std::uint32_t& before = lives_[node->index()];
    if (before != 0 && before != life) deaths_.push_back(now.monotonic);
    before = life;
  }
  while (!deaths_.empty() && now.monotonic - deaths_.front() > memory_of_deaths)
    deaths_.pop_front();
}

bool Checkers::grown_together() {
  if (forsaken() || !topology::chord::check_always(views_).empty()) return false;
  // Half of the members may be appendages to a ring of the others; not where all lists are right.
  std::vector<topology::chord::Violation> gaps;
  topology::chord::check_complete_lists(views_, world_.topology, gaps);
  if (!gaps.empty()) return false;
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
    // Where all holders died at once, only the user's home can store the record again.
    const bool gone = copies == 0 && !nodes_[world_.home_of(user)]->alive();
    if (copies >= wanted || gone) continue;
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
