// Nodes with one byte of marks each, sorted by their clockwise distance from this node: the first
// ones are its successors, the last ones its predecessors. Finding is O(log n), nothing allocates
// but insert. Knows no protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/node_id.h"

namespace chordial::topology::chord {

class PeerTable {
 public:
  explicit PeerTable(const NodeId& self) : self_(self.position) {}

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  [[nodiscard]] const NodeId& node(std::size_t i) const { return nodes_[i]; }
  [[nodiscard]] std::uint8_t& marks(std::size_t i) { return marks_[i]; }
  [[nodiscard]] std::uint8_t marks(std::size_t i) const { return marks_[i]; }

  // Clockwise from this node; 0 is this node itself.
  [[nodiscard]] RingPosition distance(RingPosition position) const { return position - self_; }
  [[nodiscard]] RingPosition distance(std::size_t i) const { return distance(nodes_[i].position); }

  // The number of nodes that are nearer, clockwise, than `position`.
  [[nodiscard]] std::size_t nodes_before(RingPosition position) const;
  [[nodiscard]] std::optional<std::size_t> find(const NodeId& node) const;
  [[nodiscard]] bool contains(const NodeId& node) const { return find(node).has_value(); }

  // The place where it stands now. Caller's duty: it is not there yet.
  std::size_t insert(const NodeId& node, std::uint8_t marks);
  void erase(std::size_t i);

  [[nodiscard]] std::size_t heap_bytes() const;

 private:
  RingPosition self_;
  // Two arrays instead of one of pairs: 17 bytes a node instead of 24.
  std::vector<NodeId> nodes_;
  std::vector<std::uint8_t> marks_;
};

}  // namespace chordial::topology::chord
