// Each checker finds what it is there for, and nothing else.
#include <deque>

#include "topology/chord/invariants.h"
#include "topology/listed_plugin.h"

namespace chordial::topology::chord {
namespace {

NodeId id(unsigned n) {
  return NodeId{{0, n}};
}

std::vector<NodeId> ids(const std::vector<unsigned>& numbers) {
  std::vector<NodeId> nodes;
  for (const unsigned n : numbers)
    nodes.push_back(id(n));
  return nodes;
}

// Nodes 1 to n with successor lists as given; predecessors, copies and fingers are of a good ring
// of them all where not set otherwise.
struct Overlay {
  explicit Overlay(const std::vector<std::vector<unsigned>>& after) {
    parameters.successors = 2;
    parameters.predecessors = 1;
    parameters.replicas = 1;
    const auto n = static_cast<unsigned>(after.size());
    for (unsigned i = 1; i <= n; ++i) {
      ListedPlugin& plugin = plugins.emplace_back();
      plugin.self = id(i);
      plugin.after = ids(after[i - 1]);
      plugin.before = {id(i == 1 ? n : i - 1)};
      plugin.copies = {id(i == n ? 1 : i + 1)};
    }
  }
  std::string settled() { return text(check_settled(views(), parameters)); }
  std::string always() { return text(check_always(views())); }

  std::vector<NodeView> views() {
    std::vector<NodeView> nodes;
    for (const ListedPlugin& plugin : plugins)
      nodes.push_back({plugin.self, &plugin});
    return nodes;
  }
  static std::string text(const std::vector<Violation>& violations) {
    std::string found;
    for (const Violation& violation : violations)
      found += std::string(found.empty() ? "" : " ") + violation.checker + "@" +
               std::to_string(violation.node.position.low);
    return found;
  }

  Parameters parameters;
  std::deque<ListedPlugin> plugins;
};

TEST(ChordInvariants, AGoodRingHasNone) {
  Overlay overlay({{2, 3}, {3, 4}, {4, 1}, {1, 2}});
  overlay.plugins[0].table = ids({3});
  EXPECT_EQ(overlay.settled(), "");
}

TEST(ChordInvariants, ASecondRing) {
  // 1-3 and 2-4 close by themselves, and 5 knows both.
  Overlay overlay({{3}, {4}, {1}, {2}, {1, 2}});
  for (unsigned i = 0; i < 5; ++i)
    overlay.plugins[i].before.clear();
  EXPECT_EQ(overlay.always(), "one_ring@2");
  overlay.plugins[4].after = ids({2, 1});
  overlay.plugins[4].self = id(6);
  // Now 6 leads into the second of them.
  EXPECT_EQ(overlay.always(), "ordered_lists@6 one_ring@2 connected_appendages@6");
}

TEST(ChordInvariants, ARingThatGoesRoundTwice) {
  Overlay overlay({{3}, {4}, {2}, {1}});
  EXPECT_EQ(overlay.always(), "ordered_ring@1");
}

TEST(ChordInvariants, DeadEntriesAreSkippedAndAppendagesAllowed) {
  // 9 is dead, though 4 has not noticed; 3 hangs before 4, known to nobody yet.
  Overlay overlay({{2, 4}, {4, 9}, {4, 9}, {9, 1}});
  EXPECT_EQ(overlay.always(), "");
  EXPECT_NE(overlay.settled(), "");
}

TEST(ChordInvariants, TwoComponentsAreTwoRings) {
  Overlay overlay({{2}, {1}, {4}, {3}});
  overlay.plugins[0].before = overlay.plugins[0].copies = ids({2});
  overlay.plugins[2].before = overlay.plugins[2].copies = ids({4});
  overlay.plugins[1].copies = ids({1});
  overlay.plugins[3].copies = ids({3});
  EXPECT_EQ(overlay.settled(), "");
}

TEST(ChordInvariants, ListsOutOfOrderOrWithDoubles) {
  for (const std::vector<unsigned>& list : {std::vector<unsigned>{3, 2}, {2, 2}, {1}, {4, 2}}) {
    Overlay overlay({list, {3, 4}, {4, 1}, {1, 2}});
    EXPECT_EQ(overlay.always().substr(0, 15), "ordered_lists@1");
  }
  Overlay overlay({{2, 3}, {3, 4}, {4, 1}, {1, 2}});
  overlay.plugins[2].before = ids({1, 2});
  EXPECT_EQ(overlay.always(), "ordered_lists@3");
}

TEST(ChordInvariants, AMemberThatIsSkipped) {
  Overlay overlay({{2, 3}, {4, 1}, {4, 1}, {1, 2}});
  EXPECT_EQ(overlay.always(), "");
  EXPECT_EQ(overlay.settled(), "complete_lists@2");
}

TEST(ChordInvariants, TwoOwnersNoOwnerAndWrongCopies) {
  Overlay overlay({{2, 3}, {3, 4}, {4, 1}, {1, 2}});
  overlay.plugins[2].before = ids({1});  // also owns what is 2's
  EXPECT_EQ(overlay.settled(), "complete_lists@3 single_ownership@3");
  overlay.plugins[2].before = ids({2});
  overlay.plugins[2].self = id(3);
  overlay.plugins[3].copies = ids({2});
  EXPECT_EQ(overlay.settled(), "replica_sets@4");
}

TEST(ChordInvariants, FingersThatAreGoneOrDouble) {
  Overlay overlay({{2, 3}, {3, 4}, {4, 1}, {1, 2}});
  overlay.plugins[0].table = ids({9});
  overlay.plugins[1].table = ids({4, 4});
  overlay.plugins[2].table = ids({3});
  EXPECT_EQ(overlay.settled(), "valid_fingers@1 valid_fingers@2 valid_fingers@3");
}

TEST(ChordInvariants, JoiningNodesAreNoMembers) {
  Overlay overlay({{2, 4}, {4, 1}, {}, {1, 2}});
  overlay.plugins[2].state = Phase::joining;
  overlay.plugins[1].copies = overlay.plugins[1].after = ids({4, 1});
  overlay.plugins[1].copies.resize(1);
  overlay.plugins[3].before = ids({2});
  EXPECT_EQ(overlay.settled(), "");
}

}  // namespace
}  // namespace chordial::topology::chord
