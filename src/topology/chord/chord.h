// CHORD-RELOAD (RFC 6940 §10) as a topology plugin, with the corrections of P. Zave, "How to Make
// Chord Correct" (arXiv 1502.06461). Knows no transport and no storage.
//
// One table, sorted by clockwise distance, holds every *ready* peer: linked, and known by an Update
// of its own to be a member. The neighbor table is its two ends, so that lists are ordered by
// construction, name only nodes this one is linked with, and close up by themselves when a peer is
// lost: nothing is ever believed by hearsay, only attached to. All ready peers are routed through.
#pragma once

#include <memory>

#include "topology/chord/messages.h"
#include "topology/chord/peer_table.h"
#include "topology/plugin.h"

namespace chordial::topology::chord {

class Chord final : public Plugin {
 public:
  // The parameters and the rng outlive it.
  Chord(const NodeId& self, const Parameters& parameters, Rng& rng);

  [[nodiscard]] std::string_view name() const override { return "CHORD-RELOAD"; }

  void start_first(Now now, Intents& intents) override;
  void start_joining(Now now, const NodeId& bootstrap, Intents& intents) override;
  void start_leaving(Now now, Intents& intents) override;
  void check_partition(Now now, const NodeId& bootstrap, Intents& intents) override;

  void on_link_up(Now now, const NodeId& peer, Intents& intents) override;
  void on_link_down(Now now, const NodeId& peer, Intents& intents) override;
  void on_attach_failed(Now now, const AttachIntent& attach, Intents& intents) override;

  [[nodiscard]] Expected<Bytes> on_join(Now now, const NodeId& joining, ByteView data,
                                        Intents& intents) override;
  void on_join_transferred(Now now, const NodeId& joining, Intents& intents) override;
  [[nodiscard]] Expected<void> on_update(Now now, const NodeId& from, ByteView data,
                                         Intents& intents) override;
  [[nodiscard]] Expected<void> on_leave(Now now, const NodeId& from, ByteView data,
                                        Intents& intents) override;
  [[nodiscard]] Expected<Bytes> on_route_query(Now now, const NodeId& from,
                                               RingPosition destination, ByteView data) override;
  void on_update_requested(Now now, const NodeId& from, Intents& intents) override;

  void on_join_answered(Now now, const NodeId& from, bool answered, ByteView data,
                        Intents& intents) override;
  void on_update_answered(Now now, const NodeId& to, bool answered, Intents& intents) override;
  void on_route_query_answered(Now now, const RouteQueryIntent& query, bool answered, ByteView data,
                               Intents& intents) override;
  void on_ping_answered(Now now, const PingIntent& ping, std::optional<NodeId> responder,
                        Intents& intents) override;

  void on_timer(Now now, Intents& intents) override;
  [[nodiscard]] MonotonicTime next_timer() const override;

  [[nodiscard]] Phase phase() const override { return phase_; }
  [[nodiscard]] bool mesh() const override;
  [[nodiscard]] NextHop next_hop(RingPosition position) const override;
  [[nodiscard]] bool responsible(RingPosition position) const override;
  void replica_set(std::vector<NodeId>& nodes) const override;
  [[nodiscard]] bool accepts_replica(RingPosition position, const NodeId& from) const override;
  [[nodiscard]] bool keeps(RingPosition position) const override;
  [[nodiscard]] bool plausible_responder(RingPosition position,
                                         const NodeId& responder) const override;

  void successors(std::vector<NodeId>& nodes) const override;
  void predecessors(std::vector<NodeId>& nodes) const override;
  void fingers(std::vector<NodeId>& nodes) const override;
  [[nodiscard]] bool wants(const NodeId& node) const override;
  [[nodiscard]] double overlay_size_estimate() const override;
  [[nodiscard]] std::uint32_t responsible_ppb() const override;
  [[nodiscard]] std::size_t memory_bytes() const override;

 private:
  friend class PrebuiltChord;

  // A node this one has asked a link to, and until when it waits for the outcome.
  struct Pending {
    NodeId node;
    MonotonicTime until;
    bool finger;
  };
  // A node that could not be reached or was lost: not tried again before `until`.
  struct Shunned {
    NodeId node;
    MonotonicTime until;
    std::uint8_t failures;
  };
  // Whom this node has answered a Join, and how long it waits for the values to be stored there.
  struct Admitting {
    NodeId node;
    MonotonicTime until;
  };
  enum class Stage : std::uint8_t {
    seeking,    // for the admitting peer
    gathering,  // links to the admitting peer's neighbors, which will be ours
    asked,      // the Join is sent
    waiting,    // before the next attempt
  };
  struct Joining {
    NodeId bootstrap;
    NodeId target;      // the admitting peer, or invalid_node_id before one is known
    NodeId refused_by;  // asked again only after the wait
    Stage stage = Stage::seeking;
    std::uint8_t attempts = 0;
    MonotonicTime step_at = never;
  };

