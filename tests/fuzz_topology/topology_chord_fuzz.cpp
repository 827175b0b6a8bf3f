// Bytes drive the life of a small overlay of Chord peers; the checkers watch. With the first byte
// odd, peers also get Updates and Leaves of arbitrary bytes: then no ring is promised, only that
// every list stays in order, every table within its limit and every next hop a linked node.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "topology/world.h"

namespace {

using namespace chordial;
using namespace chordial::topology;

constexpr std::size_t nodes_max = 24;
constexpr std::size_t memory_bytes_max = 16384;

struct Input {
  ByteView bytes;

  std::uint8_t next() {
    if (bytes.empty()) return 0;
    const std::uint8_t value = bytes[0];
    bytes = bytes.subspan(1);
    return value;
  }
  ByteView take(std::size_t count) {
    const ByteView taken = bytes.first(std::min(count, bytes.size()));
    bytes = bytes.subspan(taken.size());
    return taken;
  }
};

[[noreturn]] void broken(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

class Life {
 public:
  Life(std::uint8_t first, std::uint8_t second)
      : hostile_((first & 1) != 0), world_(options(second)) {
    world_.check_always = !hostile_;
    world_.start_first(world_.new_id());
  }

  void run(Input input) {
    while (!input.bytes.empty()) {
      act(input.next(), input);
      check();
    }
    if (hostile_) return;
    // A lone pair may have been cut in two rings; then a look for partitions makes it one again.
    for (int look = 0; look < 6; ++look) {
      if (world_.settles_within(std::chrono::seconds(60))) return;
      world_.check_partitions();
    }
    broken("not settled", world_.settled_text() + std::to_string(world_.rings()) + " rings");
  }

 private:
  static WorldOptions options(std::uint8_t choice) {
    WorldOptions options;
    options.seed = choice;
    options.parameters.successors = static_cast<std::uint8_t>(2 + choice % 4);
    options.parameters.predecessors = static_cast<std::uint8_t>(1 + choice % 3);
    options.parameters.replica_hold_s = 5;
    options.parameters.reactive = choice < 128;
    options.parameters.update_interval_s = choice < 128 ? 600 : 10;
    options.parameters.full_mesh = (choice & 64) != 0;
    return options;
  }

  NodeId pick(const std::vector<NodeId>& nodes, std::uint8_t choice) {
    return nodes[choice % nodes.size()];
  }

  void act(std::uint8_t what, Input& input) {
    const std::vector<NodeId> members = world_.members();
    const std::vector<NodeId> alive = world_.alive();
    const std::uint8_t choice = input.next();
    switch (what % 8) {
      case 0:
        if (members.empty() || alive.size() >= nodes_max) return;
        world_.join(place(input.next(), members), pick(members, choice));
        return;
      case 1:
        if (!may_lose(members)) return;
        dead_ = pick(members, choice);
        world_.kill(dead_);
        return;
      case 2:
        if (may_lose(members)) world_.leave(pick(members, choice));
        return;
      case 3:
        world_.run_for(std::chrono::milliseconds(choice));
        return;
      case 4:
        world_.run_for(std::chrono::seconds(choice % 64));
        if (world_.settled()) {
          bearable_ = std::min<std::size_t>(world_.parameters().successors - 1U,
                                            (world_.members().size() - 1) / 2);
        }
        return;
      case 5:
        if (dead_ != invalid_node_id && !members.empty()) world_.join(dead_, pick(members, choice));
        return;
      case 6:
        if (hostile_) world_.cut(pick(alive, choice), pick(alive, input.next()));
        return;
      default:
        if (hostile_) deliver(pick(alive, choice), pick(alive, input.next()), input);
        return;
    }
  }

  // Between two neighbors, so that joins meet there; or anywhere.
  NodeId place(std::uint8_t choice, const std::vector<NodeId>& members) {
    if (choice < 128) return world_.new_id();
    NodeId id = pick(members, choice);
    id.position = id.position + RingPosition{0, choice};
    return id;
  }

  bool may_lose(const std::vector<NodeId>& members) {
    if (members.size() < 2) return false;
    if (hostile_) return true;
    // The lists can bear the loss of all but one successor from where everyone last had them whole.
    if (bearable_ == 0) return false;
    --bearable_;
    return true;
  }

  void deliver(const NodeId& from, const NodeId& to, Input& input) {
    const std::uint8_t length = input.next();
    if ((length & 1) != 0) {
      world_.deliver_leave(from, to, input.take(length));
    } else {
      world_.deliver_update(from, to, input.take(length));
    }
  }

  void check() {
    for (const auto& violation : world_.violations)
      broken(violation.checker, violation.text);
    std::vector<chord::Violation> violations;
    chord::check_ordered_lists(world_.views(), violations);
    for (const auto& violation : violations)
      broken(violation.checker, violation.text);
    for (const NodeId& id : world_.alive()) {
      const chord::Chord& plugin = *world_.plugin(id);
      if (plugin.memory_bytes() > memory_bytes_max) broken("memory", id.hex());
      const RingPosition somewhere{world_.rng().u64(), 0};
      const NextHop next = plugin.next_hop(somewhere);
      if (next.kind == NextHop::Kind::node && !world_.holds(id, next.node)) {
        broken("next hop is not linked", id.hex());
      }
    }
  }

  bool hostile_;
  World world_;
  NodeId dead_ = invalid_node_id;
  std::size_t bearable_ = 0;  // members that may go before the overlay is seen settled again
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 600) return 0;
  Life(data[0], data[1]).run({ByteView(data, size).subspan(2)});
  return 0;
}
