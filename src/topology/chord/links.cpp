// Who is linked, who is a ready peer, and what follows when the neighbor table changes (RFC 6940
// §10.7.1, §10.7.3).
#include <algorithm>

#include "topology/chord/chord.h"
#include "topology/chord/limits.h"

namespace chordial::topology::chord {

void Chord::on_link_up(Now now, const NodeId& peer, Intents& intents) {
  if (peer == self_ || peer == invalid_node_id || peer == wildcard_node_id) return;
  std::uint8_t marks = 0;
  const auto asked = std::find_if(pending_.begin(), pending_.end(),
                                  [&](const Pending& pending) { return pending.node == peer; });
  if (asked != pending_.end()) {
    marks = asked->finger ? mark_ours | mark_finger : mark_ours;
    pending_.erase(asked);
  }
  if (!peers_.contains(peer) && !others_.contains(peer)) {
    if (others_.size() >= others_max) return;
    others_.insert(peer, marks);
    unshun(peer);
    // §10.7: tells the other end that this is a peer and no client.
    if (phase_ == Phase::ring) owe_to(now, peer, UpdateType::peer_ready);
  }
  gathered(now, intents);
}

void Chord::on_link_down(Now now, const NodeId& peer, Intents& intents) {
  link_lost(now, peer, intents);
  settle(now, intents);
}

void Chord::link_lost(Now now, const NodeId& peer, Intents& intents) {
  bool known = false;
  if (const auto i = peers_.find(peer)) {
    remove(now, *i, intents);
    known = true;
  } else if (const auto j = others_.find(peer)) {
    others_.erase(*j);
    known = true;
  }
  if (!known) return;
  std::erase_if(admitting_, [&](const Admitting& joining) { return joining.node == peer; });
  // Others will name it until they notice too.
  shun(now, peer, shun_after_loss);
  if (!joining_) return;
  if (peers_.empty() && others_.empty()) {
    give_up();
    return;
  }
  if (joining_->bootstrap == peer) {
    joining_->bootstrap = peers_.empty() ? others_.node(0) : peers_.node(0);
    if (joining_->stage == Stage::seeking) retry(now);
  }
  if (joining_ && joining_->target == peer) retry(now);
}

void Chord::on_attach_failed(Now now, const AttachIntent& attach, Intents& intents) {
  if (!attach.node) {
    if (joining_ && joining_->stage == Stage::seeking) retry(now);
    return;
  }
  const auto asked = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.node == *attach.node;
  });
  if (asked == pending_.end()) return;
  pending_.erase(asked);
  shun(now, *attach.node, shun_after_failure);
  // It may be a live neighbor behind a lost message: look again when it may be tried again.
  if (phase_ == Phase::ring && would_be_neighbor(*attach.node)) {
    stabilize_interval_s_ = stabilize_first_s;
    stabilize_at_ = std::min(stabilize_at_, now.monotonic + jittered(2 * shun_after_failure));
  }
  gathered(now, intents);
}

void Chord::adopt(const NodeId& peer) {
  const auto at = others_.find(peer);
  if (!at) return;
  if (peers_.size() >= peers_max) {
    if (!would_be_neighbor(peer)) return;
    evict_one();
  }
  const std::uint8_t marks = others_.marks(*at);
  others_.erase(*at);
  const std::size_t i = peers_.insert(peer, marks & (mark_ours | mark_owed));
  note_change(i, peers_.size());
  offer_finger(i, (marks & mark_finger) != 0);
}

void Chord::evict_one() {
  for (std::size_t i = successor_count(); i + predecessor_count() < peers_.size(); ++i) {
    if ((peers_.marks(i) & mark_finger) != 0) continue;
    others_.insert(peers_.node(i), peers_.marks(i) & mark_ours);
    peers_.erase(i);
    return;
  }
}

void Chord::demote(Now now, std::size_t i, std::uint8_t marks, Intents& intents) {
  const NodeId node = peers_.node(i);
  remove(now, i, intents);
  others_.insert(node, marks);
}

void Chord::demote_all() {
  for (; !peers_.empty(); peers_.erase(peers_.size() - 1)) {
    const std::size_t last = peers_.size() - 1;
    others_.insert(peers_.node(last), peers_.marks(last) & mark_ours);
  }
}

void Chord::remove(Now now, std::size_t i, Intents& intents) {
  const bool was_finger = (peers_.marks(i) & mark_finger) != 0;
  const unsigned interval = interval_of(peers_.node(i));
  note_change(i, peers_.size());
  // §10.7.1: an Update may soon name a better replacement than the one at hand.
  if (i < replicas_.size()) {
    hold_until_ = now.monotonic + std::chrono::seconds(parameters_->replica_hold_s);
  }
  peers_.erase(i);
  if (was_finger) finger_lost(interval, intents);
}

void Chord::note_change(std::size_t i, std::size_t size) {
  const std::size_t counterclockwise = size - 1 - i;
  if (i < successors_max()) dirty_ |= dirty_successors;
  if (counterclockwise < predecessors_max()) dirty_ |= dirty_predecessors;
  if (counterclockwise == 0) dirty_ |= dirty_predecessors | dirty_range;
}

