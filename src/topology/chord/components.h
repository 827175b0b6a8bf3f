// Members of an overlay, the edges their lists make, and the components these fall into: what the
// checkers of invariants.h look at.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "topology/chord/invariants.h"

namespace chordial::topology::chord {

struct Member {
  const NodeView* view;
  // The first entry of its successor list that is a member; itself where there is none.
  std::uint32_t best_successor = 0;
  std::uint32_t component = 0;  // the place of its first member
};

// The members in ascending order, with their components.
[[nodiscard]] std::vector<Member> find_members(std::span<const NodeView> nodes);
// The place of a member; members.size() when it is none.
[[nodiscard]] std::size_t find_member(const std::vector<Member>& members, const NodeId& node);
// The places of each component's members, ascending; empty for all but the component's first
// member.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> list_components(
    const std::vector<Member>& members);

}  // namespace chordial::topology::chord
