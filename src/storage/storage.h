// What this peer stores for the overlay (RFC 6940 §7): resources, their Kinds and values, with
// access control, generation counters, lifetimes, removal and limits. Sans-IO. Knows no routing:
// whether this peer is responsible, and who may send replicas, its caller says.
#pragma once

#include <map>
#include <vector>

#include "base/counters.h"
#include "base/timer_queue.h"
#include "ports/persist.h"
#include "storage/access_control.h"
#include "storage/records.h"
#include "storage/signer_use.h"
#include "wire/storage_messages.h"

namespace chordial::storage {

// What the storing peer asks and hears back.
class StorageOwner {
 public:
  // Whether this peer answers for the resource. Values of other resources go first when room is
  // needed.
  [[nodiscard]] virtual bool responsible_for(const ResourceId& resource) const = 0;
  // Values have ended or had to go, by themselves: their records are to be deleted, lazily.
  virtual void on_values_dropped(Now now, std::vector<ports::PersistWrite> writes) = 0;

 protected:
  ~StorageOwner() = default;
};

// Who sent a StoreReq, and what the overlay says to that.
struct StoreRights {
  Signer sender;  // who signed the StoreReq
  // Of an original store (replica_number 0): this peer is responsible for the resource. Of a
  // replica: this peer expects to hold one, and the sender is plausible (§7.4.1.1).
  bool accepted = false;
  std::span<const NodeId> replicas;  // where the values will be replicated: into the StoreAns
  Certificates certificates;         // those of the message's security block
};

// What to answer. The body is that of the method's answer, or the error_info of an ErrorResponse.
struct Answer {
  wire::ErrorCode error = wire::ErrorCode::invalid;  // invalid: success
  Bytes body;
  // Whose certificates the receiver needs to check the values (§6.3.4): to be put into the
  // security block, unless the receiver has them. Each once, certificates_max at most.
  std::vector<crypto::CertificateHash> signers;

  [[nodiscard]] bool ok() const { return error == wire::ErrorCode::invalid; }
};

struct StoreOutcome {
  Answer answer;
  // To be committed before the answer is sent. Empty when nothing changed.
  std::vector<ports::PersistWrite> writes;
  bool changed = false;       // something is to be replicated
  bool refresh_only = false;  // every value is what it was, with a later end: may be written lazily
};

// A StoreReq that hands values on, to a replica or to a peer that has become responsible.
struct Transfer {
  Bytes body;  // StoreReq
  std::vector<crypto::CertificateHash> signers;
};

struct StorageLimits {
  // Of all values together. When they are full, values this peer is not responsible for go first,
  // those that end soonest before others; an original store for which that makes no room, and a
  // replica, is refused with Error_Data_Too_Large.
  std::size_t bytes_max = std::size_t{64} << 20;
  // Of all values at one Resource-ID: under the policies that bind a place to its owner (§7.3.1 to
  // §7.3.3), what one user may have here. Refused above with Error_Data_Too_Large, as is the next.
  std::size_t resource_bytes_max = std::size_t{1} << 20;
  // Of all values that one certificate has signed, wherever they lie: policies like NODE-MULTIPLE
  // and NODE-ID-MATCH open many places to one signer.
  std::size_t signer_bytes_max = std::size_t{1} << 20;
};

struct Refusal;

class Storage final : private TimerHandler {
 public:
  // All outlive the storage; judges and limits are shared by all peers of a process.
  Storage(const Judges& judges, const StorageLimits& limits, TimerQueue& timers,
          StorageOwner& owner);
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage();

  // §7.4.1. All values are stored, or none.
  [[nodiscard]] StoreOutcome store(Now now, const wire::StoreReq& request,
                                   const StoreRights& rights);
  // §7.4.1.1: a store of ours failed because another peer has newer values; these are they. Each
  // value is taken on its own: the newer one of two stays.
  [[nodiscard]] StoreOutcome merge(Now now, const ResourceId& resource, const wire::FetchAns& newer,
                                   Certificates certificates);
  // §7.4.2, §7.4.3, §7.4.4.
  [[nodiscard]] Answer fetch(Now now, const wire::FetchReq& request) const;
  [[nodiscard]] Answer stat(Now now, const wire::FetchReq& request) const;
  // Closest is the first at or after the resource, clockwise, so that an overlay can be walked with
  // it. Whether this peer is responsible, the caller checks before (Error_Not_Found).
  [[nodiscard]] Answer find(Now now, const wire::FindReq& request) const;

