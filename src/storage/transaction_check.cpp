// The checks of a Store (RFC 6940 §7.4.1.1).
#include <algorithm>

#include "storage/transaction.h"
#include "wire/link_messages.h"
#include "wire/message.h"

namespace chordial::storage {
namespace {

using wire::ErrorCode;

bool overlaps(const wire::StoredDataValue& a, const wire::StoredDataValue& b) {
  return compare(place_of(a), place_of(b)) == 0;
}

// Signed alike: an array's index is no part of what is signed (§7.4.2.2).
bool same_signed_bytes(wire::DataModel model, ByteView a, ByteView b) {
  const std::size_t index_bytes = model == wire::DataModel::array ? sizeof(std::uint32_t) : 0;
  return equal(a.subspan(index_bytes), b.subspan(index_bytes));
}

}  // namespace

Refusal refusal(ErrorCode error, std::string_view text) {
  return {error, to_bytes(as_bytes(text)), Refusal::Limit::none};
}

Refusal above(Refusal::Limit limit, std::string_view text) {
  return {ErrorCode::data_too_large, to_bytes(as_bytes(text)), limit};
}

Refusal unknown_kinds(const std::vector<wire::KindId>& kinds) {
  return {ErrorCode::unknown_kind, wire::body_of(wire::UnknownKinds{kinds}), Refusal::Limit::none};
}

Answer answer_of(Refusal refusal) {
  return {refusal.error, std::move(refusal.info), {}};
}

std::optional<Refusal> Storage::Transaction::check(const wire::StoreReq& request,
                                                   const StoreRights& rights) {
  replica_ = request.replica_number != 0;
  if (!rights.accepted)
    return replica_ ? refusal(ErrorCode::forbidden, "no replica of yours is kept here")
                    : refusal(ErrorCode::not_found, "not responsible for this resource");
  if (auto refused = check_kinds(request)) return refused;
  std::size_t at = 0;
  for (const wire::StoreKindData& data : request.kind_data) {
    if (auto refused = parse_values(data, kinds_[at++])) return refused;
  }
  if (auto refused = check_generations()) return refused;
  for (KindChange& kind : kinds_) {
    for (Change& change : kind.changes) {
      if (auto refused = place_value(kind, change)) return refused;
      if (!replica_ && !may_write(*kind.kind, resource_, change.parts.value, rights.sender))
        return refusal(ErrorCode::forbidden, "the sender may not write this value here");
    }
    if (auto refused = check_count(kind)) return refused;
  }
  for (KindChange& kind : kinds_) {
    for (Change& change : kind.changes) {
      if (auto refused = check_signer(kind, change, rights.certificates)) return refused;
    }
  }
  return std::nullopt;
}

std::optional<Refusal> Storage::Transaction::check_kinds(const wire::StoreReq& request) {
  std::vector<wire::KindId> unknown;
  for (const wire::StoreKindData& data : request.kind_data) {
    const Kind* kind = storage_.judges_->kinds->find(data.kind);
    if (kind == nullptr) unknown.push_back(data.kind);
    if (std::ranges::any_of(
            kinds_, [&](const KindChange& other) { return other.kind == kind && kind != nullptr; }))
      return refusal(ErrorCode::invalid_message, "a Kind-ID is used twice");
    const StoredKind* stored = storage_.find_kind(now_, resource_, data.kind);
    kinds_.push_back(
        {kind, data.generation_counter, stored == nullptr ? 0 : stored->generation, {}});
  }
  if (!unknown.empty()) return unknown_kinds(unknown);
  return std::nullopt;
}

std::optional<Refusal> Storage::Transaction::parse_values(const wire::StoreKindData& data,
                                                          KindChange& kind) const {
  if (data.values.empty()) return refusal(ErrorCode::invalid_message, "a Kind without values");
  if (data.values.size() > kind.kind->max_count)
    return above(Refusal::Limit::kind, "more values than max-count");
  kind.changes.reserve(data.values.size());
  for (const wire::StoredData& value : data.values) {
    const auto parts = wire::parts_of(value, kind.kind->model);
    if (!parts) return refusal(ErrorCode::invalid_message, parts.error().text());
    kind.changes.push_back(Change{*parts, value.storage_time, value.lifetime});
    if (auto refused = check_value(kind, kind.changes.size() - 1)) return refused;
  }
  return std::nullopt;
}

std::optional<Refusal> Storage::Transaction::check_value(const KindChange& kind,
                                                         std::size_t index) const {
  const wire::StoredDataValue& value = kind.changes[index].parts.value;
  if (value.value.value.size() > kind.kind->max_size)
    return above(Refusal::Limit::kind, "a value above max-size");
  if (!value.value.exists && !value.value.value.empty())
    return refusal(ErrorCode::invalid_message, "a value that does not exist is not empty");
  if (value.index == wire::array_end) return std::nullopt;
  // Deviation: an array is at most max-count long, gaps included. §7.2.2 lets one value at a high
  // index make an array of gaps, which every Fetch would have to spell out.
  if (value.index >= kind.kind->max_count)
    return above(Refusal::Limit::kind, "an index above max-count");
  for (std::size_t i = 0; i < index; ++i) {
    if (overlaps(kind.changes[i].parts.value, value))
      return refusal(ErrorCode::invalid_message, "two values for the same place");
  }
  return std::nullopt;
}

std::optional<Refusal> Storage::Transaction::check_generations() const {
  for (const KindChange& kind : kinds_) {
    if (replica_) {
      if (kind.requested_generation == 0)
        return refusal(ErrorCode::invalid_message, "a replica with generation_counter 0");
      continue;
    }
    if (kind.requested_generation == 0 || kind.requested_generation == kind.generation) continue;
    // §7.4.1.2: the right counter of every Kind, without replicas.
    std::vector<wire::StoreKindResponse> counters;
    for (const KindChange& each : kinds_)
      counters.push_back({each.kind->id, each.generation, {}});
    return Refusal{ErrorCode::generation_counter_too_low, wire::body_of(wire::StoreAns{counters}),
                   Refusal::Limit::none};
  }
  return std::nullopt;
}

const StoredValue* Storage::Transaction::living(const Kind& kind, const Place& place) const {
  const StoredKind* stored = storage_.find_kind(now_, resource_, kind.id);
  if (stored == nullptr) return nullptr;
  const auto at = find_place(stored->values, kind.model, place);
  if (at == stored->values.end() || at->ends <= now_.monotonic ||
      compare(place_of(*at, kind.model), place) != 0)
    return nullptr;
  return &*at;
}

const StoredValue* Storage::Transaction::same_appended(const Kind& kind,
                                                       const Change& change) const {
  const StoredKind* stored = storage_.find_kind(now_, resource_, kind.id);
  if (stored == nullptr) return nullptr;
  for (const StoredValue& value : stored->values) {
    if (value.ends > now_.monotonic && value.storage_time == change.storage_time &&
        same_signed_bytes(kind.model, parts_of(value, kind.model).value_bytes,
                          change.parts.value_bytes))
      return &value;
  }
  return nullptr;
}

std::optional<std::uint32_t> Storage::Transaction::end_of_array(const KindChange& kind) const {
  std::vector<bool> taken(kind.kind->max_count, false);
  std::uint32_t end = 0;
  const auto take = [&](std::uint32_t index) {
    if (index >= taken.size()) return;
    taken[index] = true;
    end = std::max(end, index + 1);
  };
  if (const StoredKind* stored = storage_.find_kind(now_, resource_, kind.kind->id)) {
    for (const StoredValue& value : stored->values) {
      if (value.ends > now_.monotonic) take(place_of(value, kind.kind->model).index);
    }
  }
  for (const Change& change : kind.changes)
    take(change.parts.value.index);
  if (end < taken.size()) return end;
  // Deviation: when the end is at max-count, the first gap that values have left behind is used, or
  // an array whose values come and go could be appended to only max-count times.
  const auto gap = std::ranges::find(taken, false);
  if (gap == taken.end()) return std::nullopt;
  return static_cast<std::uint32_t>(gap - taken.begin());
}

std::optional<Refusal> Storage::Transaction::place_value(const KindChange& kind,
                                                         Change& change) const {
  wire::StoredDataValue& value = change.parts.value;
  const StoredValue* there = nullptr;
  if (kind.kind->model == wire::DataModel::array && value.index == wire::array_end) {
    there = same_appended(*kind.kind, change);
    if (there == nullptr) {
      const auto end = end_of_array(kind);
      if (!end) return above(Refusal::Limit::kind, "the array is full");
      value.index = *end;
    }
  } else {
    there = living(*kind.kind, place_of(value));
  }
  change.added = there == nullptr;
  if (change.added) return std::nullopt;
  const wire::StoredDataParts old = parts_of(*there, kind.kind->model);
  change.same_content = old.value.value.exists == value.value.exists &&
                        equal(old.value.value.value, value.value.value);
  // §13.5.3 refuses equal times too. Deviation: the very same signed value again is no rollback but
  // a repetition, and is answered like the first one (§6.2.1).
  change.unchanged = there->storage_time == change.storage_time &&
                     same_signed_bytes(kind.kind->model, old.value_bytes, change.parts.value_bytes);
  if (!change.unchanged && change.storage_time <= there->storage_time)
    return refusal(ErrorCode::data_too_old, "a newer value is stored");
  return std::nullopt;
}

std::optional<Refusal> Storage::Transaction::check_count(const KindChange& kind) const {
  std::ptrdiff_t count = std::ranges::count_if(kind.changes, &Change::added);
  if (const StoredKind* stored = storage_.find_kind(now_, resource_, kind.kind->id)) {
    count += std::ranges::count_if(
        stored->values, [&](const StoredValue& value) { return value.ends > now_.monotonic; });
  }
  if (count > std::ptrdiff_t{kind.kind->max_count})
    return above(Refusal::Limit::kind, "more values than max-count");
  return std::nullopt;
}

std::optional<Refusal> Storage::Transaction::check_quotas() const {
  std::size_t at_resource = 0;
  if (const auto at = storage_.resources_.find(resource_); at != storage_.resources_.end()) {
    for (const StoredKind& kind : at->second.kinds) {
      for (const StoredValue& value : kind.values)
        at_resource += value.bytes();
    }
  }
  // A request names few signers, mostly one.
  std::vector<std::pair<crypto::CertificateHash, std::size_t>> of_signers;
  const auto of = [&](const crypto::CertificateHash& signer) -> std::size_t& {
    for (auto& [known, bytes] : of_signers) {
      if (known == signer) return bytes;
    }
    return of_signers.emplace_back(signer, storage_.signers_.bytes(signer)).second;
  };
  std::size_t added = 0;
  for (const KindChange& kind : kinds_) {
    for (const Change& change : kind.changes) {
      if (change.unchanged) continue;
      if (const StoredValue* old = living(*kind.kind, place_of(change.parts.value))) {
        at_resource -= old->bytes();
        of(old->signer) -= old->bytes();
      }
      at_resource += stored_bytes(change);
      added += stored_bytes(change);
      of(change.signer.certificate->hash) += stored_bytes(change);
    }
  }
  if (added == 0) return std::nullopt;
  if (at_resource > storage_.limits_.resource_bytes_max)
    return above(Refusal::Limit::resource, "more bytes than one place may have here");
  for (const auto& [signer, bytes] : of_signers) {
    if (bytes > storage_.limits_.signer_bytes_max)
      return above(Refusal::Limit::signer, "more bytes than one signer may have here");
  }
  return std::nullopt;
}

std::optional<Refusal> Storage::Transaction::check_signer(const KindChange& kind, Change& change,
                                                          Certificates certificates) const {
  const auto signer = judge(now_, *storage_.judges_, *kind.kind, resource_, change.storage_time,
                            change.parts, certificates);
  if (!signer) return refusal(ErrorCode::forbidden, signer.error().text());
  change.signer = *signer;
  return std::nullopt;
}

void Storage::Transaction::check_newer(const wire::FetchAns& answer, Certificates certificates) {
  merging_ = true;
  for (const wire::FetchKindResponse& response : answer.kind_responses) {
    const Kind* kind = storage_.judges_->kinds->find(response.kind);
    const bool repeated =
        std::ranges::any_of(kinds_, [&](const KindChange& other) { return other.kind == kind; });
    if (kind == nullptr || repeated) continue;
    const StoredKind* stored = storage_.find_kind(now_, resource_, kind->id);
    KindChange taken{kind, response.generation, stored == nullptr ? 0 : stored->generation, {}};
    std::uint32_t judged = 0;
    for (const wire::StoredData& data : response.values) {
      const auto parts = wire::parts_of(data, kind->model);
      if (!parts || parts->value.index == wire::array_end || judged++ >= kind->max_count) continue;
      // Values are judged one by one: a bad or an old one takes no other with it.
      Change& change = taken.changes.emplace_back(Change{*parts, data.storage_time, data.lifetime});
      if (check_value(taken, taken.changes.size() - 1) || place_value(taken, change) ||
          change.unchanged || check_count(taken) || check_signer(taken, change, certificates))
        taken.changes.pop_back();
    }
    if (!taken.changes.empty()) kinds_.push_back(std::move(taken));
  }
}

}  // namespace chordial::storage
