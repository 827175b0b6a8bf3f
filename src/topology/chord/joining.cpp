// Both sides of a Join (RFC 6940 §10.5, §11.4), rejoining after isolation, and leaving (§10.9).
//
// The joining node asks for the peer responsible for its Node-ID plus one, so that it never meets a
// stale image of itself. Whoever says in an Update that it is responsible for that place is the
// admitting peer; where two nodes join the same gap, the one that comes second learns the other
// from the admitting peer's Update and asks that one instead.
#include <algorithm>

#include "topology/chord/chord.h"
#include "topology/chord/limits.h"

namespace chordial::topology::chord {

namespace {

constexpr RingPosition one{0, 1};

}  // namespace

void Chord::start_first(Now now, Intents& intents) {
  if (phase_ != Phase::idle) return;
  started_ = now.monotonic;
  phase_ = Phase::ring;
  was_member_ = true;
  intents.responsibility_changed = true;
}

void Chord::start_joining(Now now, const NodeId& bootstrap, Intents& intents) {
  if (phase_ == Phase::ring || phase_ == Phase::leaving || bootstrap == self_) return;
  if (!was_member_ && phase_ == Phase::idle) started_ = now.monotonic;
  phase_ = Phase::joining;
  joining_ = std::make_unique<Joining>();
  joining_->bootstrap = bootstrap;
  seek(now, intents);
}

void Chord::seek(Now now, Intents& intents) {
  joining_->stage = Stage::seeking;
  joining_->refused_by = invalid_node_id;
  joining_->step_at = now.monotonic + jittered(seek_wait);
  intents.attach.push_back({self_.position + one, std::nullopt, joining_->bootstrap, true});
  // The second way, should Attaches to a place not get through: ask one's way from peer to peer.
  if (joining_->attempts > 0 && !peers_.empty()) query(peers_.node(0), intents);
}

void Chord::retry(Now now) {
  joining_->target = invalid_node_id;
  if (++joining_->attempts >= join_attempts_max) {
    give_up();
    return;
  }
  const unsigned doublings = std::min<unsigned>(joining_->attempts - 1U, retry_doublings_max);
  joining_->stage = Stage::waiting;
  joining_->step_at = now.monotonic + jittered(retry_first * (1 << doublings));
}

void Chord::give_up() {
  joining_.reset();
  pending_.clear();
  demote_all();
  dirty_ = 0;
  phase_ = was_member_ ? Phase::isolated : Phase::idle;
}

void Chord::joining_step(Now now, Intents& intents) {
  switch (joining_->stage) {
    case Stage::waiting:
      seek(now, intents);
      return;
    case Stage::gathering:
      ask(now, intents);  // without those that could not be reached in time
      return;
    case Stage::seeking:
    case Stage::asked:
      retry(now);
      return;
  }
}

void Chord::update_while_joining(Now now, const NodeId& from, const ChordUpdate& update,
                                 Intents& intents) {
  if (update.predecessors.contains(self_) || update.successors.contains(self_)) {
    // Peers list only whom they hold for members: `from` has admitted this node (§10.5 step 7).
    enter_ring(now, intents);
    consider(now, update, &from, intents);
    return;
  }
  if (update.type == UpdateType::peer_ready) {
    gathered(now, intents);
    return;
  }
  const bool alone = update.predecessors.empty() && update.successors.empty();
  const bool admits =
      alone || (!update.predecessors.empty() &&
                in_half_open(update.predecessors[0].position, self_.position + one, from.position));
  if (!admits) {
    walk(now, from, update, intents);
    gathered(now, intents);
    return;
  }
  if (from == joining_->refused_by) return;
  if (joining_->target != from || joining_->stage != Stage::asked) {
    joining_->target = from;
    joining_->stage = Stage::gathering;
    joining_->step_at = now.monotonic + jittered(gather_wait);
  }
  consider(now, update, &from, intents);
  gathered(now, intents);
}

// One step nearer to the admitting peer: the nearest node clockwise that `from` knows.
void Chord::walk(Now now, const NodeId& from, const ChordUpdate& update, Intents& intents) {
  std::optional<NodeId> best;
  for (const NodeIdList* list : {&update.successors, &update.predecessors, &update.fingers}) {
    for (std::size_t i = 0; i < std::min(list->size(), candidates_max); ++i) {
      const NodeId node = (*list)[i];
      if (node == self_ || node == invalid_node_id || node == wildcard_node_id) continue;
      if (peers_.contains(node) || shunned(now, node)) continue;
      if (!best || peers_.distance(node.position) < peers_.distance(best->position)) best = node;
    }
  }
  if (best && peers_.nodes_before(best->position) == 0) {
    attach(now, *best, &from, false, intents);
  }
}

// Sends the Join once every node that was asked for a link has shown itself a peer or has failed:
// a member must have the whole list from its first moment (Zave: "join").
void Chord::gathered(Now now, Intents& intents) {
  if (!joining_ || joining_->stage != Stage::gathering || !pending_.empty()) return;
  for (std::size_t i = 0; i < others_.size(); ++i) {
    if ((others_.marks(i) & mark_ours) != 0) return;
  }
  ask(now, intents);
}

void Chord::ask(Now now, Intents& intents) {
  joining_->stage = Stage::asked;
  joining_->step_at = now.monotonic + jittered(ask_wait);
  intents.join.push_back({joining_->target, {}});
}

void Chord::on_join_answered(Now now, const NodeId& from, bool was_answered, ByteView,
                             Intents& intents) {
  if (!joining_ || joining_->stage != Stage::asked || joining_->target != from) return;
  if (was_answered) {
    answered(from);
    return;  // the values come, and then the Update that admits
  }
  joining_->refused_by = from;
  query(from, intents);  // its neighbors tell whom to ask instead
  retry(now);
}

void Chord::enter_ring(Now now, Intents& intents) {
  phase_ = Phase::ring;
  was_member_ = true;
  joining_.reset();
  // §10.5 step 9; to the whole Connection Table, because the range is new to everyone.
  dirty_ = dirty_range | dirty_predecessors | dirty_successors;
  settle(now, intents);
  flush(now, intents);
}

bool Chord::yields_to(const NodeId& joining) const {
  // Two members that had lost everyone and now ask each other: the lower Node-ID is the ring.
  return phase_ == Phase::joining && was_member_ && self_ < joining &&
         (joining_->target == joining ||
          (joining_->target == invalid_node_id && joining_->bootstrap == joining)) &&
         (peers_.empty() || (peers_.size() == 1 && peers_.node(0) == joining));
}

Expected<Bytes> Chord::on_join(Now now, const NodeId& joining, ByteView, Intents& intents) {
  if (!peers_.contains(joining) && !others_.contains(joining)) {
    return failure(ErrorKind::forbidden, "joining_peer_id", "not linked with this peer");
  }
  if (yields_to(joining)) {
    give_up();
  }
  if (phase_ != Phase::ring && phase_ != Phase::isolated) {
    return failure(ErrorKind::unavailable, "joining_peer_id", "this node is no member itself");
  }
  std::erase_if(admitting_, [&](const Admitting& other) {
    return other.until <= now.monotonic || other.node == joining;
  });
  if (admitting_.size() >= admitting_max) {
    return failure(ErrorKind::unavailable, "joining_peer_id", "too many nodes join at once");
  }
  if (!responsible(joining.position + one)) {
    return failure(ErrorKind::unavailable, "joining_peer_id", "another peer admits this Node-ID");
  }
  if (const auto i = peers_.find(joining)) {
    // It asks as one who has lost its place, so it is no member any more until it has one again.
    demote(now, *i, 0, intents);
    settle(now, intents);
  }
  admitting_.push_back({joining, now.monotonic + transfer_wait});
  return Bytes{};
}

void Chord::on_join_transferred(Now now, const NodeId& joining, Intents& intents) {
  const auto at =
      std::find_if(admitting_.begin(), admitting_.end(),
                   [&](const Admitting& admitting) { return admitting.node == joining; });
  if (at == admitting_.end()) return;
  admitting_.erase(at);
  if (phase_ != Phase::ring && phase_ != Phase::isolated) return;
  if (!others_.contains(joining)) return;
  if (!responsible(joining.position + one)) {
    // Another node has taken the place between the two; the lists name it.
    owe_to(now, joining, UpdateType::full);
    return;
  }
  phase_ = Phase::ring;
  adopt(joining);
  owe_to(now, joining, UpdateType::full);
  settle(now, intents);
  flush(now, intents);
}

void Chord::start_leaving(Now, Intents& intents) {
  if (phase_ == Phase::leaving) return;
  if (phase_ == Phase::ring) {
    std::vector<NodeId> before;
    std::vector<NodeId> after;
    predecessors(before);
    successors(after);
    const Bytes from_successor = encode_leave(LeaveType::from_successor, after);
    const Bytes from_predecessor = encode_leave(LeaveType::from_predecessor, before);
    // §6.4.2.2: to every peer; those that are no neighbors get the form of the nearer side.
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      const bool is_after = i < peers_.size() - 1 - i;
      intents.leave.push_back({peers_.node(i), is_after ? from_predecessor : from_successor});
    }
  }
  phase_ = Phase::leaving;
  joining_.reset();
  pending_.clear();
  admitting_.clear();
  flush_at_ = stabilize_at_ = finger_at_ = hold_until_ = never;
}

Expected<void> Chord::on_leave(Now now, const NodeId& from, ByteView data, Intents& intents) {
  const Expected<ChordLeaveData> leave = decode_leave(data);
  if (!leave) return Failure(leave.error());
  if (const auto i = peers_.find(from)) {
    demote(now, *i, mark_departed, intents);
  } else if (const auto j = others_.find(from)) {
    others_.marks(*j) = mark_departed;
  } else {
    return failure(ErrorKind::forbidden, "LeaveReq", "from a node that is not linked");
  }
  std::erase_if(admitting_, [&](const Admitting& joining) { return joining.node == from; });
  if (phase_ == Phase::ring) {
    ChordUpdate named;
    named.successors = leave->nodes;
    // Deviation (§10.6: through the peer they were learnt from): that one is going away.
    consider(now, named, nullptr, intents);
  }
  // Who leaves two peers behind one says so; a node that is told it is alone is not cut off.
  bool others_left = false;
  for (std::size_t i = 0; i < leave->nodes.size(); ++i)
    others_left = others_left || leave->nodes[i] != self_;
  settle(now, intents, others_left);
  if (joining_ && joining_->target == from) retry(now);
  return {};
}

}  // namespace chordial::topology::chord
