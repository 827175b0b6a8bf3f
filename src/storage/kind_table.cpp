#include "storage/kind_table.h"

#include <algorithm>

#include "wire/limits.h"

namespace chordial::storage {

KindTable::KindTable(std::vector<Kind> kinds) {
  std::ranges::stable_sort(kinds, {}, &Kind::id);
  for (Kind& kind : kinds) {
    kind.max_count = std::clamp(kind.max_count, std::uint32_t{1}, std::uint32_t{wire::values_max});
    kind.max_node_multiple = std::min(kind.max_node_multiple, std::uint32_t{255});
    if (!kinds_.empty() && kinds_.back().id == kind.id) {
      kinds_.back() = kind;
    } else {
      kinds_.push_back(kind);
    }
  }
}

const Kind* KindTable::find(wire::KindId id) const {
  const auto place = std::ranges::lower_bound(kinds_, id, {}, &Kind::id);
  return place != kinds_.end() && place->id == id ? &*place : nullptr;
}

std::optional<wire::DataModel> KindTable::model(wire::KindId id) const {
  const Kind* kind = find(id);
  return kind == nullptr ? std::nullopt : std::optional(kind->model);
}

std::vector<Kind> registered_kinds() {
  using wire::DataModel;
  constexpr std::uint32_t certificate_bytes = 8192;
  constexpr std::uint32_t turn_iterations = 20;  // RFC 6940 §9
  return {
      {wire::kind_sip_registration, DataModel::dictionary, AccessControl::user_node_match, 32,
       1024},
      {wire::kind_turn_service, DataModel::single_value, AccessControl::node_multiple, 1, 64,
       turn_iterations},
      {wire::kind_certificate_by_node, DataModel::array, AccessControl::node_match, 16,
       certificate_bytes},
      {wire::kind_certificate_by_user, DataModel::array, AccessControl::user_match, 32,
       certificate_bytes},
      {wire::kind_redir, DataModel::dictionary, AccessControl::node_id_match, 256, 512},
  };
}

}  // namespace chordial::storage
