#include "configuration/kind.h"

#include <array>

namespace chordial::configuration {

namespace {

constexpr std::array<RegisteredKind, 5> registered_kinds{{
    {"SIP-REGISTRATION", 0x1, DataModel::dictionary, AccessControl::user_node_match},
    {"TURN-SERVICE", 0x2, DataModel::single, AccessControl::node_multiple},
    {"CERTIFICATE_BY_NODE", 0x3, DataModel::array, AccessControl::node_match},
    {"CERTIFICATE_BY_USER", 0x10, DataModel::array, AccessControl::user_match},
    {"REDIR", 0x104, DataModel::dictionary, AccessControl::node_id_match},
}};

}  // namespace

const RegisteredKind* registered_kind(std::string_view name) {
  for (const RegisteredKind& kind : registered_kinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

const RegisteredKind* registered_kind(std::uint32_t id) {
  for (const RegisteredKind& kind : registered_kinds) {
    if (kind.id == id) return &kind;
  }
  return nullptr;
}

const char* data_model_name(DataModel model) {
  switch (model) {
    case DataModel::single:
      return "SINGLE";
    case DataModel::array:
      return "ARRAY";
    case DataModel::dictionary:
      return "DICTIONARY";
  }
  return "";
}

const char* access_control_name(AccessControl policy) {
  switch (policy) {
    case AccessControl::user_match:
      return "USER-MATCH";
    case AccessControl::node_match:
      return "NODE-MATCH";
    case AccessControl::user_node_match:
      return "USER-NODE-MATCH";
    case AccessControl::node_multiple:
      return "NODE-MULTIPLE";
    case AccessControl::node_id_match:
      return "NODE-ID-MATCH";
  }
  return "";
}

}  // namespace chordial::configuration
