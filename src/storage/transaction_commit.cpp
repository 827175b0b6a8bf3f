// The changes of a Store, once all its checks are passed.
#include <algorithm>

#include "storage/transaction.h"
#include "wire/message.h"

namespace chordial::storage {
namespace {

// No value outlives the certificate that signed it (§7.1).
MonotonicTime end_of(Now now, std::uint32_t lifetime, const crypto::Certificate& certificate) {
  const auto certified = std::max(certificate.not_after - now.wall, std::chrono::milliseconds(0));
  return now.monotonic + std::min<Duration>(std::chrono::seconds(lifetime), certified);
}

}  // namespace

std::size_t Storage::Transaction::stored_bytes(const Change& change) {
  return sizeof(StoredValue) + wire::encode(change.parts.value, change.parts.signature).size();
}

bool Storage::Transaction::make_room(bool evict, std::vector<ports::PersistWrite>& writes) {
  std::size_t bytes = 0;
  for (const KindChange& kind : kinds_) {
    for (const Change& change : kind.changes) {
      if (!change.unchanged) bytes += stored_bytes(change);
    }
  }
  return storage_.make_room(now_, bytes, evict, writes);
}

void Storage::Transaction::put(const KindChange& kind, const Change& change, StoredKind& stored,
                               std::vector<ports::PersistWrite>& writes) {
  StoredValue value;
  // Written anew, because an appended value has found its index by now (§7.4.1.1).
  value.value_and_signature = wire::encode(change.parts.value, change.parts.signature);
  value.value_and_signature.shrink_to_fit();
  value.storage_time = change.storage_time;
  value.ends = end_of(now_, change.lifetime, *change.signer.certificate);
  value.signer = change.signer.certificate->hash;
  const Place place = place_of(change.parts.value);
  writes.push_back(record_of(now_, resource_, stored.kind, place, stored.generation, value,
                             change.signer.certificate->der));
  storage_.hold(value);
  storage_.arm(now_, value.ends);
  const auto at = find_place(stored.values, kind.kind->model, place);
  if (at != stored.values.end() && compare(place_of(*at, kind.kind->model), place) == 0) {
    storage_.forget(*at);
    stored.values[static_cast<std::size_t>(at - stored.values.begin())] = std::move(value);
  } else {
    stored.values.insert(at, std::move(value));
  }
  ++storage_.counts_.stored;
}

void Storage::Transaction::drop_ended(StoredKind& stored,
                                      std::vector<ports::PersistWrite>& writes) {
  std::erase_if(stored.values, [&](const StoredValue& value) {
    if (value.ends > now_.monotonic) return false;
    storage_.delete_record(resource_, stored, value, writes);
    storage_.forget(value);
    ++storage_.counts_.ended;
    return true;
  });
}

void Storage::Transaction::commit(StoreOutcome& outcome, std::span<const NodeId> replicas) {
  std::vector<wire::StoreKindResponse> responses;
  outcome.refresh_only = true;
  for (const KindChange& kind : kinds_) {
    const bool changed =
        std::ranges::any_of(kind.changes, [](const Change& change) { return !change.unchanged; });
    std::uint64_t generation = kind.generation;
    if (replica_) {
      generation = kind.requested_generation;
    } else if (changed) {
      generation = generation != 0 ? generation + 1 : first_generation(now_);
      if (merging_) generation = std::max(generation, kind.requested_generation);
    }
    responses.push_back({kind.kind->id, generation, {replicas}});
    if (!changed && generation == kind.generation) continue;

    std::vector<StoredKind>& all = storage_.resources_[resource_].kinds;
    auto stored = std::ranges::lower_bound(all, kind.kind->id, {}, &StoredKind::kind);
    if (stored == all.end() || stored->kind != kind.kind->id)
      stored = all.insert(stored, StoredKind{kind.kind->id, 0, {}});
    drop_ended(*stored, outcome.writes);
    // One that has ended a moment ago and was not forgotten yet counts on.
    const bool begins_again = !replica_ && kind.generation == 0 && stored->generation != 0;
    stored->generation = begins_again ? std::max(generation, stored->generation + 1) : generation;
    responses.back().generation_counter = stored->generation;
    for (const Change& change : kind.changes) {
      if (change.unchanged) continue;
      put(kind, change, *stored, outcome.writes);
      outcome.changed = true;
      if (!change.same_content) outcome.refresh_only = false;
    }
  }
  outcome.refresh_only = outcome.refresh_only && outcome.changed;
  outcome.answer.body = wire::body_of(wire::StoreAns{responses});
}

}  // namespace chordial::storage
