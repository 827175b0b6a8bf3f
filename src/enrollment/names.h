// Who may be called what (design: identity): names of users and of nodes.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace chordial::enrollment {

inline constexpr std::size_t user_part_bytes_max = 64;
inline constexpr std::size_t node_name_bytes_max = 63;

// "alice", "alice@overlay" or "sip:alice@overlay" as the AOR "alice@overlay". The user part holds
// letters, digits and -_.!~*'()&=+$ only. Errors: invalid (grammar, another domain), forbidden
// (bootstrap, node-*, what could be taken for a Node-ID).
[[nodiscard]] Expected<std::string> user_aor(std::string_view name, std::string_view overlay);

// The part before the '@'.
[[nodiscard]] std::string_view user_part(std::string_view aor);

// A node's name, for people: letters, digits and inner hyphens.
[[nodiscard]] bool is_node_name(std::string_view name);

}  // namespace chordial::enrollment
