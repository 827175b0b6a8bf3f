#include "configuration/element_values.h"

#include <algorithm>
#include <charconv>

#include "configuration/base64.h"
#include "configuration/timestamp.h"

namespace chordial::configuration {

Expected<std::uint32_t> read_number(std::string_view text, ElementName where, std::uint32_t low,
                                    std::uint32_t high) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && end == text.data() + text.size()) {
    return where.error(ErrorKind::limit, "the number is out of its range");
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    return where.error(ErrorKind::malformed, "not a number, or a negative one");
  }
  if (value < low || value > high) {
    return where.error(ErrorKind::limit, "the number is out of its range");
  }
  return value;
}

Expected<bool> read_boolean(std::string_view text, ElementName where) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return where.error(ErrorKind::malformed, "neither true nor false");
}

Expected<NodeId> read_node_id(std::string_view text, ElementName where) {
  const auto id = NodeId::from_hex(text);
  if (!id) return where.error(ErrorKind::malformed, "not a Node-ID of 32 hexadecimal digits");
  if (*id == invalid_node_id || *id == wildcard_node_id) {
    return where.error(ErrorKind::malformed, "a Node-ID that no node can have");
  }
  return *id;
}

Expected<Bytes> read_base64(std::string_view text, ElementName where) {
  auto bytes = from_base64(text);
  if (!bytes || bytes->empty()) return where.error(ErrorKind::malformed, "not base64");
  return std::move(*bytes);
}

Expected<WallTime> read_time(std::string_view text, ElementName where) {
  const auto time = from_timestamp(text);
  if (!time) return where.error(ErrorKind::malformed, "not a date and time in UTC (RFC 3339)");
  return *time;
}

Expected<crypto::Sha256> read_sha256(std::string_view text, ElementName where) {
  const auto bytes = from_hex(text);
  crypto::Sha256 hash{};
  if (!bytes || bytes->size() != hash.size()) {
    return where.error(ErrorKind::malformed, "not a SHA-256 of 64 hexadecimal digits");
  }
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

}  // namespace chordial::configuration
