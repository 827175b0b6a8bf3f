#include "app/node_parts.h"

#include <unistd.h>

#include "driver/clock.h"

namespace chordial::app {

namespace {

tl::unexpected<Trouble> trouble(ExitCode code, std::string text) {
  return tl::unexpected(Trouble{code, std::move(text)});
}

tl::unexpected<Trouble> trouble(ExitCode code, const std::string& what, const Error& error) {
  return trouble(code, what + ": " + error.field + ": " + error.reason);
}

Built<void> make_security(const node::NodeConfig& config, Rng& rng, NodeParts& parts) {
  crypto::openssl::DtlsOptions options;
  const bool readable = parts.keeper->current().configuration.cipher_policy ==
                        configuration::CipherPolicy::integrity_only;
  options.policy = readable ? crypto::openssl::CipherPolicy::integrity_only
                            : crypto::openssl::CipherPolicy::confidential;
  auto security = crypto::openssl::DtlsContext::create(*parts.signer, *parts.store, rng, options);
  if (!security) return trouble(exit_wrong, "DTLS cannot be set up", security.error());
  parts.security = std::move(*security);
  if (config.keylog.empty()) return {};
  // Whoever reads it reads the links.
  auto file = driver::SecretFile::open(config.keylog);
  if (!file) {
    return trouble(exit_usage, "log.keylog " + config.keylog + ": " + file.error().reason +
                                   "; choose another file");
  }
  parts.keylog.emplace(std::move(*file));
  parts.security->set_keylog([&parts](std::string_view line) {
    const std::string whole = std::string(line) + '\n';
    // A log that cannot be written must not stop the node.
    static_cast<void>(!::write(parts.keylog->descriptor(), whole.data(), whole.size()));
  });
  return {};
}

// Wrong addresses are the operator's to correct, also those that another program has taken.
Trouble not_listening(const std::string& what, const Error& error) {
  return {error.kind == ErrorKind::internal ? exit_wrong : exit_usage, what + ": " + error.reason};
}

// What the clock does to the node's status.
void describe_clock(const node::WallClock& clock, node::NodeStatus& status) {
  constexpr std::chrono::seconds worth_saying{60};
  status.clock_offset_ms = clock.ahead().count();
  if (clock.ahead().count() == 0) return;
  status.clock_source = "kept";
  if (clock.ahead() < worth_saying) return;
  const auto behind = std::chrono::duration_cast<std::chrono::seconds>(clock.ahead()).count();
  status.problems.push_back(
      {"clock",
       "the system's clock is " + std::to_string(behind) +
           " s behind the time this node knows; the node goes on with its own",
       "set the system's clock right (NTP); if it is right and was ahead before, restart this "
       "node"});
}

}  // namespace

Now now_of(NodeParts& parts) {
  return parts.clock.at(driver::system_now());
}

Built<Records> open_disk(const node::NodeConfig& config, NodeParts& parts) {
  const std::string path = config.state_dir + "/state.sqlite";
  auto persistence = driver::Persistence::open(path);
  if (!persistence) return trouble(exit_wrong, path, persistence.error());
  parts.persistence = std::move(*persistence);
  auto records = parts.persistence->load();
  if (!records) return trouble(exit_wrong, path, records.error());
  return std::move(*records);
}

Built<void> make_identity(const node::NodeConfig& config, enrollment::NodeState state,
                          const Records& records, NodeParts& parts, Log& log) {
  const auto& joined = state.credentials.configuration.configuration;
  if (!config.overlay.empty() && config.overlay != joined.instance_name) {
    return trouble(exit_usage, "node.overlay is " + config.overlay +
                                   " but the state folder belongs to " + joined.instance_name +
                                   "; correct one of them");
  }
  auto store = crypto::openssl::Store::create(configuration::trust_of(joined));
  if (!store) return trouble(exit_usage, "the overlay's roots cannot be used", store.error());
  parts.store = std::move(*store);
  auto keeper =
      ConfigurationKeeper::create(joined, state.file.document, *parts.store, parts.verifier);
  if (!keeper)
    return trouble(exit_usage, "the configuration document cannot be used", keeper.error());
  parts.keeper = std::move(*keeper);
  parts.clock = node::WallClock(state.wall_min);
  const auto restored = parts.keeper->restore(now_of(parts), records);
  if (!restored) {
    if (log.enabled(LogLevel::error))
      log.write({LogLevel::error, "node", "kept_document_unusable", {{"why", restored.error()}}});
    parts.problems.push_back(
        {"document-unusable",
         std::string("a newer configuration document was kept and cannot be used: ") +
             restored.error().reason + "; what it revoked is not known here",
         "ask the overlay's authority for a new join file, and `chordial join` with it"});
  }
  parts.signer = std::move(state.credentials.node);
  const auto known = parts.store->add(parts.signer->certificate().der, now_of(parts));
  if (!known) return trouble(exit_usage, "the node certificate cannot be used", known.error());
  parts.users =
      std::make_unique<NodeUsers>(joined.instance_name, std::move(state.credentials.users),
                                  *parts.store, [&parts] { return now_of(parts); });
  return {};
}

Built<void> make_node(const node::NodeConfig& config, NodeParts& parts, Log& log) {
  auto rng = driver::system_rng();
  if (!rng) return trouble(exit_wrong, "no randomness", rng.error());
  Rng context_rng = rng->fork();
  if (auto ready = make_security(config, context_rng, parts); !ready) return ready;
  parts.timers = std::make_unique<TimerQueue>(now_of(parts).monotonic);
  const bool proven =
      parts.keeper->current().configuration.self_signed == configuration::SelfSigned::forbidden;
  parts.node = std::make_unique<node::Node>(
      config,
      node::NodeEnvironment{parts.keeper->current().shared, *parts.signer, *parts.security,
                            *parts.users, *parts.users, *parts.keeper, *parts.timers, log, proven},
      rng->fork());
  // A document from the overlay goes to disk and into the running peer.
  parts.keeper->set_adopt([&parts](Now now, const overlay::SharedContext& context,
                                   std::vector<ports::PersistWrite> writes) {
    parts.node->adopt(now, context, std::move(writes));
  });
  parts.driven = std::make_unique<node::OnWallClock>(*parts.node, parts.clock);
  parts.reactor = std::make_unique<driver::Reactor>(*parts.driven, parts.persistence.get());
  parts.control = std::make_unique<ControlCommands>(
      *parts.node,
      ControlSurroundings{
          parts.problems, [&parts](CounterVisitor& visitor) { parts.reactor->count(visitor); },
          [&parts](node::NodeStatus& status) { describe_clock(parts.clock, status); }});
  return {};
}

Built<void> open_sockets(const node::NodeConfig& config, NodeParts& parts) {
  const auto udp = [&](ports::SocketRole role, const SocketAddress& address,
                       const char* key) -> Built<void> {
    const auto bound = parts.reactor->listen_udp(role, address);
    if (bound) return {};
    return tl::unexpected(not_listening(std::string(key) + ' ' + address.text(), bound.error()));
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
    if (!bound) return tl::unexpected(not_listening("sip.tcp " + address.text(), bound.error()));
  }
  if (config.control_socket.empty()) return {};
  const auto control = parts.reactor->listen_control(
      config.control_socket,
      [&parts](Now now, std::string_view request, driver::Reactor::ControlReply reply) {
        parts.control->handle(parts.clock.at(now), request, std::move(reply));
      });
  if (!control) return tl::unexpected(not_listening(config.control_socket, control.error()));
  return {};
}

}  // namespace chordial::app
