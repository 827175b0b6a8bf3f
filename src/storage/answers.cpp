// Fetch, Stat and Find (RFC 6940 §7.4.2 to §7.4.4).
#include <algorithm>
#include <deque>
#include <functional>

#include "crypto/hash.h"
#include "storage/transaction.h"
#include "wire/message.h"

namespace chordial::storage {
namespace {

using wire::ErrorCode;

// One is left for the certificate of whoever sends the message.
constexpr std::size_t signers_max = wire::certificates_max - 1;

void add_signer(std::vector<crypto::CertificateHash>& signers, const StoredValue& value) {
  if (signers.size() < signers_max && std::ranges::find(signers, value.signer) == signers.end())
    signers.push_back(value.signer);
}

// Told of every value a specifier asks for: what is stored, or null and the place where nothing is.
using Emit = std::function<void(const StoredValue*, const wire::StoredDataValue& where)>;

struct Source {
  Now now;
  const Kind& kind;
  const StoredKind* stored;  // null: nothing lives

  [[nodiscard]] const StoredValue* at(const Place& place) const {
    if (stored == nullptr) return nullptr;
    const auto found = find_place(stored->values, kind.model, place);
    const bool lives = found != stored->values.end() && found->ends > now.monotonic &&
                       compare(place_of(*found, kind.model), place) == 0;
    return lives ? &*found : nullptr;
  }
  void all(const Emit& emit) const {
    if (stored == nullptr) return;
    for (const StoredValue& value : stored->values) {
      if (value.ends > now.monotonic) emit(&value, {kind.model, 0, {}, {}});
    }
  }
  // The index of the last value that lives; nothing in an empty array.
  [[nodiscard]] std::optional<std::uint32_t> last_index() const {
    std::optional<std::uint32_t> last;
    all([&](const StoredValue* value, const wire::StoredDataValue&) {
      last = place_of(*value, kind.model).index;
    });
    return last;
  }
};

void emit_range(const Source& source, wire::ArrayRange range, const Emit& emit) {
  const auto end = source.last_index();
  if (range.first == wire::array_end || range.last == wire::array_end) {
    if (!end) return;
    if (range.first == wire::array_end) range.first = *end;
    if (range.last == wire::array_end) range.last = *end;
  }
  // Nothing is ever stored at or above max-count, and nobody needs to hear it spelt out.
  range.last = std::min(range.last, source.kind.max_count - 1);
  for (std::uint32_t index = range.first; index <= range.last; ++index)
    emit(source.at({index, {}}), {wire::DataModel::array, index, {}, {}});
}

std::optional<Refusal> emit_array(const Source& source, const wire::StoredDataSpecifier& specifier,
                                  const Emit& emit) {
  const auto indices = wire::array_specifier(specifier);
  if (!indices) return refusal(ErrorCode::invalid_message, indices.error().text());
  // The RFC gives a meaning to an empty list only for dictionaries; an array means the same by it.
  if (indices->empty()) source.all(emit);
  std::vector<wire::ArrayRange> ranges;
  for (const wire::ArrayRange& range : *indices) {
    if (range.first > range.last)
      return refusal(ErrorCode::invalid_message, "a range that ends before it begins");
    ranges.push_back(range);
  }
  std::ranges::sort(ranges, {}, &wire::ArrayRange::first);
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first <= ranges[i - 1].last)
      return refusal(ErrorCode::invalid_message, "ranges overlap");
  }
  for (const wire::ArrayRange& range : ranges)
    emit_range(source, range, emit);
  return std::nullopt;
}

std::optional<Refusal> emit_dictionary(const Source& source,
                                       const wire::StoredDataSpecifier& specifier,
                                       const Emit& emit) {
  const auto keys = wire::dictionary_specifier(specifier);
  if (!keys) return refusal(ErrorCode::invalid_message, keys.error().text());
  if (keys->empty()) source.all(emit);
  for (const wire::DictionaryKey& key : *keys)
    emit(source.at({0, key.key}), {wire::DataModel::dictionary, 0, key.key, {}});
  return std::nullopt;
}

std::optional<Refusal> emit_values(const Source& source, const wire::StoredDataSpecifier& specifier,
                                   const Emit& emit) {
  switch (source.kind.model) {
    case wire::DataModel::single_value:
      if (const auto empty = wire::single_specifier(specifier); !empty)
        return refusal(ErrorCode::invalid_message, empty.error().text());
      emit(source.at({}), {wire::DataModel::single_value, 0, {}, {}});
      return std::nullopt;
    case wire::DataModel::array:
      return emit_array(source, specifier, emit);
    case wire::DataModel::dictionary:
      return emit_dictionary(source, specifier, emit);
  }
  return std::nullopt;
}

// What FetchReq and StatReq are checked for alike.
std::optional<Refusal> check_specifiers(const KindTable& kinds, const wire::FetchReq& request) {
  if (!request.resource.id())
    return refusal(ErrorCode::invalid_message, "a Resource-ID is not 16 bytes long");
  std::vector<wire::KindId> seen, unknown;
  for (const wire::StoredDataSpecifier& specifier : request.specifiers) {
    if (std::ranges::find(seen, specifier.kind) != seen.end())
      return refusal(ErrorCode::invalid_message, "a Kind-ID is used twice");
    seen.push_back(specifier.kind);
    if (kinds.find(specifier.kind) == nullptr) unknown.push_back(specifier.kind);
  }
  if (!unknown.empty()) return unknown_kinds(unknown);
  return std::nullopt;
}

