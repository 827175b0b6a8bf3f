#include "sim/formation.h"

#include <algorithm>
#include <span>

#include "topology/chord/prebuilt.h"

namespace chordial::sim {

namespace {

using topology::chord::PrebuiltChord;

constexpr std::size_t bootstrap_addresses = 4;
constexpr Duration join_interval = std::chrono::milliseconds(250);
constexpr Duration join_patience = std::chrono::seconds(120);
// From the last join until lists and fingers have come to rest.
constexpr Duration rest = std::chrono::seconds(30);

// Who is linked with whom: the links of node n are to[from[n]] .. to[from[n + 1] - 1], ascending.
struct Graph {
  std::vector<std::uint32_t> from;
  std::vector<NodeIndex> to;

  [[nodiscard]] std::span<const NodeIndex> of(NodeIndex node) const {
    return {to.data() + from[node], to.data() + from[node + 1]};
  }
};

NodeIndex index_of(const World& world, const NodeId& id) {
  return static_cast<NodeIndex>(std::lower_bound(world.ids.begin(), world.ids.end(), id) -
                                world.ids.begin());
}

// The links every peer chooses, from both ends. Plugins are made with copies of the nodes' random
// numbers and thrown away: made again later, they choose the same.
Graph choose_links(const World& world, ShardRunner& runner) {
  using Edge = std::pair<NodeIndex, NodeIndex>;
  std::vector<Edge> edges;
  for (NodeIndex i = 0; i < world.ids.size(); ++i) {
    Rng rng = runner.nodes()[i]->rng();
    const auto plugin =
        PrebuiltChord::make(runner.now(), world.ids[i], world.topology, rng, world.ids);
    for (const NodeId& peer : plugin.links()) {
      const NodeIndex other = index_of(world, peer);
      edges.emplace_back(i, other);
      edges.emplace_back(other, i);
    }
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  Graph graph;
  graph.from.resize(world.ids.size() + 1);
  graph.to.reserve(edges.size());
  for (const auto& [from, to] : edges) {
    ++graph.from[from + 1];
    graph.to.push_back(to);
  }
  for (std::size_t i = 1; i < graph.from.size(); ++i)
    graph.from[i] += graph.from[i - 1];
  return graph;
}

void prebuild(const World& world, ShardRunner& runner) {
  const Now now = runner.now();
  const auto& nodes = runner.nodes();
  const Graph graph = choose_links(world, runner);
  for (NodeIndex i = 0; i < world.ids.size(); ++i) {
    auto plugin =
        PrebuiltChord::make(now, world.ids[i], world.topology, nodes[i]->rng(), world.ids);
    for (const NodeIndex peer : graph.of(i))
      plugin.link(world.ids[peer]);
    nodes[i]->boot(now, plugin.take(), {}, false);
    nodes[i]->links().reserve(graph.of(i).size());
  }
  for (NodeIndex i = 0; i < world.ids.size(); ++i) {
    for (const NodeIndex peer : graph.of(i)) {
      if (peer < i) continue;  // made from the other end
      const auto [ours, theirs] =
          link::MessageLinkLayer::prebuild(now, nodes[i]->links(), nodes[peer]->links());
      nodes[i]->peer().assume_link(now, ours, world.ids[peer], true);
      nodes[peer]->peer().assume_link(now, theirs, world.ids[i], false);
    }
  }
  for (Node* node : nodes)
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
    if (runner.take_change()) checkers.watch(runner.now());
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
    for (std::size_t n = 0; n < bootstrap_addresses && i > 0; ++n) {
      const NodeIndex known = order[rng.below(i)];
      // Who is not a member yet cannot help.
      bootstrap.push_back(address_of(member(*runner.nodes()[known]) ? known : order[0]));
    }
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
