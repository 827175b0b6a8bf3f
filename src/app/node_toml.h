// A node's TOML file (contract: /etc/chordial/NAME.toml) read into NodeConfig. Every key stands in
// one table, which the annotated example and the reader share.
#pragma once

#include <span>
#include <string>

#include "node/node_config.h"

namespace chordial::app {

struct NodeKey {
  const char* section;
  const char* name;
};
// Every key there is, in the order of the example.
[[nodiscard]] std::span<const NodeKey> node_keys();

// Reads `text`, which came from the file `path`. What is wrong is one line, "PATH:LINE: what; what
// to do".
[[nodiscard]] tl::expected<node::NodeConfig, std::string> read_node_toml(const std::string& path,
                                                                         std::string_view text);
// The same from the file itself.
[[nodiscard]] tl::expected<node::NodeConfig, std::string> read_node_toml(const std::string& path);

}  // namespace chordial::app
