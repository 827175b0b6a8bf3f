// `chordial node`: runs one node until it is told to leave.
#pragma once

#include <string>

namespace chordial::app {

struct NodeArguments {
  std::string config;     // path of the TOML file
  std::string state_dir;  // overrides node.state_dir when not empty
  std::string socket;     // overrides node.control_socket when not empty
  std::string keylog;     // overrides log.keylog when not empty
};

// The exit code: 0 after leaving, 1 when it could not start, 2 for a wrong configuration.
[[nodiscard]] int run_node(const NodeArguments& arguments);

}  // namespace chordial::app
