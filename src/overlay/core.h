// The inside of a Peer: its parts, and the way from one to another. Each subject has its own class
// (attaching, bootstrap, storing, replication, requests of usages, ...); they meet here.
#pragma once

#include "forwarding/forwarder.h"
#include "overlay/app_attachments.h"
#include "overlay/attachments.h"
#include "overlay/bootstrap.h"
#include "overlay/document_spreading.h"
#include "overlay/intent_runner.h"
#include "overlay/link_upkeep.h"
#include "overlay/peer.h"
#include "overlay/purpose.h"
#include "overlay/replication.h"
#include "overlay/store_service.h"
#include "overlay/usage_requests.h"
#include "storage/storage.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core final : public transport::TransportHandler,
                   public forwarding::RoutingTable,
                   public storage::StorageOwner,
                   private TimerHandler {
 public:
  Core(const SharedContext& context, const PeerOptions& options,
       std::unique_ptr<topology::Plugin> plugin, const PeerEnvironment& environment);

  // Life.
  void restore(Now now, const std::vector<ports::PersistedRecord>& records);
  void start(Now now);
  void leave(Now now);
  void adopt(Now now, const SharedContext& context);
  bool handle_completion(Now now, const ports::PersistCompletion& completion);

  // Links.
  void assume_link(Now now, link::LinkId link, const NodeId& member, bool initiated);
  void on_link_up(Now now, link::LinkId link, const NodeId& node);
  void on_link_message(Now now, link::LinkId link, ByteView message);
  void on_link_down(Now now, link::LinkId link, const Error& why);
  // The node is taken for dead: its link is closed and everybody told.
  void drop_link(Now now, const NodeId& node);
  // The link is of no more use to the plugin; it is closed unless somebody else here needs it.
  void close_link(Now now, const NodeId& node);

  // After whatever may have changed phase, neighbours or deadlines: tells the handler, arms the
  // timer. Every entry from outside ends with it.
  void settle(Now now);

  // Calls the plugin and carries out what it wants then; nothing happens where there is none.
  template <class Call>
  void with_plugin(Now now, Call call) {
    if (!plugin_) return;
    topology::Intents intents;
    call(*plugin_, intents);
    runner_.carry_out(now, intents);
  }

  // One line of what happens, where the log wants it.
  void note(LogLevel level, const char* event, const NodeId& node) const {
    Log& log = environment_.log;
    if (log.enabled(level)) log.write({level, "overlay", event, {{"node", node}}});
  }

  // The parts.
  [[nodiscard]] const SharedContext& context() const { return *context_; }
  [[nodiscard]] const NodeId& self() const { return rules_.self; }
  [[nodiscard]] Role role() const { return role_; }
  [[nodiscard]] bool founder() const { return first_; }
  [[nodiscard]] const PeerEnvironment& environment() const { return environment_; }
  [[nodiscard]] const storage::Judges& judges() const { return judges_; }
  [[nodiscard]] topology::Plugin* plugin() { return plugin_.get(); }
  [[nodiscard]] const topology::Plugin* plugin() const { return plugin_.get(); }
  [[nodiscard]] forwarding::ConnectionTable& connections() { return connections_; }
  [[nodiscard]] const forwarding::ConnectionTable& connections() const { return connections_; }
  [[nodiscard]] transport::Transport& transport() { return transport_; }
  [[nodiscard]] storage::Storage& storage() { return storage_; }
  [[nodiscard]] Attachments& attachments() { return attachments_; }
  [[nodiscard]] Bootstrap& bootstrap() { return bootstrap_; }
  [[nodiscard]] const Bootstrap& bootstrap() const { return bootstrap_; }
  [[nodiscard]] Replication& replication() { return replication_; }
  [[nodiscard]] DocumentSpreading& documents() { return documents_; }
  [[nodiscard]] UsageRequests& usages() { return usages_; }
  [[nodiscard]] AppAttachments& app_attachments() { return app_attachments_; }
  [[nodiscard]] std::uint64_t next_reference() { return ++last_reference_; }
  // Whether any linked node is known to be a peer.
  [[nodiscard]] bool has_members() const;
  void note_neighbours_changed() { neighbours_changed_ = true; }
  [[nodiscard]] std::uint32_t uptime_s(Now now) const;

  // Commits; where `lazy`, with a later group. The completion is StoreService's to hear.
  ports::RequestId persist(std::vector<ports::PersistWrite> writes, bool lazy);

  [[nodiscard]] Phase phase() const { return phase_; }
  // At the time of the latest entry.
  [[nodiscard]] bool holds(const ResourceId& resource) const {
    return storage_.holds(latest_, resource);
  }
  [[nodiscard]] Sizes sizes() const;
  void links(std::vector<LinkState>& links) const;
  void count(CounterVisitor& visitor) const;

  // transport::TransportHandler
  void on_request(Now now, transport::Request& request) override;
  void on_answer(Now now, const transport::Purpose& purpose,
                 const transport::Answer& answer) override;
  void on_failed(Now now, const transport::Purpose& purpose,
                 const transport::Failed& failed) override;
  [[nodiscard]] bool plausible_responder(RingPosition position,
                                         const NodeId& responder) const override;
  void on_older_configuration(Now now, std::span<const wire::Destination> route) override;
  void on_newer_configuration(Now now, const NodeId& node) override;

  // forwarding::RoutingTable
  [[nodiscard]] NextHop next_hop(RingPosition position) const override;
  [[nodiscard]] bool responsible(RingPosition position) const override;

  // storage::StorageOwner
  [[nodiscard]] bool responsible_for(const ResourceId& resource) const override;
  void on_values_dropped(Now now, std::vector<ports::PersistWrite> writes) override;

 private:
  // An older link with a node that is linked twice, until what is under way on it has arrived.
  struct ClosingLink {
    link::LinkId link;
    NodeId node;
    MonotonicTime deadline;
  };

  enum class Life : std::uint8_t {
    new_born,
    started,
    handing_over,    // leaving: values go to the successor
    saying_goodbye,  // leaving: LeaveReqs are on their way
    stopped,
  };

  void on_timer(Now now, std::uint32_t id) override;
  void use(const SharedContext& context);
  [[nodiscard]] Phase compute_phase() const;
  [[nodiscard]] MonotonicTime next_deadline() const;
  [[nodiscard]] bool keep_old(Now now, const forwarding::Connection& old, bool initiated) const;
  void close_later(Now now, link::LinkId link, const NodeId& node);
  void forget_link(Now now, const NodeId& node);
  void leave_step(Now now);
  void stop(Now now);

  // dispatch.cpp: one per method.
  void on_join(Now now, transport::Request& request);
  void on_leave(Now now, transport::Request& request);
  void on_update(Now now, transport::Request& request);
  void on_route_query(Now now, transport::Request& request);
  void on_probe(Now now, transport::Request& request);
  void on_ping(Now now, transport::Request& request);
  [[nodiscard]] std::uint32_t responsible_ppb() const;
  [[nodiscard]] bool adjacent(const transport::Request& request) const;

  const SharedContext* context_;
  const PeerEnvironment environment_;
  Role role_;
  bool first_;
  bool settling_ = false;
  bool neighbours_changed_ = false;
  Life life_ = Life::new_born;
  Phase phase_ = Phase::stopped;
  topology::Phase plugin_phase_ = topology::Phase::idle;
  storage::Judges judges_;
  forwarding::Rules rules_;
  transport::Settings settings_;
  std::unique_ptr<topology::Plugin> plugin_;
  forwarding::ConnectionTable connections_;
  forwarding::Forwarder forwarder_;
  transport::Transport transport_;
  storage::Storage storage_;
  IntentRunner runner_;
  Attachments attachments_;
  Bootstrap bootstrap_;
  LinkUpkeep upkeep_;
  StoreService stores_;
  Replication replication_;
  UsageRequests usages_;
  AppAttachments app_attachments_;
  DocumentSpreading documents_;
  std::vector<ClosingLink> closing_;
  MonotonicTime leave_deadline_ = never;
  MonotonicTime started_at_{};
  Now latest_{};  // of the entries
  std::uint64_t last_reference_ = 0;
  Timer timer_;
};

}  // namespace chordial::overlay
