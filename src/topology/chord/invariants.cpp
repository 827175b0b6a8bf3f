#include "topology/chord/invariants.h"

#include <algorithm>

#include "topology/chord/components.h"

namespace chordial::topology::chord {

namespace {

constexpr RingPosition one{0, 1};

using Component = std::vector<std::uint32_t>;

std::string short_name(const NodeId& node) {
  return node.hex().substr(0, 8);
}

std::string list_text(const std::vector<NodeId>& nodes) {
  std::string text;
  for (const NodeId& node : nodes)
    text += (text.empty() ? "" : " ") + short_name(node);
  return "[" + text + "]";
}

// Every member has one best successor, so each walk ends on a ring; all must end on the same one.
void check_component_ring(const std::vector<Member>& members, const Component& component,
                          std::vector<std::uint32_t>& walk_of, std::vector<Violation>& violations) {
  constexpr std::uint32_t none = 0;
  std::uint32_t first_ring = none;
  std::vector<std::uint32_t> ends(component.size() + 1, none);  // by walk: the ring it ends on
  std::uint32_t walk = none;
  for (const std::uint32_t start : component) {
    if (walk_of[start] != none) continue;
    ++walk;
    std::uint32_t at = start;
    for (; walk_of[at] == none; at = members[at].best_successor)
      walk_of[at] = walk;
    if (walk_of[at] != walk) {
      ends[walk] = ends[walk_of[at]];
      if (ends[walk] != first_ring) {
        violations.push_back({"connected_appendages", members[start].view->node,
                              "leads into another ring than the first member's"});
      }
      continue;
    }
    ends[walk] = walk;
    if (first_ring == none) {
      first_ring = walk;
    } else {
      violations.push_back({"one_ring", members[at].view->node, "a second ring"});
    }
    std::size_t rounds = 0;
    std::uint32_t on_ring = at;
    do {
      const std::uint32_t next = members[on_ring].best_successor;
      if (next <= on_ring) ++rounds;
      on_ring = next;
    } while (on_ring != at);
    if (rounds != 1) {
      violations.push_back({"ordered_ring", members[at].view->node,
                            "its ring goes round " + std::to_string(rounds) + " times"});
    }
  }
}

void check_order(const NodeId& self, const std::vector<NodeId>& list, bool clockwise,
                 std::vector<Violation>& violations) {
  RingPosition last{};
  for (const NodeId& node : list) {
    const RingPosition distance =
        clockwise ? node.position - self.position : self.position - node.position;
    if (distance <= last) {
      violations.push_back(
          {"ordered_lists", self, (clockwise ? "successors " : "predecessors ") + list_text(list)});
      return;
    }
    last = distance;
  }
}

// The `count` members nearest to the one at `place` of the component.
std::vector<NodeId> nearest(const std::vector<Member>& members, const Component& component,
                            std::size_t place, std::size_t count, bool clockwise) {
  std::vector<NodeId> nodes;
  const std::size_t size = component.size();
  for (std::size_t step = 1; step < size && step <= count; ++step) {
    const std::size_t at = (clockwise ? place + step : place + size - step) % size;
    nodes.push_back(members[component[at]].view->node);
  }
  return nodes;
}

void expect_list(const char* checker, const NodeId& node, const char* what,
                 const std::vector<NodeId>& list, const std::vector<NodeId>& wanted,
                 std::vector<Violation>& violations) {
  if (list == wanted) return;
  violations.push_back(
      {checker, node,
       std::string(what) + " " + list_text(list) + " instead of " + list_text(wanted)});
}

}  // namespace

void check_ring(std::span<const NodeView> nodes, std::vector<Violation>& violations) {
  const std::vector<Member> members = find_members(nodes);
  std::vector<std::uint32_t> walk_of(members.size(), 0);
  for (const Component& component : list_components(members)) {
    if (!component.empty()) check_component_ring(members, component, walk_of, violations);
  }
}

void check_ordered_lists(std::span<const NodeView> nodes, std::vector<Violation>& violations) {
  std::vector<NodeId> list;
  for (const NodeView& view : nodes) {
    view.plugin->successors(list);
    check_order(view.node, list, true, violations);
    view.plugin->predecessors(list);
    check_order(view.node, list, false, violations);
  }
}

void check_complete_lists(std::span<const NodeView> nodes, const Parameters& parameters,
                          std::vector<Violation>& violations) {
  const std::vector<Member> members = find_members(nodes);
  std::vector<NodeId> list;
  for (const Component& component : list_components(members)) {
    for (std::size_t place = 0; place < component.size(); ++place) {
      const NodeView& view = *members[component[place]].view;
      view.plugin->successors(list);
      expect_list("complete_lists", view.node, "successors", list,
                  nearest(members, component, place, parameters.successors, true), violations);
      view.plugin->predecessors(list);
      expect_list("complete_lists", view.node, "predecessors", list,
                  nearest(members, component, place, parameters.predecessors, false), violations);
    }
  }
}

void check_ownership(std::span<const NodeView> nodes, const Parameters& parameters,
                     std::vector<Violation>& violations) {
  const std::vector<Member> members = find_members(nodes);
  std::vector<NodeId> list;
  for (const Component& component : list_components(members)) {
    for (std::size_t place = 0; place < component.size(); ++place) {
      const NodeView& view = *members[component[place]].view;
      const NodeId before =
          members[component[(place + component.size() - 1) % component.size()]].view->node;
      const bool owns = view.plugin->responsible(view.node.position) &&
                        view.plugin->responsible(before.position + one);
      const bool too_much = component.size() > 1 && view.plugin->responsible(before.position);
      if (!owns || too_much) {
        violations.push_back({"single_ownership", view.node,
                              std::string(owns ? "also" : "not") +
                                  " responsible for what follows " + short_name(before)});
      }
      view.plugin->replica_set(list);
      expect_list("replica_sets", view.node, "copies at", list,
                  nearest(members, component, place,
                          std::min(parameters.replicas, parameters.successors), true),
                  violations);
    }
  }
}

void check_fingers(std::span<const NodeView> nodes, std::vector<Violation>& violations) {
  const std::vector<Member> members = find_members(nodes);
  std::vector<NodeId> list;
  for (const Member& member : members) {
    member.view->plugin->fingers(list);
    for (const NodeId& node : list) {
      const std::size_t at = find_member(members, node);
      if (at == members.size() || members[at].component != member.component) {
        violations.push_back({"valid_fingers", member.view->node,
                              short_name(node) + " is no member of its overlay"});
      }
    }
    std::sort(list.begin(), list.end());
    if (std::adjacent_find(list.begin(), list.end()) != list.end() ||
        std::binary_search(list.begin(), list.end(), member.view->node)) {
      violations.push_back({"valid_fingers", member.view->node, "twice, or the node itself"});
    }
  }
}

std::vector<Violation> check_always(std::span<const NodeView> nodes) {
  std::vector<Violation> violations;
  check_ordered_lists(nodes, violations);
  check_ring(nodes, violations);
  return violations;
}

std::vector<Violation> check_settled(std::span<const NodeView> nodes,
                                     const Parameters& parameters) {
  std::vector<Violation> violations = check_always(nodes);
  check_complete_lists(nodes, parameters, violations);
  check_ownership(nodes, parameters, violations);
  check_fingers(nodes, violations);
  return violations;
}

}  // namespace chordial::topology::chord
