#include "fuzz_storage/model.h"

#include <set>

namespace chordial::storage::fuzz {
namespace {

using Living = std::map<std::pair<std::uint32_t, std::string>, ModelValue>;

std::optional<std::uint32_t> end_of_array(const Living& stored,
                                          const std::vector<ModelWrite>& planned,
                                          std::uint32_t max_count) {
  std::set<std::uint32_t> taken;
  for (const auto& [place, value] : stored)
    taken.insert(place.first);
  for (const ModelWrite& write : planned) {
    if (write.index != 0xffffffff) taken.insert(write.index);
  }
  const std::uint32_t behind = taken.empty() ? 0 : *taken.rbegin() + 1;
  if (behind < max_count) return behind;
  for (std::uint32_t gap = 0; gap < max_count; ++gap) {
    if (!taken.contains(gap)) return gap;
  }
  return std::nullopt;
}

}  // namespace

std::map<std::pair<std::uint32_t, std::string>, ModelValue> StorageModel::values(
    std::uint64_t now_ms, std::uint8_t resource, std::uint32_t kind) const {
  std::map<std::pair<std::uint32_t, std::string>, ModelValue> living;
  for (const auto& [key, value] : values_) {
    if (std::get<0>(key) == resource && std::get<1>(key) == kind && value.ends_ms > now_ms)
      living[{std::get<2>(key), std::get<3>(key)}] = value;
  }
  return living;
}

std::uint64_t StorageModel::changes(std::uint64_t now_ms, std::uint8_t resource,
                                    std::uint32_t kind) const {
  if (values(now_ms, resource, kind).empty()) return 0;
  return changes_.at({resource, kind});
}

Verdict StorageModel::store(std::uint64_t now_ms, std::uint8_t resource,
                            const std::vector<ModelWrite>& writes,
                            std::optional<std::uint64_t> generation) {
  const ModelKind* kind = nullptr;
  for (const ModelKind& each : kinds_) {
    if (each.id == writes.front().kind) kind = &each;
  }
  auto living = values(now_ms, resource, kind->id);
  const std::uint64_t before = changes(now_ms, resource, kind->id);
  if (writes.size() > kind->max_count) return Verdict::too_large;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const ModelWrite& write = writes[i];
    if (write.value.size() > kind->max_size) return Verdict::too_large;
    if (!write.exists && !write.value.empty()) return Verdict::invalid;
    if (write.index == 0xffffffff) continue;
    if (write.index >= kind->max_count) return Verdict::too_large;
    for (std::size_t j = 0; j < i; ++j) {
      if (writes[j].index == write.index && writes[j].key == write.key) return Verdict::invalid;
    }
  }
  if (generation && *generation != before) return Verdict::generation;

  // In turn. An appended value goes behind all others, or into the first gap.
  const auto stored = living;
  auto planned = writes;
  bool changed = false;
  for (ModelWrite& write : planned) {
    const auto says_the_same = [&](const ModelValue& value) {
      return value.time == write.time && value.exists == write.exists && value.value == write.value;
    };
    if (write.index == 0xffffffff) {
      bool there = false;
      for (const auto& [place, value] : stored)
        there = there || says_the_same(value);
      if (there) continue;
      const auto index = end_of_array(stored, planned, kind->max_count);
      if (!index) return Verdict::too_large;
      write.index = *index;
    }
    const auto there = stored.find({write.index, write.key});
    if (there != stored.end()) {
      if (says_the_same(there->second)) continue;
      if (write.time <= there->second.time) return Verdict::too_old;
    }
    living[{write.index, write.key}] = {write.exists, write.value, write.time,
                                        now_ms + std::uint64_t{write.lifetime} * 1000};
    changed = true;
  }
  if (living.size() > kind->max_count) return Verdict::too_large;
  for (const auto& [place, value] : living)
    values_[Key{resource, kind->id, place.first, place.second}] = value;
  if (changed) {
    std::uint64_t& count = changes_[{resource, kind->id}];
    count = before == 0 ? 1 : before + 1;
  }
  return Verdict::well;
}

}  // namespace chordial::storage::fuzz
