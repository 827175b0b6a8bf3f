#include "storage/fetched.h"

#include <algorithm>

#include "storage/records.h"

namespace chordial::storage {

Expected<FetchedKind> proven_values(Now now, const Judges& judges, const ResourceId& resource,
                                    const wire::FetchKindResponse& response,
                                    Certificates candidates) {
  const Kind* kind = judges.kinds->find(response.kind);
  if (kind == nullptr) return failure(ErrorKind::unsupported, "kind", "the Kind is not known");
  FetchedKind fetched{response.kind, response.generation, {}, 0};
  std::uint32_t judged = 0;
  for (const wire::StoredData& data : response.values) {
    const auto parts = wire::parts_of(data, kind->model);
    if (!parts) {
      ++fetched.rejected;
      continue;
    }
    FetchedValue value{parts->value, data.storage_time, data.lifetime, {}};
    const bool is_synthetic = parts->signature.is_none() && !parts->value.value.exists &&
                              parts->value.value.value.empty();
    if (!is_synthetic) {
      // No signatures are checked beyond what one Kind may hold.
      if (judged++ >= kind->max_count) {
        ++fetched.rejected;
        continue;
      }
      const auto signer =
          judge(now, judges, *kind, resource, data.storage_time, *parts, candidates);
      if (!signer) {
        ++fetched.rejected;
        continue;
      }
      value.signer = *signer;
    }
    fetched.values.push_back(value);
  }
  std::ranges::stable_sort(fetched.values, [](const FetchedValue& a, const FetchedValue& b) {
    const int order = compare(place_of(a.value), place_of(b.value));
    return order != 0 ? order < 0 : a.storage_time > b.storage_time;
  });
  const auto end = std::unique(fetched.values.begin(), fetched.values.end(),
                               [](const FetchedValue& a, const FetchedValue& b) {
                                 return compare(place_of(a.value), place_of(b.value)) == 0;
                               });
  fetched.rejected += static_cast<std::uint32_t>(fetched.values.end() - end);
  fetched.values.erase(end, fetched.values.end());
  return fetched;
}

}  // namespace chordial::storage
