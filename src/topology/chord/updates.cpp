// Updates in both directions, and stabilization (RFC 6940 §10.7.3, §10.7.4.1; Zave, "stabilize",
// "rectify").
#include <algorithm>
#include <array>

#include "topology/chord/chord.h"
#include "topology/chord/limits.h"

namespace chordial::topology::chord {

void Chord::owe(Now now, PeerTable& table, std::size_t i, UpdateType type) {
  std::uint8_t& marks = table.marks(i);
  const auto wanted = static_cast<std::uint8_t>(type);
  if ((marks & mark_owed) >> mark_owed_shift < wanted) {
    marks = static_cast<std::uint8_t>((marks & ~mark_owed) | (wanted << mark_owed_shift));
  }
  flush_at_ = std::min(flush_at_, now.monotonic + settle_delay);
}

void Chord::owe_to(Now now, const NodeId& peer, UpdateType type) {
  if (const auto i = peers_.find(peer)) {
    owe(now, peers_, *i, type);
  } else if (const auto j = others_.find(peer)) {
    owe(now, others_, *j, type);
  }
}

void Chord::owe_everyone(Now now, UpdateType type) {
  for (std::size_t i = 0; i < peers_.size(); ++i)
    owe(now, peers_, i, type);
  for (std::size_t i = 0; i < others_.size(); ++i)
    owe(now, others_, i, type);
}

void Chord::flush(Now now, Intents& intents) {
  flush_at_ = never;
  std::vector<Bytes> bodies(4);
  flush_table(peers_, bodies, now, intents);
  flush_table(others_, bodies, now, intents);
}

void Chord::flush_table(PeerTable& table, std::vector<Bytes>& bodies, Now now, Intents& intents) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    std::size_t type = (table.marks(i) & mark_owed) >> mark_owed_shift;
    table.marks(i) &= static_cast<std::uint8_t>(~mark_owed);
    if (type == 0 || !member() || (table.marks(i) & mark_departed) != 0) continue;
    if (type == static_cast<std::size_t>(UpdateType::peer_ready) &&
        (&table == &peers_ ? is_neighbor(i) : would_be_neighbor(table.node(i)))) {
      type = static_cast<std::size_t>(UpdateType::neighbors);
    }
    if (bodies[type].empty()) bodies[type] = encode_update(now, static_cast<UpdateType>(type));
    intents.update.push_back({table.node(i), bodies[type]});
  }
}

Bytes Chord::encode_update(Now now, UpdateType type) const {
  if (type == UpdateType::peer_ready) return encode_peer_ready(uptime_s(now));
  std::vector<NodeId> before;
  std::vector<NodeId> after;
  predecessors(before);
  successors(after);
  if (type == UpdateType::neighbors) return encode_neighbors(uptime_s(now), before, after);
  std::vector<NodeId> table;
  fingers(table);
  std::sort(table.begin(), table.end());
  return encode_full(uptime_s(now), before, after, table);
}

void Chord::on_update_requested(Now now, const NodeId& from, Intents&) {
  if (member()) owe_to(now, from, UpdateType::full);
}

void Chord::on_update_answered(Now now, const NodeId& to, bool was_answered, Intents& intents) {
  if (was_answered) {
    answered(to);
  } else {
    unanswered(now, to, intents);
    settle(now, intents);
  }
}

Expected<void> Chord::on_update(Now now, const NodeId& from, ByteView data, Intents& intents) {
  const Expected<ChordUpdate> update = decode_update(data);
  if (!update) return Failure(update.error());
  const auto silent = others_.find(from);
  if (!silent && !peers_.contains(from)) {
    return failure(ErrorKind::forbidden, "UpdateReq", "from a node that is not linked");
  }
  if (silent && (others_.marks(*silent) & mark_departed) != 0) return {};
  if (phase_ == Phase::idle || phase_ == Phase::leaving) return {};
  answered(from);
  if (phase_ == Phase::isolated) {
    // A ring this node is a member of, seen from the other side. Any other ring is joined anew.
    if (!update->predecessors.contains(self_) && !update->successors.contains(self_)) return {};
    phase_ = Phase::ring;
  }
  adopt(from);
  if (phase_ == Phase::joining) {
    update_while_joining(now, from, *update, intents);
  } else {
    consider(now, *update, &from, intents);
    if (should_list_this(from, *update)) owe_to(now, from, UpdateType::neighbors);
  }
  settle(now, intents);
  return {};
}

// Whether `from`, a neighbor, has missed that this node is one of its own (Zave: "notify").
bool Chord::should_list_this(const NodeId& from, const ChordUpdate& update) const {
  if (update.type == UpdateType::peer_ready) return false;
  const auto i = peers_.find(from);
  if (!i || !is_neighbor(*i)) return false;
  const NodeIdList& before = update.predecessors;
  const NodeIdList& after = update.successors;
  if (before.contains(self_) || after.contains(self_)) return false;
  return before.size() < predecessors_max() || after.size() < successors_max() ||
         in_open(before[before.size() - 1].position, self_.position, from.position) ||
         in_open(from.position, self_.position, after[after.size() - 1].position);
}

