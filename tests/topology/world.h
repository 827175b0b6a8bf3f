// A small deterministic world for topology plugins: virtual time, links as pairs of nodes, requests
// that take a moment and may be lost. It does for a plugin what the overlay does: carries out
// intents, routes hop by hop through the other plugins, discovers a bootstrap again after
// isolation.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>

#include "base/rng.h"
#include "topology/chord/chord.h"
#include "topology/chord/invariants.h"

namespace chordial::topology {

struct WorldOptions {
  std::uint64_t seed = 1;
  Parameters parameters = {};
  Duration latency_min = std::chrono::milliseconds(5);
  Duration latency_max = std::chrono::milliseconds(60);
  Duration timeout = std::chrono::seconds(4);        // of a request without an answer
  Duration detection_max = std::chrono::seconds(3);  // until a dead node's link is missed
  double loss = 0;                                   // of a request or of its answer
};

class World {
 public:
  explicit World(const WorldOptions& options);

  // A Node-ID nobody has.
  [[nodiscard]] NodeId new_id();
  void start_first(const NodeId& node);
  // Also a restart of a node that was killed. Nothing if `bootstrap` is not there.
  void join(const NodeId& node, const NodeId& bootstrap);
  void kill(const NodeId& node);
  void leave(const NodeId& node);
  // The link fails while both nodes live.
  void cut(const NodeId& a, const NodeId& b);
  // No link between the two sides holds or is made until healed.
  void partition(const std::set<NodeId>& side);
  void heal();
  // Each member asks through a random other one whether the overlay is whole (§10.7.4.4).
  void check_partitions();
  // As if `from`, linked with `to`, had sent it these bytes.
  void deliver_update(const NodeId& from, const NodeId& to, ByteView bytes);
  void deliver_leave(const NodeId& from, const NodeId& to, ByteView bytes);
  // A link without any asking: a client's, or one of a prebuilt ring.
  void connect(const NodeId& a, const NodeId& b);
  void insert_prebuilt(const NodeId& node, std::unique_ptr<chord::Chord> plugin);
  void link_prebuilt(const NodeId& a, const NodeId& b);

  // Runs one event; false when there is none until `until`.
  bool step(MonotonicTime until);
  void run_for(Duration duration);
  // Everyone alive is a member of one ring, and nothing of `check_settled` is violated.
  [[nodiscard]] bool settled() const;
  // Components of members: 2 while the overlay is partitioned.
  [[nodiscard]] std::size_t rings() const;
  // Runs until settled; false if that takes longer than `bound`.
  [[nodiscard]] bool settles_within(Duration bound);

  // What must always hold is checked after every event while this is set, and kept here.
  bool check_always = false;
  std::vector<chord::Violation> violations;

  [[nodiscard]] Now now() const { return now_; }
  [[nodiscard]] std::vector<NodeId> alive() const;
  // Alive, and in Phase::ring or Phase::isolated.
  [[nodiscard]] std::vector<NodeId> members() const;
  [[nodiscard]] std::vector<chord::NodeView> views() const;
  [[nodiscard]] const chord::Chord* plugin(const NodeId& node) const;
  [[nodiscard]] bool linked(const NodeId& a, const NodeId& b) const;
  // Whether `a` believes the link to be up, which may have broken a moment ago.
  [[nodiscard]] bool holds(const NodeId& a, const NodeId& b) const;
  [[nodiscard]] std::size_t links(const NodeId& node) const;
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  // Who is responsible for `position` if `from` asks, and how many hops that takes; nothing when
  // the message is lost or goes round.
  struct Route {
    NodeId responder;
    unsigned hops;
  };
  [[nodiscard]] std::optional<Route> route(const NodeId& from, RingPosition position) const;
  [[nodiscard]] std::string settled_text() const;

  Rng& rng() { return rng_; }
  const Parameters& parameters() const { return options_.parameters; }

 private:
  struct Node {
    std::unique_ptr<Rng> rng;
    std::unique_ptr<chord::Chord> plugin;
    std::uint64_t incarnation = 0;
    MonotonicTime armed = never;
    bool discovering = false;
    std::set<NodeId> links;
  };
  struct Event {
    MonotonicTime at;
    std::uint64_t sequence;
    std::function<void()> action;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };
  using Call = std::function<void(chord::Chord&, Intents&)>;

  void schedule(Duration delay, std::function<void()> action);
  // At the node as it is now, if it is still that one when the time comes.
  void schedule_at(const NodeId& node, Duration delay, Call call);
  void call(const NodeId& node, const Call& call);
  void carry_out(const NodeId& node, Intents& intents);
  void arm(const NodeId& node);
  void discover(const NodeId& node);
  [[nodiscard]] Node* find(const NodeId& node);
  [[nodiscard]] Duration latency();
  [[nodiscard]] bool lost();
  void unlink(const NodeId& a, const NodeId& b, Duration notice_b);
  void notice_loss(const NodeId& id, const NodeId& peer, Duration delay);

  void attach(const NodeId& node, const AttachIntent& intent);
  void request(const NodeId& from, const NodeId& to, const Call& at_receiver,
               const std::function<void(chord::Chord&, Intents&, bool)>& at_sender);
  void join_request(const NodeId& node, const JoinIntent& intent);
  void route_query(const NodeId& node, const RouteQueryIntent& intent);
  void ping(const NodeId& node, const PingIntent& intent);

  WorldOptions options_;
  Rng rng_;
  Now now_;
  std::uint64_t sequence_ = 0;
  std::uint64_t incarnations_ = 0;
  std::uint64_t messages_ = 0;
  std::map<NodeId, Node> nodes_;
  std::set<NodeId> side_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace chordial::topology
