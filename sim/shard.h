// The nodes of one thread, their events and timers. Between two barriers a shard runs by itself;
// what it sends to nodes of other shards waits in `outgoing` until they collect it.
#pragma once

#include "overlay/shared_context.h"
#include "sim/event_calendar.h"
#include "sim/node.h"
#include "sim/outcome_log.h"
#include "sim/sip_log.h"
#include "sim/traffic.h"

namespace chordial::sim {

class Shard final : public link::MessageNetwork {
 public:
  Shard(const World& world, unsigned number, std::vector<std::uint8_t>& acknowledged);

  // The node belongs to this shard from now on; in ascending order, without gaps.
  Node& add(NodeIndex index);
  [[nodiscard]] Node& node(NodeIndex index) { return *nodes_[index - first_]; }

  [[nodiscard]] Now now() const { return world_.at(now_); }
  // Between events, for what is done to nodes from outside.
  void set_time(MonotonicTime at);
  // Everything before `end` happens. Alone on its thread.
  void run_until(MonotonicTime end);
  // Takes over what `other` has for this shard.
  void collect(Shard& other);
  // About how many events there are until `end`, timers left out.
  [[nodiscard]] std::size_t due_before(MonotonicTime end) const {
    return calendar_.due_before(end);
  }
  // Nothing happens here before this.
  [[nodiscard]] MonotonicTime lower_bound() const;

  // link::MessageNetwork
  void carry(Now now, const link::Packet& packet) override;
  // A datagram of a whole node here, to another one.
  void carry(NodeIndex from, const ports::Datagram& datagram);
  // The other ends of the node's links will notice its silence: of all, when it is `dead`; else of
  // those that the network has cut off.
  void note_silence(Node& node, bool dead);
  // A PersistRequest of the node will be on disk.
  void commit_later(Node& node, std::uint32_t incarnation);

  [[nodiscard]] const overlay::SharedContext& context() const { return context_; }
  [[nodiscard]] TimerQueue& timers() { return timers_; }
  [[nodiscard]] Log& log() { return log_; }
  [[nodiscard]] crypto::CertificateStore& certificates() { return certificates_; }
  [[nodiscard]] crypto::mock::SignatureCost& cost() { return cost_; }
  [[nodiscard]] std::vector<std::uint8_t>& acknowledged() { return acknowledged_; }
  [[nodiscard]] crypto::Verifier& verifier() { return verifier_; }
  [[nodiscard]] OutcomeLog& lookups() { return lookups_; }
  [[nodiscard]] SipLog& sip() { return sip_; }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

  // The latest death or birth of a node.
  void note_disturbance(MonotonicTime at) { disturbed_ = at; }
  [[nodiscard]] MonotonicTime disturbed() const { return disturbed_; }
  // Whether any node's neighbours or phase changed since the last question.
  void note_change() { changed_ = true; }
  [[nodiscard]] bool take_change() { return std::exchange(changed_, false); }

 private:
  void send(Event event);
  void dispatch(Event event);
  void bounce(const Event& event);
  // When a keepalive of `by` to a node of this shard will have met with silence.
  [[nodiscard]] MonotonicTime silence_noticed(NodeIndex by, NodeIndex silent);
  // Until the sender of such a packet knows that nobody answers.
  [[nodiscard]] Duration patience(link::PacketKind kind, NodeIndex from, NodeIndex to) const;

  const World& world_;
  unsigned number_;
  NodeIndex first_ = 0;
  MonotonicTime now_ = start_time;
  std::uint64_t events_ = 0;
  bool changed_ = false;
  MonotonicTime disturbed_ = start_time;
  std::vector<std::uint8_t>& acknowledged_;
  SilentLog log_;
  TimerQueue timers_;
  EventCalendar calendar_;
  std::vector<std::vector<Event>> outgoing_;  // by shard
  crypto::mock::SignatureCost cost_;
  crypto::mock::MockStore certificates_;
  crypto::mock::MockVerifier verifier_;
  overlay::SharedContext context_;
  OutcomeLog lookups_;
  SipLog sip_;
  Traffic traffic_;
  std::vector<std::unique_ptr<Node>> nodes_;  // destroyed first: their timers are in timers_
};

}  // namespace chordial::sim
