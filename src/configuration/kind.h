// Kinds as the configuration document defines them (RFC 6940 §5.2, §7.4, §11.1 required-kinds) and
// the numbers of the registered ones. Knows no storage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "configuration/security_block.h"

namespace chordial::configuration {

enum class DataModel : std::uint8_t { single, array, dictionary };

enum class AccessControl : std::uint8_t {
  user_match,
  node_match,
  user_node_match,
  node_multiple,
  node_id_match,  // RFC 7374 §6
};

// Which domains' AORs may be stored (RFC 7904 §3.4). Disabled: the overlay's own name alone.
struct DomainRestriction {
  bool enable = false;
  std::vector<std::string> patterns;  // POSIX extended regular expressions of whole domain names

  friend bool operator==(const DomainRestriction&, const DomainRestriction&) = default;
};

struct Kind {
  std::string name;      // as registered with IANA; empty for a private Kind
  std::uint32_t id = 0;  // 1 to 0xfffffffe
  DataModel data_model = DataModel::single;
  AccessControl access_control = AccessControl::user_match;
  std::uint32_t max_count = 1;               // values per resource, 1 to 2^31-1
  std::uint32_t max_size = 1;                // bytes per value, 1 to 2^31-1
  std::uint32_t max_node_multiple = 0;       // 1 up with NODE-MULTIPLE, else 0
  std::optional<DomainRestriction> domains;  // nothing: any AOR

  friend bool operator==(const Kind&, const Kind&) = default;
};

// A Kind with the very bytes its signature covers, from the first < to the last > of <kind>.
struct KindBlock {
  Kind kind;
  Bytes element;
  std::optional<SecurityBlock> signature;
};

// A Kind of the IANA registry (RFC 6940 §14.6, RFC 7904 §7, RFC 7374 §10.3). Its data model and
// access control policy override whatever a document says (§11.1).
struct RegisteredKind {
  std::string_view name;
  std::uint32_t id;
  DataModel data_model;
  AccessControl access_control;
};

// Null for any other name or number.
[[nodiscard]] const RegisteredKind* registered_kind(std::string_view name);
[[nodiscard]] const RegisteredKind* registered_kind(std::uint32_t id);

// The names as they stand in the document.
[[nodiscard]] const char* data_model_name(DataModel model);
[[nodiscard]] const char* access_control_name(AccessControl policy);

}  // namespace chordial::configuration
