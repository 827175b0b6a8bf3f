#include "topology/chord/components.h"

#include <algorithm>

namespace chordial::topology::chord {

namespace {

class Unions {
 public:
  explicit Unions(std::size_t size) : parent_(size) {
    for (std::size_t i = 0; i < size; ++i)
      parent_[i] = static_cast<std::uint32_t>(i);
  }
  std::uint32_t find(std::uint32_t i) {
    for (; parent_[i] != i; i = parent_[i])
      parent_[i] = parent_[parent_[i]];
    return i;
  }
  // The lower place stands for both.
  void unite(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

}  // namespace

std::size_t find_member(const std::vector<Member>& members, const NodeId& node) {
  const auto at = std::lower_bound(
      members.begin(), members.end(), node,
      [](const Member& member, const NodeId& id) { return member.view->node < id; });
  if (at == members.end() || at->view->node != node) return members.size();
  return static_cast<std::size_t>(at - members.begin());
}

std::vector<Member> find_members(std::span<const NodeView> nodes) {
  std::vector<Member> members;
  for (const NodeView& view : nodes) {
    const Phase phase = view.plugin->phase();
    if (phase == Phase::ring || phase == Phase::isolated) members.push_back({&view, 0, 0});
  }
  Unions unions(members.size());
  std::vector<NodeId> list;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Plugin& plugin = *members[i].view->plugin;
    plugin.successors(list);
    members[i].best_successor = static_cast<std::uint32_t>(i);
    for (const NodeId& node : list) {
      const std::size_t at = find_member(members, node);
      if (at == members.size()) continue;
      if (members[i].best_successor == i) {
        members[i].best_successor = static_cast<std::uint32_t>(at);
      }
      unions.unite(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(at));
    }
    plugin.predecessors(list);
    for (const NodeId& node : list) {
      const std::size_t at = find_member(members, node);
      if (at != members.size()) {
        unions.unite(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(at));
      }
    }
  }
  for (std::size_t i = 0; i < members.size(); ++i)
    members[i].component = unions.find(static_cast<std::uint32_t>(i));
  return members;
}

std::vector<std::vector<std::uint32_t>> list_components(const std::vector<Member>& members) {
  std::vector<std::vector<std::uint32_t>> components(members.size());
  for (std::size_t i = 0; i < members.size(); ++i)
    components[members[i].component].push_back(static_cast<std::uint32_t>(i));
  return components;
}

}  // namespace chordial::topology::chord
