// `chordial status|peers|routes|registrations|counters|lookup|ping|store|fetch`: questions to a
// running node.
#pragma once

#include <string>
#include <vector>

namespace chordial::app {

struct QueryArguments {
  std::string command;
  std::vector<std::string> arguments;
  std::string socket;  // the control socket; empty: the one that `config` names
  std::string config;  // the node's file; empty: the only socket under /run/chordial
  bool json = false;
};
int run_query(const QueryArguments& arguments);

}  // namespace chordial::app
