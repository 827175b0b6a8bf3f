// Everything one running node is made of, and how it is put together from its configuration and its
// state folder.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/configuration_keeper.h"
#include "app/control_commands.h"
#include "app/exit_code.h"
#include "app/node_users.h"
#include "crypto/openssl/dtls_context.h"
#include "driver/reactor.h"
#include "driver/secret_file.h"
#include "enrollment/node_state.h"
#include "node/wall_clock.h"

namespace chordial::app {

// Why a node cannot run.
struct Trouble {
  ExitCode code;
  std::string text;
};
template <class T>
using Built = tl::expected<T, Trouble>;

// In the order it is built and against the order it is destroyed: commands that wait hold replies
// of the reactor, and the reactor calls the node.
struct NodeParts {
  node::WallClock clock;
  std::unique_ptr<crypto::openssl::Store> store;
  crypto::openssl::KeyVerifier verifier;
  std::unique_ptr<ConfigurationKeeper> keeper;
  std::unique_ptr<crypto::openssl::KeySigner> signer;
  std::unique_ptr<NodeUsers> users;
  std::optional<driver::SecretFile> keylog;
  std::unique_ptr<crypto::openssl::DtlsContext> security;
  std::unique_ptr<driver::Persistence> persistence;
  std::unique_ptr<TimerQueue> timers;
  std::unique_ptr<node::Node> node;
  std::unique_ptr<node::OnWallClock> driven;
  std::unique_ptr<driver::Reactor> reactor;
  std::unique_ptr<ControlCommands> control;
  std::vector<node::Problem> problems;  // met on the way, and none that keeps the node from running
};

using Records = std::vector<ports::PersistedRecord>;

// The node's time.
[[nodiscard]] Now now_of(NodeParts& parts);

// In this order. What the node kept when it ran before:
[[nodiscard]] Built<Records> open_disk(const node::NodeConfig& config, NodeParts& parts);
// Keys, certificates and the document in force:
[[nodiscard]] Built<void> make_identity(const node::NodeConfig& config, enrollment::NodeState state,
                                        const Records& records, NodeParts& parts, Log& log);
// DTLS, node, control commands and reactor; `config` outlives them:
[[nodiscard]] Built<void> make_node(const node::NodeConfig& config, NodeParts& parts, Log& log);
[[nodiscard]] Built<void> open_sockets(const node::NodeConfig& config, NodeParts& parts);

}  // namespace chordial::app
