#include "topology/world.h"

#include <algorithm>

#include "topology/chord/components.h"

namespace chordial::topology {

World::World(const WorldOptions& options) : options_(options), rng_(options.seed, 0x70706f) {
  now_.monotonic = MonotonicTime(std::chrono::hours(1));
}

NodeId World::new_id() {
  for (;;) {
    const NodeId id{{rng_.u64(), rng_.u64()}};
    if (id != invalid_node_id && id != wildcard_node_id && !nodes_.contains(id)) return id;
  }
}

World::Node* World::find(const NodeId& node) {
  const auto at = nodes_.find(node);
  return at == nodes_.end() || !at->second.plugin ? nullptr : &at->second;
}

const chord::Chord* World::plugin(const NodeId& node) const {
  const auto at = nodes_.find(node);
  return at == nodes_.end() ? nullptr : at->second.plugin.get();
}

void World::insert_prebuilt(const NodeId& id, std::unique_ptr<chord::Chord> plugin) {
  Node& node = nodes_[id];
  node.plugin = std::move(plugin);
  node.incarnation = ++incarnations_;
  arm(id);
}

void World::link_prebuilt(const NodeId& a, const NodeId& b) {
  nodes_[a].links.insert(b);
  nodes_[b].links.insert(a);
}

void World::start_first(const NodeId& id) {
  auto rng = std::make_unique<Rng>(rng_.fork());
  insert_prebuilt(id, std::make_unique<chord::Chord>(id, options_.parameters, *rng));
  nodes_[id].rng = std::move(rng);
  call(id, [this](chord::Chord& plugin, Intents& intents) { plugin.start_first(now_, intents); });
}

void World::join(const NodeId& id, const NodeId& bootstrap) {
  if (find(id) != nullptr || find(bootstrap) == nullptr) return;
  auto rng = std::make_unique<Rng>(rng_.fork());
  insert_prebuilt(id, std::make_unique<chord::Chord>(id, options_.parameters, *rng));
  nodes_[id].rng = std::move(rng);
  nodes_[id].discovering = true;
  schedule_at(id, 2 * latency(), [this, id, bootstrap](chord::Chord&, Intents&) {
    nodes_[id].discovering = false;
    connect(id, bootstrap);
    if (!linked(id, bootstrap)) return;
    call(id, [&](chord::Chord& plugin, Intents& intents) {
      plugin.start_joining(now_, bootstrap, intents);
    });
  });
}

void World::kill(const NodeId& id) {
  Node* node = find(id);
  if (node == nullptr) return;
  const std::set<NodeId> links = node->links;
  node->plugin.reset();
  node->links.clear();
  for (const NodeId& peer : links) {
    notice_loss(peer, id,
                Duration(static_cast<Duration::rep>(
                    static_cast<double>(options_.detection_max.count()) * rng_.fraction())));
  }
}

// `id` still holds its end of a link to `peer`, until it notices or a new association comes.
void World::notice_loss(const NodeId& id, const NodeId& peer, Duration delay) {
  schedule_at(id, delay, [this, id, peer](chord::Chord& plugin, Intents& intents) {
    if (linked(id, peer) || nodes_[id].links.erase(peer) == 0) return;
    plugin.on_link_down(now_, peer, intents);
  });
}

void World::leave(const NodeId& id) {
  call(id, [this](chord::Chord& plugin, Intents& intents) { plugin.start_leaving(now_, intents); });
  schedule_at(id, std::chrono::milliseconds(300),
              [this, id](chord::Chord&, Intents&) { schedule({}, [this, id] { kill(id); }); });
}

void World::cut(const NodeId& a, const NodeId& b) {
  if (linked(a, b)) unlink(a, b, latency());
}

void World::unlink(const NodeId& a, const NodeId& b, Duration notice_b) {
  nodes_[a].links.erase(b);
  call(a, [&](chord::Chord& plugin, Intents& intents) { plugin.on_link_down(now_, b, intents); });
  notice_loss(b, a, notice_b);
}

void World::partition(const std::set<NodeId>& side) {
  side_ = side;
  for (const auto& [id, node] : nodes_) {
    const std::set<NodeId> links = node.links;
    for (const NodeId& peer : links) {
      if (side_.contains(id) && !side_.contains(peer)) unlink(id, peer, options_.detection_max);
    }
  }
}

void World::heal() {
  side_.clear();
}

void World::check_partitions() {
  const std::vector<NodeId> all = members();
  for (const NodeId& id : all) {
    const NodeId bootstrap = all[rng_.below(all.size())];
    if (bootstrap == id) continue;
    schedule_at(id, latency(), [this, id, bootstrap](chord::Chord&, Intents&) {
      connect(id, bootstrap);
      if (!linked(id, bootstrap)) return;
      call(id, [&](chord::Chord& plugin, Intents& intents) {
        plugin.check_partition(now_, bootstrap, intents);
      });
    });
  }
}

void World::connect(const NodeId& a, const NodeId& b) {
  if (a == b || find(a) == nullptr || find(b) == nullptr) return;
  if (side_.contains(a) != side_.contains(b) || linked(a, b)) return;
  for (const auto& [one, other] : {std::pair(a, b), std::pair(b, a)}) {
    if (!nodes_[one].links.contains(other)) continue;
    // Still held for the association of a dead incarnation.
    nodes_[one].links.erase(other);
    call(one, [&, other = other](chord::Chord& plugin, Intents& intents) {
      plugin.on_link_down(now_, other, intents);
    });
  }
  link_prebuilt(a, b);
  for (const auto& [one, other] : {std::pair(b, a), std::pair(a, b)}) {
    call(one, [&, other = other](chord::Chord& plugin, Intents& intents) {
      plugin.on_link_up(now_, other, intents);
    });
  }
}

void World::deliver_update(const NodeId& from, const NodeId& to, ByteView bytes) {
  call(to, [&](chord::Chord& plugin, Intents& intents) {
    static_cast<void>(plugin.on_update(now_, from, bytes, intents));
  });
}

void World::deliver_leave(const NodeId& from, const NodeId& to, ByteView bytes) {
  call(to, [&](chord::Chord& plugin, Intents& intents) {
    static_cast<void>(plugin.on_leave(now_, from, bytes, intents));
  });
}

bool World::linked(const NodeId& a, const NodeId& b) const {
  const auto at_a = nodes_.find(a);
  const auto at_b = nodes_.find(b);
  return at_a != nodes_.end() && at_b != nodes_.end() && at_a->second.plugin &&
         at_b->second.plugin && at_a->second.links.contains(b) && at_b->second.links.contains(a);
}

bool World::holds(const NodeId& a, const NodeId& b) const {
  const auto at = nodes_.find(a);
  return at != nodes_.end() && at->second.links.contains(b);
}

std::size_t World::links(const NodeId& node) const {
  return nodes_.at(node).links.size();
}

void World::schedule(Duration delay, std::function<void()> action) {
  events_.push({now_.monotonic + delay, ++sequence_, std::move(action)});
}

void World::schedule_at(const NodeId& id, Duration delay, Call action) {
  const Node* node = find(id);
  if (node == nullptr) return;
  schedule(delay, [this, id, incarnation = node->incarnation, action = std::move(action)] {
    const Node* then = find(id);
    if (then != nullptr && then->incarnation == incarnation) call(id, action);
  });
}

void World::call(const NodeId& id, const Call& action) {
  Node* node = find(id);
  if (node == nullptr) return;
  Intents intents;
  action(*node->plugin, intents);
  carry_out(id, intents);
  if (find(id) == nullptr) return;
  arm(id);
  discover(id);
}

void World::arm(const NodeId& id) {
  Node* node = find(id);
  const MonotonicTime next = std::max(node->plugin->next_timer(), now_.monotonic);
  if (next == never || next == node->armed) return;
  node->armed = next;
  schedule_at(id, next - now_.monotonic, [this, id, next](chord::Chord& plugin, Intents& intents) {
    if (nodes_[id].armed != next) return;
    nodes_[id].armed = never;
    plugin.on_timer(now_, intents);
  });
}

// The overlay's duty towards a node that has lost its ring, or has never found one.
void World::discover(const NodeId& id) {
  Node* node = find(id);
  const Phase phase = node->plugin->phase();
  if (node->discovering || (phase != Phase::isolated && phase != Phase::idle)) return;
  node->discovering = true;
  const Duration wait = std::chrono::milliseconds(500 + rng_.below(2500));
  schedule_at(id, wait, [this, id](chord::Chord& plugin, Intents&) {
    nodes_[id].discovering = false;
    if (plugin.phase() != Phase::isolated && plugin.phase() != Phase::idle) return;
    std::vector<NodeId> others = members();
    std::erase_if(others, [&](const NodeId& other) {
      return other == id || side_.contains(other) != side_.contains(id);
    });
    if (others.empty()) return;
    const NodeId bootstrap = others[rng_.below(others.size())];
    connect(id, bootstrap);
    if (!linked(id, bootstrap)) return;
    call(id, [&](chord::Chord& joining, Intents& intents) {
      joining.start_joining(now_, bootstrap, intents);
    });
  });
}

bool World::step(MonotonicTime until) {
  if (events_.empty() || events_.top().at > until) return false;
  const Event event = events_.top();
  events_.pop();
  now_.monotonic = event.at;
  event.action();
  if (check_always && violations.empty()) violations = chord::check_always(views());
  return true;
}

void World::run_for(Duration duration) {
  const MonotonicTime until = now_.monotonic + duration;
  while (step(until)) {}
  now_.monotonic = until;
}

bool World::settled() const {
  return members().size() == alive().size() && rings() <= 1 && settled_text().empty();
}

std::size_t World::rings() const {
  const std::vector<chord::NodeView> nodes = views();
  std::size_t rings = 0;
  for (const auto& component : chord::list_components(chord::find_members(nodes)))
    rings += component.empty() ? 0 : 1;
  return rings;
}

bool World::settles_within(Duration bound) {
  const MonotonicTime until = now_.monotonic + bound;
  while (!settled()) {
    if (now_.monotonic >= until) return false;
    run_for(std::chrono::milliseconds(250));
  }
  return true;
}

std::vector<NodeId> World::alive() const {
  std::vector<NodeId> ids;
  for (const auto& [id, node] : nodes_) {
    if (node.plugin) ids.push_back(id);
  }
  return ids;
}

std::vector<NodeId> World::members() const {
  std::vector<NodeId> ids;
  for (const auto& [id, node] : nodes_) {
    if (!node.plugin) continue;
    const Phase phase = node.plugin->phase();
    if (phase == Phase::ring || phase == Phase::isolated) ids.push_back(id);
  }
  return ids;
}

std::vector<chord::NodeView> World::views() const {
  std::vector<chord::NodeView> views;
  for (const auto& [id, node] : nodes_) {
    if (node.plugin) views.push_back({id, node.plugin.get()});
  }
  return views;
}

std::string World::settled_text() const {
  std::string text;
  for (const auto& [id, node] : nodes_) {
    if (!node.plugin || node.plugin->phase() == Phase::ring) continue;
    if (nodes_.size() == 1 || node.plugin->phase() == Phase::isolated) continue;
    text += id.hex().substr(0, 8) + " is " + phase_name(node.plugin->phase()) + "\n";
  }
  for (const auto& violation : chord::check_settled(views(), options_.parameters)) {
    text += std::string(violation.checker) + " at " + violation.node.hex().substr(0, 8) + ": " +
            violation.text + "\n";
  }
  return text;
}

}  // namespace chordial::topology
