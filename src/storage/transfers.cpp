// Handing values on, and reading them back at start.
#include <algorithm>

#include "storage/storage.h"
#include "wire/message.h"

namespace chordial::storage {
namespace {

// One is left for the certificate of whoever sends the message.
constexpr std::size_t signers_max = wire::certificates_max - 1;

// Fills StoreReqs value by value, and begins another one when one is full.
class TransferWriter {
 public:
  TransferWriter(const ResourceId& resource, std::uint8_t replica_number, std::size_t bytes_max)
      : resource_(resource), replica_number_(replica_number), bytes_max_(bytes_max) {}

  void add(const StoredKind& kind, const wire::StoredData& data,
           const crypto::CertificateHash& signer) {
    constexpr std::size_t value_overhead_bytes = 16, kind_overhead_bytes = 16;
    const std::size_t size = data.value_and_signature.size() + value_overhead_bytes;
    const bool new_signer = std::ranges::find(signers_, signer) == signers_.end();
    if (!values_.empty() && (bytes_ + size + kind_overhead_bytes > bytes_max_ ||
                             (new_signer && signers_.size() == signers_max)))
      flush();
    if (kinds_.empty() || kinds_.back().kind != kind.kind) {
      kinds_.push_back({kind.kind, kind.generation, {}});
      values_.emplace_back();
      bytes_ += kind_overhead_bytes;
    }
    values_.back().push_back(data);
    bytes_ += size;
    if (std::ranges::find(signers_, signer) == signers_.end()) signers_.push_back(signer);
  }
  std::vector<Transfer> finish() {
    if (!values_.empty()) flush();
    return std::move(transfers_);
  }

 private:
  void flush() {
    for (std::size_t i = 0; i < kinds_.size(); ++i)
      kinds_[i].values = values_[i];
    transfers_.push_back(
        {wire::body_of(wire::StoreReq{resource_, replica_number_, kinds_}), std::move(signers_)});
    kinds_.clear();
    values_.clear();
    signers_.clear();
    bytes_ = 0;
  }

  ResourceId resource_;
  std::uint8_t replica_number_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::vector<wire::StoreKindData> kinds_;
  std::vector<std::vector<wire::StoredData>> values_;  // of each of kinds_
  std::vector<crypto::CertificateHash> signers_;
  std::vector<Transfer> transfers_;
};

}  // namespace

std::vector<Transfer> Storage::transfers(Now now, const ResourceId& resource,
                                         std::uint8_t replica_number, std::size_t bytes_max) const {
  TransferWriter writer(resource, replica_number, bytes_max);
  const auto at = resources_.find(resource);
  if (at != resources_.end()) {
    for (const StoredKind& kind : at->second.kinds) {
      for (const StoredValue& value : kind.values) {
        if (value.ends > now.monotonic) writer.add(kind, stored_data(now, value), value.signer);
      }
    }
  }
  return writer.finish();
}

void Storage::resources_in(RingPosition after, RingPosition until, std::size_t count_max,
                           std::vector<ResourceId>& resources) const {
  auto at = resources_.upper_bound(ResourceId{after});
  for (std::size_t left = resources_.size(); left > 0 && count_max > 0; --left, --count_max, ++at) {
    if (at == resources_.end()) at = resources_.begin();
    if (!in_half_open(after, at->first.position, until)) break;
    resources.push_back(at->first);
  }
}

std::optional<ports::PersistWrite> Storage::restore(Now now, const ports::PersistedRecord& record) {
  if (record.space != ports::PersistSpace::stored_resources)
    return std::nullopt;  // another owner's
  const ports::PersistWrite deletion{record.space, record.key, std::nullopt};
  const auto parsed = parse_record(record);
  if (!parsed || parsed->ends_ms <= now.wall_ms()) return deletion;
  const Kind* kind = judges_->kinds->find(parsed->kind);
  const auto certificate = judges_->certificates->add(parsed->certificate, now);
  if (kind == nullptr || !certificate || !judges_->certificates->usable(**certificate, now))
    return deletion;
  wire::StoredData data;
  data.value_and_signature = parsed->value_and_signature;
  const auto parts = wire::parts_of(data, kind->model);
  if (!parts) return deletion;
  const Place place = place_of(parts->value);
  if (record_key(parsed->resource, kind->id, place) != record.key) return deletion;

  // A lifetime is 32 bits of seconds; a record that says more is not one of ours.
  constexpr std::uint64_t lifetime_ms_max = std::uint64_t{0xffffffff} * 1000;
  const std::uint64_t left_ms = parsed->ends_ms - now.wall_ms();
  if (left_ms > lifetime_ms_max) return deletion;
  StoredValue value;
  value.value_and_signature = to_bytes(parsed->value_and_signature);
  value.storage_time = parsed->storage_time;
  value.ends = now.monotonic + std::chrono::milliseconds(left_ms);
  value.signer = (*certificate)->hash;

  if (bytes_ + value.bytes() > limits_.bytes_max) return deletion;
  std::vector<StoredKind>& kinds = resources_[parsed->resource].kinds;
  auto stored = std::ranges::lower_bound(kinds, kind->id, {}, &StoredKind::kind);
  if (stored == kinds.end() || stored->kind != kind->id)
    stored = kinds.insert(stored, StoredKind{kind->id, 0, {}});
  // Each record carries the counter of its own last write, and the record with the highest may be
  // gone by now: the clock is ahead of them all.
  stored->generation =
      std::max({stored->generation, parsed->generation + 1, first_generation(now)});
  const auto at = find_place(stored->values, kind->model, place);
  if (at != stored->values.end() && compare(place_of(*at, kind->model), place) == 0)
    return std::nullopt;  // stored while the disk was still being read
  hold(value);
  arm(now, value.ends);
  stored->values.insert(at, std::move(value));
  return std::nullopt;
}

}  // namespace chordial::storage
