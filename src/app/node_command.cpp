#include "app/node_command.h"

#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include "app/configuration_keeper.h"
#include "app/control_commands.h"
#include "app/exit_code.h"
#include "app/node_toml.h"
#include "app/node_users.h"
#include "crypto/openssl/dtls_context.h"
#include "driver/clock.h"
#include "driver/line_log.h"
#include "driver/reactor.h"
#include "enrollment/node_state.h"

namespace chordial::app {

namespace {

std::string explained(const std::string& what, const Error& error) {
  return what + ": " + error.field + ": " + error.reason;
}

// Everything one node is made of, in the order it is built and against the order it is destroyed.
struct Parts {
  std::unique_ptr<crypto::openssl::Store> store;
  crypto::openssl::KeyVerifier verifier;
  std::unique_ptr<ConfigurationKeeper> keeper;
  std::unique_ptr<crypto::openssl::KeySigner> signer;
  std::unique_ptr<NodeUsers> users;
  std::unique_ptr<crypto::openssl::DtlsContext> security;
  std::ofstream keylog;
  std::unique_ptr<driver::Persistence> persistence;
  std::unique_ptr<TimerQueue> timers;
  std::unique_ptr<node::Node> node;
  std::unique_ptr<ControlCommands> control;
  std::unique_ptr<driver::Reactor> reactor;
};

tl::expected<void, std::string> make_security(const node::NodeConfig& config, Rng& rng,
                                              Parts& parts) {
  crypto::openssl::DtlsOptions options;
  const bool readable = parts.keeper->current().configuration.cipher_policy ==
                        configuration::CipherPolicy::integrity_only;
  options.policy = readable ? crypto::openssl::CipherPolicy::integrity_only
                            : crypto::openssl::CipherPolicy::confidential;
  auto security = crypto::openssl::DtlsContext::create(*parts.signer, *parts.store, rng, options);
  if (!security) return tl::unexpected(explained("DTLS cannot be set up", security.error()));
  parts.security = std::move(*security);
  if (config.keylog.empty()) return {};
  // Whoever reads it reads the links: for its owner alone from the first byte on.
  const int made = ::open(config.keylog.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (made >= 0) ::close(made);
  parts.keylog.open(config.keylog, std::ios::app);
  if (!parts.keylog)
    return tl::unexpected(config.keylog +
                          ": the key log cannot be written; choose another log.keylog");
  parts.security->set_keylog(
      [&parts](std::string_view line) { parts.keylog << line << std::endl; });
  return {};
}

// What the node kept when it ran before.
tl::expected<std::vector<ports::PersistedRecord>, std::string> open_disk(
    const node::NodeConfig& config, Parts& parts) {
  const std::string path = config.state_dir + "/state.sqlite";
  auto persistence = driver::Persistence::open(path);
  if (!persistence) return tl::unexpected(explained(path, persistence.error()));
  parts.persistence = std::move(*persistence);
  auto records = parts.persistence->load();
  if (!records) return tl::unexpected(explained(path, records.error()));
  return std::move(*records);
}

// From the state folder to keys, certificates and context.
tl::expected<void, std::string> make_identity(const node::NodeConfig& config,
                                              enrollment::NodeState state,
                                              const std::vector<ports::PersistedRecord>& records,
                                              Parts& parts, Log& log) {
  const auto& configuration = state.credentials.configuration.configuration;
  if (!config.overlay.empty() && config.overlay != configuration.instance_name) {
    return tl::unexpected("node.overlay is " + config.overlay +
                          " but the state folder belongs to " + configuration.instance_name +
                          "; correct one of them");
  }
  auto store = crypto::openssl::Store::create(configuration::trust_of(configuration));
  if (!store) return tl::unexpected(explained("the overlay's roots cannot be used", store.error()));
  parts.store = std::move(*store);
  auto keeper =
      ConfigurationKeeper::create(configuration, state.file.document, *parts.store, parts.verifier);
  if (!keeper)
    return tl::unexpected(explained("the configuration document cannot be used", keeper.error()));
  parts.keeper = std::move(*keeper);
  const auto restored = parts.keeper->restore(driver::system_now(), records);
  if (!restored && log.enabled(LogLevel::error)) {
    log.write({LogLevel::error, "node", "kept document unusable", {{"why", restored.error()}}});
  }
  parts.signer = std::move(state.credentials.node);
  const auto known = parts.store->add(parts.signer->certificate().der, driver::system_now());
  if (!known)
    return tl::unexpected(explained("the node certificate cannot be used", known.error()));
  parts.users =
      std::make_unique<NodeUsers>(configuration.instance_name, std::move(state.credentials.users),
                                  *parts.store, driver::system_now);
  return {};
}

tl::expected<void, std::string> open_sockets(const node::NodeConfig& config, Parts& parts) {
  const auto udp = [&](ports::SocketRole role, const SocketAddress& address,
                       const char* key) -> tl::expected<void, std::string> {
    const auto bound = parts.reactor->listen_udp(role, address);
    if (!bound)
      return tl::unexpected(std::string(key) + " " + address.text() + ": " + bound.error().reason);
    return {};
  };
  if (auto ok = udp(ports::SocketRole::link, config.link_listen, "link.listen"); !ok) return ok;
  if (auto ok =
          udp(ports::SocketRole::application, config.application_listen, "application.listen");
      !ok)
    return ok;
  for (const SocketAddress& address : config.sip_udp) {
    if (auto ok = udp(ports::SocketRole::sip, address, "sip.udp"); !ok) return ok;
  }
  for (const SocketAddress& address : config.sip_tcp) {
    const auto bound = parts.reactor->listen_tcp(address);
    if (!bound) return tl::unexpected("sip.tcp " + address.text() + ": " + bound.error().reason);
  }
  if (config.control_socket.empty()) return {};
  const auto control = parts.reactor->listen_control(
      config.control_socket,
      [&parts](Now now, std::string_view request, driver::Reactor::ControlReply reply) {
        parts.control->handle(now, request, std::move(reply));
      });
  if (!control) return tl::unexpected(config.control_socket + ": " + control.error().reason);
  return {};
}

// A document from the overlay goes to disk beside the node's other state and into the running peer.
void keep_documents(Parts& parts) {
  parts.keeper->set_adopt([&parts](Now now, const overlay::SharedContext& context,
                                   std::vector<ports::PersistWrite> writes) {
    parts.node->adopt(now, context, std::move(writes));
  });
}

int run(const node::NodeConfig& config, const std::vector<ports::PersistedRecord>& records,
        Parts& parts, Log& log) {
  auto rng = driver::system_rng();
  if (!rng) return complain(exit_wrong, explained("no randomness", rng.error()));
  Rng context_rng = rng->fork();
  if (auto ready = make_security(config, context_rng, parts); !ready)
    return complain(exit_wrong, ready.error());
  parts.timers = std::make_unique<TimerQueue>(driver::system_now().monotonic);
  const bool proven =
      parts.keeper->current().configuration.self_signed == configuration::SelfSigned::forbidden;
  parts.node = std::make_unique<node::Node>(
      config,
      node::NodeEnvironment{parts.keeper->current().shared, *parts.signer, *parts.security,
                            *parts.users, *parts.users, *parts.keeper, *parts.timers, log, proven},
      rng->fork());
  parts.control = std::make_unique<ControlCommands>(*parts.node);
  keep_documents(parts);
  parts.reactor = std::make_unique<driver::Reactor>(*parts.node, parts.persistence.get());
  if (auto open = open_sockets(config, parts); !open) return complain(exit_wrong, open.error());
  parts.reactor->on_signals([&parts](Now now) { parts.node->leave(now); });
  parts.node->start(driver::system_now(), records);
  parts.reactor->run();
  return exit_well;
}

}  // namespace

int run_node(const NodeArguments& arguments) {
  auto config = read_node_toml(arguments.config);
  if (!config) return complain(exit_usage, config.error());
  if (!arguments.state_dir.empty()) config->state_dir = arguments.state_dir;
  if (!arguments.socket.empty()) config->control_socket = arguments.socket;
  if (!arguments.keylog.empty()) config->keylog = arguments.keylog;

  auto state = enrollment::load_node_state(config->state_dir, driver::system_now());
  if (!state) {
    return complain(exit_usage, explained(config->state_dir, state.error()) +
                                    "; run `chordial join FILE.join` with this state folder");
  }
  for (const SocketAddress& address : state->file.bootstrap)
    config->bootstrap.push_back(address);
  driver::LineLog log(config->log_level);
  Parts parts;
  const auto records = open_disk(*config, parts);
  if (!records) return complain(exit_wrong, records.error());
  if (auto ready = make_identity(*config, std::move(*state), *records, parts, log); !ready)
    return complain(exit_usage, ready.error());
  for (const SocketAddress& address : parts.keeper->current().configuration.bootstrap_nodes)
    config->bootstrap.push_back(address);
  return run(*config, *records, parts, log);
}

}  // namespace chordial::app
