// The simple types of the document's grammar (RFC 6940 §11.1.1): numbers, booleans, base64,
// Node-IDs. Every function names the element and its place when the text does not fit.
#pragma once

#include "base/node_id.h"
#include "base/time.h"
#include "configuration/xml_element.h"
#include "crypto/hash.h"

namespace chordial::configuration {

// What an element is called in errors, with static storage.
struct ElementName {
  const char* name;
  std::uint32_t offset;

  [[nodiscard]] Failure error(ErrorKind kind, const char* reason) const {
    return failure(kind, name, reason, offset);
  }
};

[[nodiscard]] Expected<std::uint32_t> read_number(std::string_view text, ElementName where,
                                                  std::uint32_t low, std::uint32_t high);
[[nodiscard]] Expected<bool> read_boolean(std::string_view text, ElementName where);
[[nodiscard]] Expected<NodeId> read_node_id(std::string_view text, ElementName where);
[[nodiscard]] Expected<Bytes> read_base64(std::string_view text, ElementName where);
[[nodiscard]] Expected<WallTime> read_time(std::string_view text, ElementName where);
[[nodiscard]] Expected<crypto::Sha256> read_sha256(std::string_view text, ElementName where);

}  // namespace chordial::configuration
