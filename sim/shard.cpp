#include "sim/shard.h"

#include "base/assert.h"
#include "crypto/hash.h"
#include "link/wire_link.h"
#include "wire/message_contents.h"

namespace chordial::sim {

namespace {

// Group commit of a disk that is not busy.
constexpr Duration commit_delay = std::chrono::milliseconds(5);

std::uint32_t overlay_hash(const std::string& name) {
  const crypto::Sha1 digest = crypto::sha1({as_bytes(name)});
  std::uint32_t hash = 0;
  for (std::size_t i = digest.size() - 4; i < digest.size(); ++i)
    hash = hash << 8 | digest[i];
  return hash;
}

}  // namespace

Shard::Shard(const World& world, unsigned number, std::vector<std::uint8_t>& acknowledged)
    : world_(world),
      number_(number),
      acknowledged_(acknowledged),
      timers_(start_time),
      calendar_(start_time, world.network.lookahead()),
      outgoing_(world.scenario.threads),
      certificates_(world.authority, &world.certificates),
      verifier_(world.authority, cost_) {
  context_.overlay_name = world.overlay_name;
  context_.overlay_hash = overlay_hash(world.overlay_name);
  context_.sequence = 1;
  context_.topology = world.topology;
  context_.kinds = &world.kinds;
  if (world.scenario.node == NodeFidelity::whole) {
    context_.tunnel_extension = wire::sip_tunnel_extension;
    context_.idle_ping_interval = keepalive_interval;
  }
  context_.certificates = &certificates_;
  context_.verifier = &verifier_;
}

Node& Shard::add(NodeIndex index) {
  if (nodes_.empty()) first_ = index;
  CHORDIAL_INVARIANT(index == first_ + nodes_.size());
  nodes_.push_back(std::make_unique<Node>(world_, *this, index));
  return *nodes_.back();
}

MonotonicTime Shard::lower_bound() const {
  return std::min(calendar_.lower_bound(), timers_.next());
}

void Shard::set_time(MonotonicTime at) {
  now_ = std::max(now_, at);
}

void Shard::run_until(MonotonicTime end) {
  while (true) {
    const MonotonicTime event_at = calendar_.first_before(end);
    const MonotonicTime timer_at = timers_.next();
    const MonotonicTime next = std::min(event_at, timer_at);
    if (next >= end) break;
    now_ = std::max(now_, next);
    // First all that arrives at this moment, then the timers, so that the order does not depend on
    // what else happens on this shard.
    if (event_at <= timer_at) {
      while (calendar_.first_before(end) == event_at)
        dispatch(calendar_.pop());
    }
    while (timers_.next() <= now_)
      timers_.run(now());
  }
}

void Shard::dispatch(Event event) {
  ++events_;
  Node& node = *nodes_[event.to - first_];
  const bool taken = node.handle(now(), event);
  if (!taken && event.packet_kind != link::PacketKind::lost) bounce(event);
}

void Shard::bounce(const Event& event) {
  // Nobody is there who would acknowledge: the sender hears of it when it has tried often enough.
  Event lost;
  lost.at = now_ + patience(event.packet_kind, event.from, event.to);
  lost.to = event.from;
  lost.from = event.to;
  lost.sequence = node(event.to).next_sequence();
  lost.packet_kind = link::PacketKind::lost;
  lost.from_link = event.to_link;
  lost.to_link = event.from_link;
  send(std::move(lost));
}

void Shard::send(Event event) {
  const unsigned shard = world_.shard_of(event.to);
  if (shard == number_) {
    calendar_.push(std::move(event));
  } else {
    outgoing_[shard].push_back(std::move(event));
  }
}

void Shard::collect(Shard& other) {
  for (Event& event : other.outgoing_[number_])
    calendar_.push(std::move(event));
  other.outgoing_[number_] = {};
}

void Shard::carry(Now, const link::Packet& packet) {
  traffic_.count(packet);
  const NodeIndex from = node_at(packet.from);
  const NodeIndex to = node_at(packet.to);
  Event event;
  event.from = from;
  event.to = to;
  event.sequence = node(from).next_sequence();
  event.packet_kind = packet.kind;
  event.from_link = packet.from_link;
  event.to_link = packet.to_link;
  const bool exists = to < world_.ids.size();
  const Fate fate = exists ? world_.network.fate(from, to, event.sequence) : Fate{false};
  if (fate.arrives) {
    event.at = now_ + fate.delay;
    event.bytes = to_bytes(packet.bytes);
  } else if (packet.kind == link::PacketKind::goodbye && exists) {
    event.at = silence_noticed(to, from);
    event.packet_kind = link::PacketKind::lost;
  } else {
    event.at = now_ + patience(packet.kind, from, exists ? to : from);
    event.kind = EventKind::given_up;
    event.packet_kind = link::PacketKind::lost;
    std::swap(event.from_link, event.to_link);
    std::swap(event.from, event.to);
  }
  send(std::move(event));
}

void Shard::carry(NodeIndex from, const ports::Datagram& datagram) {
  traffic_.count(datagram);
  Event event;
  event.kind = EventKind::datagram;
  event.from = from;
  event.to = node_at(datagram.remote);
  event.sequence = node(from).next_sequence();
  event.from_link = datagram.local.port;
  event.to_link = datagram.remote.port;
  if (event.to >= world_.ids.size()) return;
  const Fate fate = world_.network.datagram_fate(from, event.to, event.sequence);
  if (!fate.arrives) return;
  event.at = now_ + fate.delay;
  event.bytes = to_bytes(datagram.bytes);
  send(std::move(event));
}

Duration Shard::patience(link::PacketKind kind, NodeIndex from, NodeIndex to) const {
  return kind == link::PacketKind::hello ? link::WireLinkOptions{}.handshake_duration_max
                                         : world_.network.give_up(from, to);
}

MonotonicTime Shard::silence_noticed(NodeIndex by, NodeIndex silent) {
  const auto interval = static_cast<std::uint64_t>(keepalive_interval.count());
  const auto phase = static_cast<std::int64_t>(node(silent).rng().below(interval));
  return now_ + Duration(phase) + world_.network.give_up(by, silent);
}

void Shard::note_silence(Node& silent, bool dead) {
  for (const auto& other : silent.links().others()) {
    const NodeIndex to = node_at(other.remote);
    if (!dead && world_.network.group(silent.index()) == world_.network.group(to)) continue;
    Event event;
    event.at = silence_noticed(to, silent.index());
    event.to = to;
    event.from = silent.index();
    event.sequence = silent.next_sequence();
    event.kind = dead ? EventKind::packet : EventKind::silence;
    event.packet_kind = link::PacketKind::lost;
    event.from_link = other.from_link;
    event.to_link = other.to_link;
    send(std::move(event));
  }
}

void Shard::commit_later(Node& node, std::uint32_t incarnation) {
  Event event;
  event.at = now_ + std::max(commit_delay, world_.network.lookahead());
  event.to = event.from = node.index();
  event.sequence = node.next_sequence();
  event.kind = EventKind::disk;
  event.from_link = incarnation;
  send(std::move(event));
}

}  // namespace chordial::sim
