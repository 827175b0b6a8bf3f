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

  // What must hold at every moment while the network is whole. False when something does not.
  bool check_always(Now now);
  // The same without reporting it, and that all members know of each other: whether what a cut had
  // divided has grown together.
  [[nodiscard]] bool grown_together();
  // What must hold some time after the last disturbance.
  void check_settled(Now now, const std::vector<std::uint8_t>& acknowledged);
  void report(Now now, std::string checker, std::string node, std::string text);

  // How many living nodes hold the user's record.
  [[nodiscard]] std::size_t copies_of(UserIndex user) const;

 private:
  void collect();
  // Who holds the record and who should, for the text of a violation.
  [[nodiscard]] std::string holders_of(UserIndex user) const;

  const World& world_;
  std::vector<Node*>& nodes_;
  Results& results_;
  std::vector<topology::chord::NodeView> views_;
  std::set<std::string> known_;  // at most violations_max
};

}  // namespace chordial::sim
