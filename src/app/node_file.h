// Writes a node's first TOML file (node_toml.h reads it; examples/node.toml explains every key).
#pragma once

#include <string>

#include "node/node_config.h"

namespace chordial::app {

// The keys that say where this node is and what it listens to; all others keep their defaults.
// `heading` becomes a comment.
[[nodiscard]] std::string node_file(const node::NodeConfig& config, const std::string& heading);

}  // namespace chordial::app
