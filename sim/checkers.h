// Looks at all nodes between two moments and says what is broken. Keeps each violation once.
#pragma once

#include <set>

#include "sim/shard.h"
#include "topology/chord/invariants.h"

namespace chordial::sim {

class Checkers {
 public:
  // All outlive it.
  Checkers(const World& world, std::vector<Node*>& nodes, Results& results)
      : world_(world), nodes_(nodes), results_(results) {}

  // What must hold at every moment while the network is whole.
  void check_always(Now now);
  // What must hold some time after the last disturbance.
  void check_settled(Now now, const std::vector<std::uint8_t>& acknowledged);
  void report(Now now, std::string checker, std::string node, std::string text);

  // How many living nodes hold the user's record.
  [[nodiscard]] std::size_t copies_of(UserIndex user) const;

 private:
  void collect();

  const World& world_;
  std::vector<Node*>& nodes_;
  Results& results_;
  std::vector<topology::chord::NodeView> views_;
  std::set<std::string> known_;  // at most violations_max
};

}  // namespace chordial::sim
