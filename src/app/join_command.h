// `chordial join FILE.join`: from the file an authority made to a node that can be started.
#pragma once

#include <string>

namespace chordial::app {

// What is empty takes its usual place: /etc/chordial/NAME.toml, /var/lib/chordial/NAME,
// /run/chordial/NAME.sock with NAME the overlay's; this machine's address and the usual ports.
struct JoinArguments {
  std::string file;
  std::string config;
  std::string state_dir;
  std::string socket;
  std::string listen_link;
  std::string listen_application;
  std::string listen_sip;
  bool first = false;
  bool json = false;
};
int run_join(const JoinArguments& arguments);

}  // namespace chordial::app
