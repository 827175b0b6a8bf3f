// Moves and repairs values (RFC 6940 §10.4, §10.5 step 6, §10.7.3): to a joining node, to a new
// replica, to whoever has become responsible. Work is kept as jobs that walk over a stretch of the
// ring, a few Stores at a time.
#pragma once

#include <optional>
#include <vector>

#include "storage/storage.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core;

class Replication {
 public:
  static constexpr std::size_t jobs_max = 64;
  static constexpr std::size_t stores_at_once_max = 8;
  static constexpr Duration admission_memory{60'000'000};
  // All values are looked over once in this time (jittered), whatever has been repaired before.
  static constexpr Duration sweep_interval{3'600'000'000};

  // After a transfer has failed, likewise, so that a passing refusal costs a copy no longer.
  static constexpr Duration repair_interval{30'000'000};

  explicit Replication(Core& core) : core_(core) {}

  // A JoinReq has been granted: everything that `joining` will answer for, then
  // Plugin::on_join_transferred.
  void admit(Now now, const NodeId& joining);
  void on_responsibility_changed(Now now);
  void on_replica_set_changed(Now now);
  // Values of one resource, to this peer's replicas.
  void replicate(Now now, const ResourceId& resource);
  // Before leaving: everything to the first replica, who is responsible next. Done when idle().
  void hand_to_successor(Now now);

  void on_outcome(Now now, std::uint64_t reference, const transport::Failed* failed);
  void on_newer_values(Now now, std::uint64_t reference, const transport::Answer& answer);
  void on_no_newer_values(std::uint64_t reference);
  void on_timer(Now now);
  [[nodiscard]] MonotonicTime next_timer() const { return next_sweep_; }

  [[nodiscard]] bool idle() const { return jobs_.empty(); }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  enum class Work : std::uint8_t {
    replicate,  // what this peer is responsible for, to `node`
    hand_over,  // what others are responsible for, to them
    admit,      // all of the stretch, to the joining `node`
  };
  struct Job {
    std::uint64_t reference = 0;
    Work work = Work::replicate;
    std::uint8_t replica_number = 1;
    std::uint8_t outstanding = 0;
    bool begun = false;
    bool walked = false;  // every resource has been looked at
    NodeId node;
    RingPosition after;  // the stretch that is left: (after, until]
    RingPosition until;
  };
  // A Store on its way.
  struct Sent {
    std::uint64_t reference;
    std::uint64_t job;
    ResourceId resource;
  };
  // A Fetch of values that a peer has newer ones of.
  struct Newer {
    std::uint64_t reference;
    ResourceId resource;
  };

  void add(Now now, Job job);
  void pump(Now now);
  [[nodiscard]] bool advance(Now now, std::uint64_t reference);
  [[nodiscard]] bool concerns(Now now, const Job& job, const ResourceId& resource) const;
  bool send(Now now, std::uint64_t reference, const ResourceId& resource);
  void finish(Now now, const Job& job);
  void let_go(const ResourceId& resource);
  void fetch_newer(Now now, const ResourceId& resource, const NodeId& from);
  void to_all_replicas(Now now, RingPosition after, RingPosition until);
  [[nodiscard]] Duration jittered(Duration around) const;
  [[nodiscard]] Job* find(std::uint64_t reference);

  Core& core_;
  std::vector<Job> jobs_;
  std::vector<Sent> sent_;
  std::vector<Newer> newer_;
  std::vector<NodeId> replicas_;       // when they were looked at last
  std::optional<NodeId> predecessor_;  // likewise
  std::optional<NodeId> admitted_;     // who was given everything last, and how long that counts
  MonotonicTime admitted_until_{};
  MonotonicTime next_sweep_ = never;
  bool pumping_ = false;
};

}  // namespace chordial::overlay