  // The values of a resource as StoreReqs of about bytes_max each, lifetimes counted down, with the
  // stored generation counters. Empty where nothing lives.
  [[nodiscard]] std::vector<Transfer> transfers(Now now, const ResourceId& resource,
                                                std::uint8_t replica_number,
                                                std::size_t bytes_max) const;
  // Resources in (after, until] clockwise, in ring order from `after`; at most count_max of them.
  // To go on, pass the last one as `after`. (a, a] is the whole ring.
  void resources_in(RingPosition after, RingPosition until, std::size_t count_max,
                    std::vector<ResourceId>& resources) const;
  // Forgets a resource that is kept here no longer; the writes delete its records.
  [[nodiscard]] std::vector<ports::PersistWrite> remove(const ResourceId& resource);
  // The judges have changed (a new configuration document): values of Kinds that are gone, and of
  // signers that may not be used any more, are forgotten.
  [[nodiscard]] std::vector<ports::PersistWrite> adopt(Now now, const Judges& judges);
  // One record read back at start. Its signature was checked when it was written. A record that is
  // of no use any more (its end, its Kind, its certificate) is returned as its deletion.
  [[nodiscard]] std::optional<ports::PersistWrite> restore(Now now,
                                                           const ports::PersistedRecord& record);

  // Whether any value lives there.
  [[nodiscard]] bool holds(Now now, const ResourceId& resource) const;
  [[nodiscard]] std::size_t resources() const { return resources_.size(); }
  // Of the stored values, as bytes_max counts them.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // Heap and object, estimated.
  [[nodiscard]] std::size_t memory_bytes() const;
  void count(CounterVisitor& visitor) const;

 private:
  class Transaction;

  struct Counts {
    std::uint32_t stored = 0;            // values
    std::uint32_t refused = 0;           // requests, those of the next four lines among them
    std::uint32_t refused_kind = 0;      // above max-count or max-size
    std::uint32_t refused_resource = 0;  // above resource_bytes_max
    std::uint32_t refused_signer = 0;    // above signer_bytes_max
    std::uint32_t refused_room = 0;      // above bytes_max
    std::uint32_t ended = 0;             // values whose lifetime was over
    std::uint32_t evicted = 0;           // values that went to make room
  };

  void on_timer(Now now, std::uint32_t id) override;
  // Makes sure that on_timer comes soon after `ends`.
  void arm(Now now, MonotonicTime ends);
  // Null when nothing of the Kind lives there.
  [[nodiscard]] const StoredKind* find_kind(Now now, const ResourceId& resource,
                                            wire::KindId kind) const;
  // Whether a value of the Kind lives there that says `exists`.
  [[nodiscard]] bool exists(Now now, const ResourceId& resource, const Kind& kind) const;
  // Looks up what a FetchReq or StatReq asks for. `values(Kind, generation)` is called for each
  // specifier and returns whom to tell of its values.
  template <class Values>
  std::optional<Refusal> select(Now now, const wire::FetchReq& request, Values values) const;
  void count_refusal(const Refusal& refusal);
  // Keeps the accounts; `value` is in its place, or about to leave it.
  void hold(const StoredValue& value);
  void forget(const StoredValue& value);
  void delete_record(const ResourceId& resource, const StoredKind& kind, const StoredValue& value,
                     std::vector<ports::PersistWrite>& writes) const;
  // Forgets every value for which `gone(StoredKind, StoredValue)` is true; says how many.
  template <class Gone>
  std::uint32_t drop_values(Gone gone, std::vector<ports::PersistWrite>& writes);
  std::uint32_t drop_ended(Now now, std::vector<ports::PersistWrite>& writes);
  // Room for so many bytes more, by forgetting others if need be and if `evict` permits.
  bool make_room(Now now, std::size_t bytes, bool evict, std::vector<ports::PersistWrite>& writes);

  const Judges* judges_;
  const StorageLimits& limits_;
  TimerQueue& timers_;
  StorageOwner& owner_;
  Timer timer_;  // when values have ended
  std::map<ResourceId, Resource> resources_;
  std::size_t bytes_ = 0;
  SignerUse signers_;
  Counts counts_;
};

}  // namespace chordial::storage