void Chord::settle(Now now, Intents& intents, bool may_isolate) {
  if (dirty_ == 0) return;
  const std::uint8_t dirty = dirty_;
  dirty_ = 0;
  if (phase_ != Phase::ring) return;
  if ((dirty & dirty_range) != 0) {
    intents.responsibility_changed = true;
    owe_everyone(now, UpdateType::neighbors);  // §10.7.3, last sentence
  }
  refresh_replicas(now, intents);
  if (peers_.empty()) {
    if (!may_isolate) return;
    phase_ = Phase::isolated;
    for (std::size_t i = 0; i < others_.size(); ++i)
      others_.marks(i) &= static_cast<std::uint8_t>(~mark_owed);
    stabilize_at_ = finger_at_ = hold_until_ = never;
    return;
  }
  if (parameters_->reactive) {
    // Deviation (§10.7.3: to the whole Connection Table): successor lists are learnt from
    // successors and predecessor lists from predecessors, so a change that leaves the range alone
    // is told only to those whose own lists it can change. The periodic exchange (§10.7.4.1) and
    // the answers to RouteQueries carry the rest.
    const std::size_t behind = predecessor_count();
    for (std::size_t i = 0; i < behind && (dirty & dirty_successors) != 0; ++i)
      owe(now, peers_, peers_.size() - 1 - i, UpdateType::neighbors);
    for (std::size_t i = 0; i < std::min(behind, successor_count()); ++i) {
      if ((dirty & dirty_predecessors) != 0) owe(now, peers_, i, UpdateType::neighbors);
    }
  }
  stabilize_soon(now);
  if (depth() > searched_depth_) {
    search_rounds_ = 2;
    finger_at_ = std::min(finger_at_, now.monotonic + jittered(search_first));
  }
}

void Chord::refresh_replicas(Now now, Intents& intents) {
  const std::size_t wanted = std::min<std::size_t>(parameters_->replicas, successor_count());
  std::vector<NodeId> nodes;
  nodes.reserve(wanted);
  const bool holding = hold_until_ != never && now.monotonic < hold_until_;
  for (std::size_t i = 0; i < wanted; ++i) {
    const NodeId& node = peers_.node(i);
    if (holding && std::find(replicas_.begin(), replicas_.end(), node) == replicas_.end()) continue;
    nodes.push_back(node);
  }
  // A hold-down that would leave no copy at all serves nobody.
  if (nodes.empty() && wanted > 0) {
    for (std::size_t i = 0; i < wanted; ++i)
      nodes.push_back(peers_.node(i));
  }
  if (!holding || nodes.size() == wanted) hold_until_ = never;
  if (nodes == replicas_) return;
  replicas_ = std::move(nodes);
  intents.replica_set_changed = true;
}

void Chord::answered(const NodeId& peer) {
  if (const auto i = peers_.find(peer)) {
    peers_.marks(*i) &= static_cast<std::uint8_t>(~mark_strikes);
  } else if (const auto j = others_.find(peer)) {
    others_.marks(*j) &= static_cast<std::uint8_t>(~mark_strikes);
  }
}

void Chord::unanswered(Now now, const NodeId& peer, Intents& intents) {
  const auto i = peers_.find(peer);
  const auto j = i ? std::nullopt : others_.find(peer);
  if (!i && !j) return;
  PeerTable& table = i ? peers_ : others_;
  const std::size_t at = i ? *i : *j;
  const unsigned strikes = (table.marks(at) >> mark_strikes_shift) + 1U;
  if (strikes < strikes_max) {
    table.marks(at) = static_cast<std::uint8_t>((table.marks(at) & ~mark_strikes) |
                                                (strikes << mark_strikes_shift));
    if (phase_ == Phase::ring) owe(now, table, at, UpdateType::neighbors);
    return;
  }
  intents.close.push_back({peer});
  link_lost(now, peer, intents);
}

void Chord::shun(Now now, const NodeId& node, Duration least) {
  auto at = std::find_if(shunned_.begin(), shunned_.end(),
                         [&](const Shunned& shunned) { return shunned.node == node; });
  if (at == shunned_.end()) {
    if (shunned_.size() >= shunned_max) {
      at = std::min_element(shunned_.begin(), shunned_.end(),
                            [](const Shunned& a, const Shunned& b) { return a.until < b.until; });
      *at = Shunned{node, {}, 0};
    } else {
      at = shunned_.insert(shunned_.end(), Shunned{node, {}, 0});
    }
  }
  at->until = now.monotonic + least * (1 << std::min<unsigned>(at->failures, shun_doublings_max));
  if (at->failures < shun_doublings_max) ++at->failures;
}

void Chord::unshun(const NodeId& node) {
  std::erase_if(shunned_, [&](const Shunned& shunned) { return shunned.node == node; });
}

bool Chord::shunned(Now now, const NodeId& node) const {
  return std::any_of(shunned_.begin(), shunned_.end(), [&](const Shunned& shunned) {
    return shunned.node == node && shunned.until > now.monotonic;
  });
}

// Links that this node asked for and has no use for any more. A node that may count this one among
// its own neighbors is left alone: to it, the close would look like a failure.
void Chord::close_idle(Intents& intents) {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (may_list_this(i) || (peers_.marks(i) & (mark_ours | mark_finger)) != mark_ours) continue;
    intents.close.push_back({peers_.node(i)});
    peers_.erase(i--);
  }
  for (std::size_t i = 0; i < others_.size(); ++i) {
    if ((others_.marks(i) & mark_ours) == 0) continue;
    if ((others_.marks(i) & mark_strikes) == 0) {
      others_.marks(i) |= 1U << mark_strikes_shift;  // if silent for one more round, closed
      continue;
    }
    intents.close.push_back({others_.node(i)});
    others_.erase(i--);
  }
}

}  // namespace chordial::topology::chord
