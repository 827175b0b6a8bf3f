// The naive twin of storage: what should be stored, kept in the most obvious way. One map from
// place to value, everything looked at afresh. Knows no bytes and no signatures.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace chordial::storage::fuzz {

enum class Model : std::uint8_t { single_value, array, dictionary };

struct ModelKind {
  std::uint32_t id = 0;
  Model model = Model::single_value;
  std::uint32_t max_count = 1;
  std::uint32_t max_size = 1;
};

struct ModelWrite {
  std::uint32_t kind = 0;
  std::uint32_t index = 0;  // 0xffffffff appends
  std::string key;
  bool exists = true;
  std::string value;
  std::uint64_t time = 0;
  std::uint32_t lifetime = 0;
};

struct ModelValue {
  bool exists = false;
  std::string value;
  std::uint64_t time = 0;
  std::uint64_t ends_ms = 0;
};

enum class Verdict : std::uint8_t { well, too_old, too_large, generation, invalid };

class StorageModel {
 public:
  explicit StorageModel(std::vector<ModelKind> kinds) : kinds_(std::move(kinds)) {}

  // Original stores by the right signer, one Kind per request.
  Verdict store(std::uint64_t now_ms, std::uint8_t resource, const std::vector<ModelWrite>& writes,
                std::optional<std::uint64_t> generation);
  // By index or key.
  std::map<std::pair<std::uint32_t, std::string>, ModelValue> values(std::uint64_t now_ms,
                                                                     std::uint8_t resource,
                                                                     std::uint32_t kind) const;
  // Stores that changed something since something first lived there without a break; 0: nothing
  // does.
  std::uint64_t changes(std::uint64_t now_ms, std::uint8_t resource, std::uint32_t kind) const;

 private:
  using Key = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t, std::string>;

  std::vector<ModelKind> kinds_;
  std::map<Key, ModelValue> values_;
  std::map<std::pair<std::uint8_t, std::uint32_t>, std::uint64_t> changes_;
};

}  // namespace chordial::storage::fuzz