// Attaches to those nodes of an Update that belong in the neighbor table (§10.7.3, second case).
void Chord::consider(Now now, const ChordUpdate& update, const NodeId* via, Intents& intents) {
  std::array<NodeId, candidates_max> candidates;
  std::size_t count = 0;
  for (const NodeIdList* list : {&update.successors, &update.predecessors, &update.fingers}) {
    for (std::size_t i = 0; i < list->size() && count < candidates.size(); ++i) {
      const NodeId node = (*list)[i];
      if (node == self_ || node == invalid_node_id || node == wildcard_node_id) continue;
      if (peers_.contains(node) || shunned(now, node)) continue;
      candidates[count++] = node;
    }
  }
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(count);
  std::sort(candidates.begin(), end, [&](const NodeId& a, const NodeId& b) {
    return peers_.distance(a.position) < peers_.distance(b.position);
  });
  const auto unique_end = std::unique(candidates.begin(), end);
  // Counted as if all nearer candidates were peers already.
  std::size_t nearer = 0;
  const auto total = static_cast<std::size_t>(unique_end - candidates.begin());
  for (auto node = candidates.begin(); node != unique_end; ++node, ++nearer) {
    const std::size_t before = peers_.nodes_before(node->position);
    const bool as_successor = before + nearer < successors_max();
    const bool as_predecessor =
        (peers_.size() - before) + (total - 1 - nearer) < predecessors_max();
    if (as_successor || as_predecessor) attach(now, *node, via, false, intents);
  }
}

void Chord::attach(Now now, const NodeId& node, const NodeId* via, bool finger, Intents& intents) {
  if (const auto i = others_.find(node)) {
    if ((others_.marks(*i) & mark_departed) != 0) return;
    if (finger) others_.marks(*i) |= mark_finger;
    // Linked, but it has not said yet that it is a peer: most likely that Update is under way.
    if ((others_.marks(*i) & mark_named) != 0 || phase_ == Phase::joining) {
      if (phase_ == Phase::ring) owe(now, others_, *i, UpdateType::neighbors);
      query(node, intents);
    }
    others_.marks(*i) |= mark_named;
    return;
  }
  std::erase_if(pending_, [&](const Pending& pending) { return pending.until <= now.monotonic; });
  if (pending_.size() >= pending_max) return;
  if (std::any_of(pending_.begin(), pending_.end(),
                  [&](const Pending& pending) { return pending.node == node; })) {
    return;
  }
  pending_.push_back({node, now.monotonic + attach_wait, finger});
  std::optional<NodeId> through;
  if (via != nullptr && *via != node) through = *via;
  // A joining node must not show itself by an Update (§10.5), so it has to ask for theirs.
  intents.attach.push_back({node.position, node, through, phase_ == Phase::joining});
}

void Chord::stabilize_soon(Now now) {
  stabilize_interval_s_ = stabilize_first_s;
  stabilize_at_ =
      std::min(stabilize_at_, now.monotonic + jittered(std::chrono::seconds(stabilize_first_s)));
}

void Chord::stabilize(Now now, Intents& intents) {
  stabilize_at_ = never;
  if (phase_ != Phase::ring || peers_.empty()) return;
  const std::uint32_t slow = std::max<std::uint32_t>(1, parameters_->update_interval_s);
  if (stabilize_interval_s_ < slow) {
    // Both sides: what a predecessor knows was told to its neighbors before this one was among
    // them.
    query(peers_.node(0), intents);
    if (peers_.size() > 1) query(peers_.node(peers_.size() - 1), intents);
    // Quiet for a while: who looked like a neighbor while this node was finding its place is known
    // by now.
    if (stabilize_interval_s_ >= settled_interval_s) close_idle(intents);
    stabilize_interval_s_ = std::min(slow, stabilize_interval_s_ * stabilize_growth);
    stabilize_at_ = now.monotonic + jittered(std::chrono::seconds(stabilize_interval_s_));
    return;
  }
  // §10.7.4.1: one neighbor after the other, so that within the interval each has had its Update.
  const std::size_t after = successor_count();
  const std::size_t neighbors = std::min(peers_.size(), after + predecessor_count());
  const std::size_t turn = turn_ % neighbors;
  turn_ = static_cast<std::uint8_t>(turn + 1);
  owe(now, peers_, turn < after ? turn : peers_.size() - 1 - (turn - after), UpdateType::neighbors);
  if (turn == 0) {
    query(peers_.node(0), intents);
    close_idle(intents);
  }
  stabilize_at_ =
      now.monotonic + jittered(Duration(std::chrono::seconds(slow)) / static_cast<int>(neighbors));
}

void Chord::query(const NodeId& peer, Intents& intents) const {
  intents.route_query.push_back({peer, self_.position + RingPosition{0, 1}, true});
}

Expected<Bytes> Chord::on_route_query(Now, const NodeId&, RingPosition destination, ByteView) {
  const NextHop next = next_hop(destination);
  if (next.kind == NextHop::Kind::none) {
    return failure(ErrorKind::unavailable, "destination", "no route");
  }
  return encode_route_query_answer(next.kind == NextHop::Kind::self ? self_ : next.node);
}

void Chord::on_route_query_answered(Now now, const RouteQueryIntent& asked, bool was_answered,
                                    ByteView data, Intents& intents) {
  if (!was_answered) {
    unanswered(now, asked.to, intents);
    settle(now, intents);
    return;
  }
  answered(asked.to);
  if (!peers_.contains(asked.to) || !decode_route_query_answer(data)) return;
  // The next peer is one candidate more; the Update that follows the answer brings the lists.
  ChordUpdate hint;
  hint.successors = NodeIdList(data);
  if (phase_ == Phase::joining) {
    walk(now, asked.to, hint, intents);
  } else if (phase_ == Phase::ring) {
    consider(now, hint, &asked.to, intents);
  }
}

}  // namespace chordial::topology::chord
