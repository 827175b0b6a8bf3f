// What must hold over a whole overlay of Chord peers (Zave, arXiv 1502.06461, §4; design: "Correct
// Chord"). Pure functions over views of the plugins, for tests and the simulator. A *member* is in
// Phase::ring or Phase::isolated; entries that name no present member count as dead and are
// skipped. Members belong to one component when lists of theirs connect them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "topology/plugin.h"

namespace chordial::topology::chord {

// A present node. Views are given in ascending order of Node-ID, each node once.
struct NodeView {
  NodeId node;
  const Plugin* plugin;
};

struct Violation {
  const char* checker;
  NodeId node;
  std::string text;
};

// Always: per component exactly one ring of best successors, it goes round once, and every other
// member leads into it (one_ring, ordered_ring, connected_appendages).
void check_ring(std::span<const NodeView> nodes, std::vector<Violation>& violations);
// Always: successors stand in clockwise order, predecessors in counterclockwise order, no list
// holds the node itself or a node twice (ordered_lists).
void check_ordered_lists(std::span<const NodeView> nodes, std::vector<Violation>& violations);
// Settled: successor and predecessor lists are exactly the nearest members of the component
// (complete_lists).
void check_complete_lists(std::span<const NodeView> nodes, const Parameters& parameters,
                          std::vector<Violation>& violations);
// Settled: every place of the ring belongs to exactly one member of the component
// (single_ownership), and the copies of its values to its nearest successors (replica_sets; not
// before the hold-down has passed).
void check_ownership(std::span<const NodeView> nodes, const Parameters& parameters,
                     std::vector<Violation>& violations);
// Settled: fingers are present members of the component, each once (valid_fingers).
void check_fingers(std::span<const NodeView> nodes, std::vector<Violation>& violations);

// Those that must hold after every single event, and all of them.
[[nodiscard]] std::vector<Violation> check_always(std::span<const NodeView> nodes);
[[nodiscard]] std::vector<Violation> check_settled(std::span<const NodeView> nodes,
                                                   const Parameters& parameters);

}  // namespace chordial::topology::chord
