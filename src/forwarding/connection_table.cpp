#include "forwarding/connection_table.h"

#include <algorithm>

namespace chordial::forwarding {

namespace {

bool before(const Connection& connection, const NodeId& node) {
  return connection.node < node;
}

}  // namespace

bool ConnectionTable::put(const Connection& connection) {
  const auto at =
      std::lower_bound(connections_.begin(), connections_.end(), connection.node, before);
  if (at != connections_.end() && at->node == connection.node) {
    *at = connection;
    return true;
  }
  if (connections_.size() >= connections_max) return false;
  // Growth by an eighth: doubling would waste as much as some dozens of links need.
  const auto place = at - connections_.begin();
  if (connections_.size() == connections_.capacity()) {
    connections_.reserve(connections_.size() + 2 + connections_.size() / 8);
  }
  connections_.insert(connections_.begin() + place, connection);
  return true;
}

void ConnectionTable::remove(const NodeId& node) {
  const auto at = std::lower_bound(connections_.begin(), connections_.end(), node, before);
  if (at == connections_.end() || at->node != node) return;
  connections_.erase(at);
  if (connections_.empty()) connections_.shrink_to_fit();
}

const Connection* ConnectionTable::find(const NodeId& node) const {
  const auto at = std::lower_bound(connections_.begin(), connections_.end(), node, before);
  return at != connections_.end() && at->node == node ? &*at : nullptr;
}

Connection* ConnectionTable::find(const NodeId& node) {
  const auto at = std::lower_bound(connections_.begin(), connections_.end(), node, before);
  return at != connections_.end() && at->node == node ? &*at : nullptr;
}

Connection* ConnectionTable::find(link::LinkId link) {
  const auto at = std::find_if(connections_.begin(), connections_.end(),
                               [link](const Connection& c) { return c.link == link; });
  return at != connections_.end() ? &*at : nullptr;
}

}  // namespace chordial::forwarding
