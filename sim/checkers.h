// Looks at all nodes between two moments and says what is broken. Keeps each violation once.
#pragma once

#include <deque>
#include <optional>
#include <set>

#include "sim/shard.h"
#include "topology/chord/invariants.h"

namespace chordial::sim {

class Checkers {
 public:
  // All outlive it.
  Checkers(const World& world, std::vector<Node*>& nodes, Results& results)
      : world_(world), nodes_(nodes), results_(results) {}

  // What must hold at every moment, where Chord promises it: one ring as long as the network is
  // whole and no member loses all its successors at once (Zave §3.2). Where so many died that this
  // may happen, the parts must have grown together again within a bound, and until then nothing is
  // asked of the ring; a member that loses its successors without that is a violation.
  void watch(Now now);
  // The network falls apart, or is whole again.
  void set_cut(Now now, bool cut);
  // Since when the ring is one; `never` while it is not.
  [[nodiscard]] MonotonicTime whole_since() const { return whole_since_; }
  // What must hold some time after the last disturbance.
  void check_settled(Now now, const std::vector<std::uint8_t>& acknowledged);
  void report(Now now, std::string checker, std::string node, std::string text);

  // How many living nodes hold the user's record.
  [[nodiscard]] std::size_t copies_of(UserIndex user) const;

 private:
  void collect();
  // A member that is isolated or whose successors are all dead; none is where Chord keeps its
  // promise.
  [[nodiscard]] std::optional<NodeId> forsaken();
  void note_deaths(Now now);
  // All members know of each other, in one ring.
  [[nodiscard]] bool grown_together();
  // Who holds the record and who should, for the text of a violation.
  [[nodiscard]] std::string holders_of(UserIndex user) const;

  const World& world_;
  std::vector<Node*>& nodes_;
  Results& results_;
  std::vector<topology::chord::NodeView> views_;
  bool cut_ = false;
  MonotonicTime whole_since_ = start_time;
  MonotonicTime aftermath_until_ = start_time;
  MonotonicTime merge_deadline_ = never;  // while the ring is not one and the network whole
  std::size_t members_ = 0;               // when forsaken() looked
  std::vector<std::uint32_t> lives_;      // by node: its incarnation, 0 while it is dead
  std::deque<MonotonicTime> deaths_;      // within the last memory_of_deaths
  std::set<std::string> known_;           // at most violations_max
};

}  // namespace chordial::sim
