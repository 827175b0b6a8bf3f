#include "storage/storage.h"

#include <algorithm>

#include "storage/transaction.h"

namespace chordial::storage {
namespace {

// Ended values are invisible at once; their memory comes back in batches, at most this often.
constexpr Duration sweep_interval{5'000'000};

}  // namespace

Storage::Storage(const Judges& judges, const StorageLimits& limits, TimerQueue& timers,
                 StorageOwner& owner)
    : judges_(&judges), limits_(limits), timers_(timers), owner_(owner), timer_(*this, 0) {
}

Storage::~Storage() {
  for (const auto& [id, resource] : resources_) {
    for (const StoredKind& kind : resource.kinds) {
      for (const StoredValue& value : kind.values)
        judges_->certificates->unpin(value.signer);
    }
  }
}

StoreOutcome Storage::store(Now now, const wire::StoreReq& request, const StoreRights& rights) {
  StoreOutcome outcome;
  const auto refuse = [&](Refusal why) {
    count_refusal(why);
    outcome.answer = answer_of(std::move(why));
    return std::move(outcome);
  };
  const auto resource = request.resource.id();
  if (!resource)
    return refuse(refusal(wire::ErrorCode::invalid_message, "a Resource-ID is not 16 bytes long"));
  Transaction transaction(*this, now, *resource);
  if (auto refused = transaction.check(request, rights)) return refuse(*std::move(refused));
  if (transaction.check_quotas()) {
    counts_.ended += drop_ended(now, outcome.writes);
    if (auto refused = transaction.check_quotas()) return refuse(*std::move(refused));
  }
  if (!transaction.make_room(request.replica_number == 0, outcome.writes))
    return refuse(above(Refusal::Limit::room, "no room is left"));
  transaction.commit(outcome, rights.replicas);
  return outcome;
}

StoreOutcome Storage::merge(Now now, const ResourceId& resource, const wire::FetchAns& newer,
                            Certificates certificates) {
  StoreOutcome outcome;
  Transaction transaction(*this, now, resource);
  transaction.check_newer(newer, certificates);
  if (auto refused = transaction.check_quotas()) {
    count_refusal(*refused);
    outcome.answer = answer_of(*std::move(refused));
    return outcome;
  }
  if (!transaction.make_room(false, outcome.writes)) {
    const Refusal full = above(Refusal::Limit::room, "no room is left");
    count_refusal(full);
    outcome.answer = answer_of(full);
    return outcome;
  }
  transaction.commit(outcome, {});
  return outcome;
}

const StoredKind* Storage::find_kind(Now now, const ResourceId& resource, wire::KindId kind) const {
  const auto at = resources_.find(resource);
  if (at == resources_.end()) return nullptr;
  for (const StoredKind& stored : at->second.kinds) {
    if (stored.kind != kind) continue;
    const bool lives = std::ranges::any_of(
        stored.values, [&](const StoredValue& value) { return value.ends > now.monotonic; });
    return lives ? &stored : nullptr;
  }
  return nullptr;
}

bool Storage::holds(Now now, const ResourceId& resource) const {
  const auto at = resources_.find(resource);
  return at != resources_.end() &&
         std::ranges::any_of(at->second.kinds, [&](const StoredKind& kind) {
           return find_kind(now, resource, kind.kind) != nullptr;
         });
}

void Storage::count_refusal(const Refusal& refusal) {
  ++counts_.refused;
  switch (refusal.limit) {
    case Refusal::Limit::none:
      break;
    case Refusal::Limit::kind:
      ++counts_.refused_kind;
      break;
    case Refusal::Limit::resource:
      ++counts_.refused_resource;
      break;
    case Refusal::Limit::signer:
      ++counts_.refused_signer;
      break;
    case Refusal::Limit::room:
      ++counts_.refused_room;
      break;
  }
}

void Storage::hold(const StoredValue& value) {
  bytes_ += value.bytes();
  signers_.add(value.signer, value.bytes());
  judges_->certificates->pin(value.signer);
}

void Storage::forget(const StoredValue& value) {
  bytes_ -= value.bytes();
  signers_.remove(value.signer, value.bytes());
  judges_->certificates->unpin(value.signer);
}

void Storage::delete_record(const ResourceId& resource, const StoredKind& kind,
                            const StoredValue& value,
                            std::vector<ports::PersistWrite>& writes) const {
  if (const Kind* known = judges_->kinds->find(kind.kind))
    writes.push_back(deletion_of(resource, kind.kind, place_of(value, known->model)));
}

template <class Gone>
std::uint32_t Storage::drop_values(Gone gone, std::vector<ports::PersistWrite>& writes) {
  std::uint32_t dropped = 0;
  for (auto at = resources_.begin(); at != resources_.end();) {
    std::vector<StoredKind>& kinds = at->second.kinds;
    for (StoredKind& kind : kinds) {
      std::erase_if(kind.values, [&](const StoredValue& value) {
        if (!gone(kind, value)) return false;
        delete_record(at->first, kind, value, writes);
        forget(value);
        ++dropped;
        return true;
      });
    }
    std::erase_if(kinds, [](const StoredKind& kind) { return kind.values.empty(); });
    at = kinds.empty() ? resources_.erase(at) : std::next(at);
  }
  return dropped;
}

std::uint32_t Storage::drop_ended(Now now, std::vector<ports::PersistWrite>& writes) {
  return drop_values(
      [&](const StoredKind&, const StoredValue& value) { return value.ends <= now.monotonic; },
      writes);
}

std::vector<ports::PersistWrite> Storage::remove(const ResourceId& resource) {
  std::vector<ports::PersistWrite> writes;
  const auto at = resources_.find(resource);
  if (at == resources_.end()) return writes;
  for (const StoredKind& kind : at->second.kinds) {
    for (const StoredValue& value : kind.values) {
      delete_record(resource, kind, value, writes);
      forget(value);
    }
  }
  resources_.erase(at);
  return writes;
}

std::vector<ports::PersistWrite> Storage::adopt(Now now, const Judges& judges) {
  std::vector<ports::PersistWrite> writes;
  const auto gone = [&](const StoredKind& stored, const StoredValue& value) {
    const Kind* before = judges_->kinds->find(stored.kind);
    const Kind* after = judges.kinds->find(stored.kind);
    if (before == nullptr || after == nullptr || before->model != after->model) return true;
    // A certificate that is not known any more can still be fetched by readers, who check it.
    const crypto::Certificate* signer = judges.certificates->find(value.signer);
    return signer != nullptr && !judges.certificates->usable(*signer, now);
  };
  counts_.ended += drop_values(gone, writes);
  if (judges.certificates != judges_->certificates) {
    for (const auto& [id, resource] : resources_) {
      for (const StoredKind& kind : resource.kinds) {
        for (const StoredValue& value : kind.values) {
          judges.certificates->pin(value.signer);
          judges_->certificates->unpin(value.signer);
        }
      }
    }
  }
  judges_ = &judges;
  return writes;
}

bool Storage::make_room(Now now, std::size_t bytes, bool evict,
                        std::vector<ports::PersistWrite>& writes) {
  if (bytes > limits_.bytes_max) return false;
  if (bytes_ + bytes <= limits_.bytes_max) return true;
  counts_.ended += drop_ended(now, writes);
  if (bytes_ + bytes <= limits_.bytes_max) return true;
  if (!evict) return false;
  struct Candidate {
    MonotonicTime ends;
    ResourceId resource;
  };
  std::vector<Candidate> candidates;
  for (const auto& [id, resource] : resources_) {
    if (owner_.responsible_for(id)) continue;
    MonotonicTime last = MonotonicTime::min();
    for (const StoredKind& kind : resource.kinds) {
      for (const StoredValue& value : kind.values)
        last = std::max(last, value.ends);
    }
    candidates.push_back({last, id});
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::ends);
  // A sixteenth more than is needed, so that a full storage does not search at every store.
  const std::size_t aim =
      limits_.bytes_max - std::min(limits_.bytes_max / 16 + bytes, limits_.bytes_max);
  for (const Candidate& candidate : candidates) {
    if (bytes_ <= aim) break;
    const std::vector<ports::PersistWrite> removed = remove(candidate.resource);
    writes.insert(writes.end(), removed.begin(), removed.end());
    counts_.evicted += static_cast<std::uint32_t>(removed.size());
  }
  return bytes_ + bytes <= limits_.bytes_max;
}

void Storage::arm(Now now, MonotonicTime ends) {
  const MonotonicTime deadline = std::max(ends, now.monotonic + sweep_interval);
  if (!timer_.armed() || deadline < timer_.deadline()) timers_.arm(timer_, deadline);
}

void Storage::on_timer(Now now, std::uint32_t) {
  std::vector<ports::PersistWrite> writes;
  counts_.ended += drop_ended(now, writes);
  MonotonicTime next = never;
  for (const auto& [id, resource] : resources_) {
    for (const StoredKind& kind : resource.kinds) {
      for (const StoredValue& value : kind.values)
        next = std::min(next, value.ends);
    }
  }
  if (next != never) arm(now, next);
  if (!writes.empty()) owner_.on_values_dropped(now, std::move(writes));
}

std::size_t Storage::memory_bytes() const {
  constexpr std::size_t map_node_bytes = 32;
  std::size_t total = sizeof(*this) + signers_.memory_bytes();
  for (const auto& [id, resource] : resources_) {
    total += map_node_bytes + sizeof(id) + sizeof(resource);
    total += resource.kinds.capacity() * sizeof(StoredKind);
    for (const StoredKind& kind : resource.kinds) {
      total += kind.values.capacity() * sizeof(StoredValue);
      for (const StoredValue& value : kind.values)
        total += value.value_and_signature.capacity();
    }
  }
  return total;
}

void Storage::count(CounterVisitor& visitor) const {
  visitor.counter("storage_values_stored", counts_.stored);
  visitor.counter("storage_requests_refused", counts_.refused);
  visitor.counter("storage_requests_refused_kind", counts_.refused_kind);
  visitor.counter("storage_requests_refused_resource", counts_.refused_resource);
  visitor.counter("storage_requests_refused_signer", counts_.refused_signer);
  visitor.counter("storage_requests_refused_room", counts_.refused_room);
  visitor.counter("storage_values_ended", counts_.ended);
  visitor.counter("storage_values_evicted", counts_.evicted);
  visitor.gauge("storage_resources", resources_.size());
  visitor.gauge("storage_bytes", bytes_);
  visitor.gauge("storage_signers", signers_.signers());
}

}  // namespace chordial::storage
