#include "sim/formation.h"

#include <algorithm>
#include <unordered_map>

#include "topology/chord/prebuilt.h"

namespace chordial::sim {

namespace {

using topology::chord::PrebuiltChord;

constexpr std::size_t bootstrap_addresses = 4;
constexpr Duration join_interval = std::chrono::milliseconds(250);
constexpr Duration join_patience = std::chrono::seconds(120);
// From the last join until lists and fingers have come to rest.
constexpr Duration rest = std::chrono::seconds(30);

struct Edge {
  NodeIndex from;
  NodeIndex to;
};

NodeIndex index_of(const World& world, const NodeId& id) {
  return static_cast<NodeIndex>(std::lower_bound(world.ids.begin(), world.ids.end(), id) -
                                world.ids.begin());
}

void link(const World& world, ShardRunner& runner, const Edge& edge, Now now) {
  Node& a = *runner.nodes()[edge.from];
  Node& b = *runner.nodes()[edge.to];
  const auto [of_a, of_b] = link::MessageLinkLayer::prebuild(now, a.links(), b.links());
  a.peer().assume_link(now, of_a, world.ids[edge.to], true);
  b.peer().assume_link(now, of_b, world.ids[edge.from], false);
}

void prebuild(const World& world, ShardRunner& runner) {
  const Now now = runner.now();
  std::vector<Edge> edges;
  {
    std::vector<PrebuiltChord> plugins;
    plugins.reserve(world.ids.size());
    for (NodeIndex i = 0; i < world.ids.size(); ++i) {
      plugins.push_back(PrebuiltChord::make(now, world.ids[i], world.topology,
                                            runner.nodes()[i]->rng(), world.ids));
      for (const NodeId& peer : plugins.back().links())
        edges.push_back({i, index_of(world, peer)});
    }
    for (const Edge& edge : edges)
      plugins[edge.to].link(world.ids[edge.from]);
    for (NodeIndex i = 0; i < world.ids.size(); ++i)
      runner.nodes()[i]->boot(now, plugins[i].take(), {}, false);
  }
  // Each pair has one link, whoever chose it.
  for (Edge& edge : edges) {
    if (edge.from > edge.to) std::swap(edge.from, edge.to);
  }
  const auto before = [](const Edge& a, const Edge& b) {
    return std::tie(a.from, a.to) < std::tie(b.from, b.to);
  };
  std::sort(edges.begin(), edges.end(), before);
  const auto same = [](const Edge& a, const Edge& b) { return a.from == b.from && a.to == b.to; };
  edges.erase(std::unique(edges.begin(), edges.end(), same), edges.end());
  for (const Edge& edge : edges)
    link(world, runner, edge, now);
  for (Node* node : runner.nodes())
    node->start(now);
  runner.exchange();
}

bool member(const Node& node) {
  const overlay::Phase phase = node.peer().phase();
  return phase == overlay::Phase::ring || phase == overlay::Phase::mesh;
}

// Lets time pass, and looks at the ring whenever it has changed.
void pass(ShardRunner& runner, Checkers& checkers, Duration span) {
  const MonotonicTime end = runner.now().monotonic + span;
  while (runner.now().monotonic < end) {
    runner.run_window(end);
    runner.exchange();
    if (runner.take_change()) checkers.check_always(runner.now());
  }
}

void join_all(const World& world, ShardRunner& runner, Checkers& checkers) {
  std::vector<NodeIndex> order(world.ids.size());
  for (NodeIndex i = 0; i < order.size(); ++i)
    order[i] = i;
  Rng rng(world.scenario.seed, 0x6a6f696e);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[rng.below(i)]);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<SocketAddress> bootstrap;
    for (std::size_t n = 0; n < bootstrap_addresses && i > 0; ++n)
      bootstrap.push_back(address_of(order[rng.below(i)]));
    Node& node = *runner.nodes()[order[i]];
    node.boot(runner.now(), nullptr, std::move(bootstrap), i == 0);
    node.start(runner.now());
    runner.exchange();
    pass(runner, checkers, join_interval);
  }
  const MonotonicTime limit = runner.now().monotonic + join_patience;
  const auto& nodes = runner.nodes();
  while (runner.now().monotonic < limit) {
    if (std::all_of(nodes.begin(), nodes.end(), [](const Node* n) { return member(*n); })) break;
    pass(runner, checkers, std::chrono::seconds(1));
  }
  for (const Node* node : nodes) {
    if (member(*node) || nodes.size() == 1) continue;
    checkers.report(runner.now(), "formation", world.ids[node->index()].hex(),
                    "has not become a member");
  }
  pass(runner, checkers, rest);
}

}  // namespace

MonotonicTime form(const World& world, ShardRunner& runner, Checkers& checkers) {
  if (world.ids.size() > joining_max) {
    prebuild(world, runner);
  } else {
    join_all(world, runner, checkers);
  }
  return runner.now().monotonic;
}

}  // namespace chordial::sim
