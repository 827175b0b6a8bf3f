// A node's own facts as JSON, field by field as the contract names them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "node/node.h"

namespace chordial::app {

[[nodiscard]] nlohmann::json status_json(const node::NodeStatus& status);
[[nodiscard]] nlohmann::json peers_json(const node::NodeStatus& status);
[[nodiscard]] nlohmann::json routes_json(const node::NodeStatus& status,
                                         const usage::SipUsage& usage);
[[nodiscard]] nlohmann::json registrations_json(Now now, const node::Node& node);
[[nodiscard]] nlohmann::json counters_json(const node::Node& node);

}  // namespace chordial::app
