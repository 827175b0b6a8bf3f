#include "topology/chord/peer_table.h"

namespace chordial::topology::chord {

namespace {

// Grown in small steps: doubling would waste half of what a simulated peer may use.
constexpr std::size_t growth_nodes = 4;

}  // namespace

std::size_t PeerTable::nodes_before(RingPosition position) const {
  const RingPosition wanted = distance(position);
  std::size_t first = 0;
  std::size_t last = nodes_.size();
  while (first < last) {
    const std::size_t middle = (first + last) / 2;
    if (distance(middle) < wanted) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return first;
}

std::optional<std::size_t> PeerTable::find(const NodeId& node) const {
  const std::size_t i = nodes_before(node.position);
  if (i == nodes_.size() || nodes_[i] != node) return std::nullopt;
  return i;
}

std::size_t PeerTable::insert(const NodeId& node, std::uint8_t marks) {
  if (nodes_.size() == nodes_.capacity()) {
    nodes_.reserve(nodes_.size() + growth_nodes);
    marks_.reserve(nodes_.capacity());
  }
  const std::size_t i = nodes_before(node.position);
  nodes_.insert(nodes_.begin() + static_cast<std::ptrdiff_t>(i), node);
  marks_.insert(marks_.begin() + static_cast<std::ptrdiff_t>(i), marks);
  return i;
}

void PeerTable::erase(std::size_t i) {
  nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(i));
  marks_.erase(marks_.begin() + static_cast<std::ptrdiff_t>(i));
}

std::size_t PeerTable::heap_bytes() const {
  return nodes_.capacity() * sizeof(NodeId) + marks_.capacity();
}

}  // namespace chordial::topology::chord
