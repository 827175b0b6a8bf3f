#include "app/node_command.h"

#include <csignal>

#include "app/node_parts.h"
#include "app/node_toml.h"
#include "app/private_folder.h"
#include "driver/clock.h"
#include "driver/line_log.h"

namespace chordial::app {

namespace {

int complain(const Trouble& trouble) {
  return complain(trouble.code, trouble.text);
}

// From here on the process ends by itself; who asks for it again must not tear it out of what it
// still writes.
void ignore_late_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
}

int run(const node::NodeConfig& config, const Records& records, NodeParts& parts, Log& log) {
  if (auto made = make_node(config, parts, log); !made) return complain(made.error());
  if (auto open = open_sockets(config, parts); !open) return complain(open.error());
  parts.reactor->on_signals([&parts](Now now) { parts.node->leave(parts.clock.at(now)); });
  parts.node->start(now_of(parts), records);
  parts.reactor->run();
  ignore_late_signals();
  return exit_well;
}

}  // namespace

int run_node(const NodeArguments& arguments) {
  // A limit on the size of files is an error of the write, and said as such.
  std::signal(SIGXFSZ, SIG_IGN);
  auto config = read_node_toml(arguments.config);
  if (!config) return complain(exit_usage, config.error());
  if (!arguments.state_dir.empty()) config->state_dir = arguments.state_dir;
  if (!arguments.socket.empty()) config->control_socket = arguments.socket;
  if (!arguments.keylog.empty()) config->keylog = arguments.keylog;

  auto state = enrollment::load_node_state(config->state_dir, driver::system_now());
  if (!state) {
    const bool closed = state.error().kind == ErrorKind::forbidden;
    return complain(exit_usage, config->state_dir + ": " + sentence(state.error()),
                    closed ? "run the node as the user who owns this folder"
                           : "run `chordial join FILE.join` with this state folder");
  }
  if (const int code = make_state_folder_private(config->state_dir)) return code;
  for (const SocketAddress& address : state->file.bootstrap)
    config->bootstrap.push_back(address);
  driver::LineLog log(config->log_level);
  NodeParts parts;
  const auto records = open_disk(*config, parts);
  if (!records) return complain(records.error());
  if (auto ready = make_identity(*config, std::move(*state), *records, parts, log); !ready)
    return complain(ready.error());
  for (const SocketAddress& address : parts.keeper->current().configuration.bootstrap_nodes)
    config->bootstrap.push_back(address);
  return run(*config, *records, parts, log);
}

}  // namespace chordial::app
