// Resource Name to Resource-ID (RFC 6940 §10.2): SHA-1, the most significant 128 bits of it,
// whatever signs (the hash of the overlay, not of its signatures). Knows no AORs: who turns one
// into a Resource Name does that before.
#pragma once

#include <string_view>

#include "base/node_id.h"

namespace chordial::storage {

[[nodiscard]] ResourceId resource_id_of(std::string_view resource_name);
// Where NODE-MATCH values of a node live (§7.3.2).
[[nodiscard]] ResourceId resource_id_of(const NodeId& node);
// H(Node-ID || i), the i-th place of a NODE-MULTIPLE value (§7.3.4). The RFC does not say how wide
// i is; one byte, as TurnServer::iteration is (§9).
[[nodiscard]] ResourceId resource_id_of(const NodeId& node, std::uint8_t i);

}  // namespace chordial::storage
