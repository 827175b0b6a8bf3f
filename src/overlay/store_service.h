// Serves Store, Fetch, Stat and Find (RFC 6940 §7.4). A StoreAns leaves when the values are on this
// peer's disk and at one replica; where no other peer is alive, when they are on the disk.
#pragma once

#include <optional>
#include <vector>

#include "ports/persist.h"
#include "storage/storage.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core;

class StoreService {
 public:
  static constexpr std::size_t pending_max = 1024;
  static constexpr unsigned replica_transmissions = 3;

  explicit StoreService(Core& core) : core_(core) {}

  void on_store(Now now, transport::Request& request);
  void on_fetch(Now now, transport::Request& request);
  void on_stat(Now now, transport::Request& request);
  void on_find(Now now, transport::Request& request);

  // Of the Store to a replica.
  void on_replica_outcome(Now now, std::uint64_t reference, const transport::Failed* failed);
  // False: not one of these.
  bool on_persisted(Now now, const ports::PersistCompletion& completion);

  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const { return pending_.capacity() * sizeof(Pending); }

 private:
  // A store that is done here and not yet acknowledged.
  struct Pending {
    std::uint64_t reference = 0;
    transport::ReplyTo reply;
    Bytes answer;
    ResourceId resource;
    std::optional<ports::RequestId> commit;  // nothing: committed
    std::vector<NodeId> asked;               // replicas
    std::uint8_t outstanding = 0;            // of them
    bool replicated = false;                 // one of them has it, or none is needed
  };

  [[nodiscard]] storage::StoreRights rights(const transport::Request& request,
                                            const ResourceId& resource, bool original,
                                            const std::vector<NodeId>& replicas) const;
  void ask_replicas(Now now, Pending& pending);
  void settle(Now now, std::uint64_t reference);
  void give(Now now, const transport::ReplyTo& reply, const storage::Answer& answer);
  [[nodiscard]] Pending* find(std::uint64_t reference);

  Core& core_;
  std::vector<Pending> pending_;
};

}  // namespace chordial::overlay
