// The Kinds of an overlay as storage needs them (RFC 6940 §5.2, §11.1 required-kinds). Shared by
// all peers of a process. Knows no XML: who reads the configuration document fills it.
#pragma once

#include <vector>

#include "crypto/certificate.h"
#include "wire/stored_data.h"

namespace chordial::storage {

// §7.3, and NODE-ID-MATCH of RFC 7374 §5.
enum class AccessControl : std::uint8_t {
  user_match,
  node_match,
  user_node_match,
  node_multiple,
  node_id_match,
};

// What a usage demands beyond the policy: the namespaces of RFC 7904 §3.4, the tree node of a
// RedirServiceProvider. Shared and immutable; asked for every value that is stored or fetched.
class ValueRule {
 public:
  [[nodiscard]] virtual bool permits(const ResourceId& resource, const wire::StoredDataValue& value,
                                     const crypto::Certificate& signer) const = 0;

 protected:
  ~ValueRule() = default;
};

struct Kind {
  wire::KindId id = 0;
  wire::DataModel model = wire::DataModel::single_value;
  AccessControl access = AccessControl::user_match;
  std::uint32_t max_count = 1;          // values of a resource, 1 to wire::values_max
  std::uint32_t max_size = 1;           // bytes of a value
  std::uint32_t max_node_multiple = 0;  // largest i of NODE-MULTIPLE, 255 at most
  const ValueRule* rule = nullptr;      // outlives the table
};

class KindTable final : public wire::KindModels {
 public:
  KindTable() = default;
  // In any order; of two with the same id the last counts.
  explicit KindTable(std::vector<Kind> kinds);

  // Null: the Kind is not known.
  [[nodiscard]] const Kind* find(wire::KindId id) const;
  [[nodiscard]] std::optional<wire::DataModel> model(wire::KindId id) const override;
  [[nodiscard]] const std::vector<Kind>& all() const { return kinds_; }

 private:
  std::vector<Kind> kinds_;  // by id
};

// The registered Kinds with the data model and policy of their registration, which go before those
// of a document (§11.1), and sizes that suit an overlay of phones: for tests, simulations and small
// overlays.
[[nodiscard]] std::vector<Kind> registered_kinds();

}  // namespace chordial::storage