  // links.cpp: who is linked, who is ready, and what follows from a change
  void link_lost(Now now, const NodeId& peer, Intents& intents);
  void adopt(const NodeId& peer);
  void demote(Now now, std::size_t i, std::uint8_t marks, Intents& intents);
  void demote_all();
  void remove(Now now, std::size_t i, Intents& intents);
  void evict_one();
  void note_change(std::size_t i, std::size_t size);
  void settle(Now now, Intents& intents, bool may_isolate = true);
  void refresh_replicas(Now now, Intents& intents);
  void answered(const NodeId& peer);
  void unanswered(Now now, const NodeId& peer, Intents& intents);
  void shun(Now now, const NodeId& node, Duration least);
  void unshun(const NodeId& node);
  [[nodiscard]] bool shunned(Now now, const NodeId& node) const;
  void close_idle(Intents& intents);

  // updates.cpp: Updates in both directions, and stabilization
  void owe(Now now, PeerTable& table, std::size_t i, UpdateType type);
  void owe_to(Now now, const NodeId& peer, UpdateType type);
  void owe_everyone(Now now, UpdateType type);
  void flush(Now now, Intents& intents);
  void flush_table(PeerTable& table, std::vector<Bytes>& bodies, Now now, Intents& intents);
  [[nodiscard]] Bytes encode_update(Now now, UpdateType type) const;
  void consider(Now now, const ChordUpdate& update, const NodeId* via, Intents& intents);
  void attach(Now now, const NodeId& node, const NodeId* via, bool finger, Intents& intents);
  [[nodiscard]] bool should_list_this(const NodeId& from, const ChordUpdate& update) const;
  void stabilize(Now now, Intents& intents);
  void stabilize_soon(Now now);
  void query(const NodeId& peer, Intents& intents) const;

  // joining.cpp: both sides of a Join
  void seek(Now now, Intents& intents);
  void ask(Now now, Intents& intents);
  void retry(Now now);
  void give_up();
  void enter_ring(Now now, Intents& intents);
  void joining_step(Now now, Intents& intents);
  void update_while_joining(Now now, const NodeId& from, const ChordUpdate& update,
                            Intents& intents);
  void walk(Now now, const NodeId& from, const ChordUpdate& update, Intents& intents);
  void gathered(Now now, Intents& intents);
  [[nodiscard]] bool yields_to(const NodeId& joining) const;

  // fingers.cpp
  [[nodiscard]] unsigned interval_of(const NodeId& node) const;
  [[nodiscard]] unsigned depth() const;
  [[nodiscard]] unsigned wanted_fingers() const;
  [[nodiscard]] std::optional<std::size_t> finger(unsigned interval) const;
  [[nodiscard]] RingPosition position_in(unsigned interval, bool exact);
  void search(unsigned interval, bool exact, Intents& intents);
  void search_round(Now now, Intents& intents);
  void finger_lost(unsigned interval, Intents& intents);
  void offer_finger(std::size_t i, bool sought);

  // routing.cpp
  [[nodiscard]] std::size_t successors_max() const;
  [[nodiscard]] std::size_t predecessors_max() const;
  [[nodiscard]] std::size_t successor_count() const;
  [[nodiscard]] std::size_t predecessor_count() const;
  [[nodiscard]] bool is_neighbor(std::size_t i) const;
  // Whether this node may be one of that peer's neighbors: its successor list may reach further
  // back than the predecessor list here.
  [[nodiscard]] bool may_list_this(std::size_t i) const;
  [[nodiscard]] bool would_be_neighbor(const NodeId& node) const;
  [[nodiscard]] bool member() const;
  [[nodiscard]] Duration jittered(Duration around) const;
  [[nodiscard]] std::uint32_t uptime_s(Now now) const;

  NodeId self_;
  const Parameters* parameters_;
  Rng* rng_;
  MonotonicTime started_{};
  MonotonicTime flush_at_ = never;
  MonotonicTime stabilize_at_ = never;
  MonotonicTime finger_at_ = never;
  MonotonicTime hold_until_ = never;  // never: no hold-down
  PeerTable peers_;                   // ready
  PeerTable others_;                  // linked only: clients, joining nodes, peers not heard of yet
  std::vector<Pending> pending_;
  std::vector<Shunned> shunned_;
  std::vector<Admitting> admitting_;
  std::vector<NodeId> replicas_;
  std::unique_ptr<Joining> joining_;  // in Phase::joining alone
  std::uint32_t stabilize_interval_s_ = 1;
  Phase phase_ = Phase::idle;
  bool was_member_ = false;
  std::uint8_t dirty_ = 0;           // what changed since settle()
  std::uint8_t turn_ = 0;            // the neighbor that gets the next periodic Update
  std::uint8_t searched_depth_ = 0;  // intervals searched for fingers so far
  std::uint8_t search_rounds_ = 0;   // full rounds still to do
};

}  // namespace chordial::topology::chord