wire::StoredMetaData metadata_of(Now now, const Kind& kind, const StoredValue* value,
                                 const wire::StoredDataValue& where, std::deque<Bytes>& bytes) {
  wire::MetaDataValue metadata{where.model, where.index, where.key, {}};
  metadata.value.hash_algorithm = wire::hash_none;
  wire::StoredData data;
  crypto::Sha256 digest{};
  if (value != nullptr) {
    const wire::StoredDataParts parts = parts_of(*value, kind.model);
    data = stored_data(now, *value);
    metadata.index = parts.value.index;
    metadata.key = parts.value.key;
    const ByteView content = parts.value.value.value;
    ByteWriter with_length;
    with_length.vector(4, content);
    digest = crypto::sha256({with_length.view()});
    metadata.value = {parts.value.value.exists, static_cast<std::uint32_t>(content.size()),
                      wire::hash_sha256, digest};
  }
  return {data.storage_time, data.lifetime, bytes.emplace_back(wire::body_of(metadata)), 0};
}

}  // namespace

template <class Values>
std::optional<Refusal> Storage::select(Now now, const wire::FetchReq& request,
                                       Values values) const {
  if (auto refused = check_specifiers(*judges_->kinds, request)) return refused;
  for (const wire::StoredDataSpecifier& specifier : request.specifiers) {
    const Kind& kind = *judges_->kinds->find(specifier.kind);
    const StoredKind* stored = find_kind(now, *request.resource.id(), kind.id);
    const std::uint64_t generation = stored == nullptr ? 0 : stored->generation;
    const auto emit = values(kind, generation);
    if (generation != 0 && specifier.generation == generation) continue;
    if (auto refused = emit_values({now, kind, stored}, specifier, emit)) return refused;
  }
  return std::nullopt;
}

Answer Storage::fetch(Now now, const wire::FetchReq& request) const {
  Answer answer;
  std::deque<Bytes> synthetic;
  std::deque<std::vector<wire::StoredData>> values;
  std::vector<wire::FetchKindResponse> responses;
  const auto refused =
      select(now, request, [&](const Kind& kind, std::uint64_t generation) -> Emit {
        responses.push_back({kind.id, generation, {}});
        std::vector<wire::StoredData>& list = values.emplace_back();
        return [&](const StoredValue* value, const wire::StoredDataValue& where) {
          if (value != nullptr) {
            list.push_back(stored_data(now, *value));
            add_signer(answer.signers, *value);
          } else {
            list.push_back({0, 0, synthetic.emplace_back(wire::encode_synthetic(where)), 0});
          }
        };
      });
  if (refused) return answer_of(*refused);
  for (std::size_t i = 0; i < responses.size(); ++i)
    responses[i].values = values[i];
  answer.body = wire::body_of(wire::FetchAns{responses});
  return answer;
}

Answer Storage::stat(Now now, const wire::FetchReq& request) const {
  Answer answer;
  std::deque<Bytes> bytes;
  std::deque<std::vector<wire::StoredMetaData>> values;
  std::vector<wire::StatKindResponse> responses;
  const auto refused =
      select(now, request, [&](const Kind& kind, std::uint64_t generation) -> Emit {
        responses.push_back({kind.id, generation, {}});
        std::vector<wire::StoredMetaData>& list = values.emplace_back();
        return [&](const StoredValue* value, const wire::StoredDataValue& where) {
          list.push_back(metadata_of(now, kind, value, where, bytes));
        };
      });
  if (refused) return answer_of(*refused);
  for (std::size_t i = 0; i < responses.size(); ++i)
    responses[i].values = values[i];
  answer.body = wire::body_of(wire::StatAns{responses});
  return answer;
}

Answer Storage::find(Now now, const wire::FindReq& request) const {
  const auto resource = request.resource.id();
  if (!resource)
    return answer_of(refusal(ErrorCode::invalid_message, "a Resource-ID is not 16 bytes long"));
  std::vector<wire::FindKindData> results;
  for (const wire::KindId id : request.kinds) {
    if (std::ranges::find(results, id, &wire::FindKindData::kind) != results.end())
      return answer_of(refusal(ErrorCode::invalid_message, "a Kind-ID is used twice"));
    // Zero where none is known, and for an unknown Kind too (§7.4.4.2).
    results.push_back({id, ResourceId{}});
    const Kind* kind = judges_->kinds->find(id);
    if (kind == nullptr) continue;
    auto at = resources_.lower_bound(*resource);
    for (std::size_t left = resources_.size(); left > 0; --left, ++at) {
      if (at == resources_.end()) at = resources_.begin();
      if (!exists(now, at->first, *kind)) continue;
      results.back().closest = at->first;
      break;
    }
  }
  return {ErrorCode::invalid, wire::body_of(wire::FindAns{results}), {}};
}

bool Storage::exists(Now now, const ResourceId& resource, const Kind& kind) const {
  const StoredKind* stored = find_kind(now, resource, kind.id);
  return stored != nullptr && std::ranges::any_of(stored->values, [&](const StoredValue& value) {
           return value.ends > now.monotonic && parts_of(value, kind.model).value.value.exists;
         });
}

}  // namespace chordial::storage
