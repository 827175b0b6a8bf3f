#include "app/overlay_context.h"

#include "configuration/overlay_name.h"
#include "wire/message_contents.h"

namespace chordial::app {

namespace {

// No-ICE links have no STUN keepalive: a silent one is asked by RELOAD Ping.
constexpr Duration idle_ping_interval = std::chrono::seconds(15);

storage::AccessControl access_of(configuration::AccessControl access) {
  switch (access) {
    case configuration::AccessControl::user_match:
      return storage::AccessControl::user_match;
    case configuration::AccessControl::node_match:
      return storage::AccessControl::node_match;
    case configuration::AccessControl::user_node_match:
      return storage::AccessControl::user_node_match;
    case configuration::AccessControl::node_multiple:
      return storage::AccessControl::node_multiple;
    case configuration::AccessControl::node_id_match:
      return storage::AccessControl::node_id_match;
  }
  return storage::AccessControl::user_match;
}

wire::DataModel model_of(configuration::DataModel model) {
  switch (model) {
    case configuration::DataModel::single:
      return wire::DataModel::single_value;
    case configuration::DataModel::array:
      return wire::DataModel::array;
    case configuration::DataModel::dictionary:
      return wire::DataModel::dictionary;
  }
  return wire::DataModel::single_value;
}

topology::Parameters parameters_of(const configuration::OverlayConfiguration& configuration) {
  topology::Parameters parameters;
  parameters.update_interval_s = configuration.chord_update_interval_s;
  parameters.ping_interval_s = configuration.chord_ping_interval_s;
  parameters.reactive = configuration.chord_reactive;
  parameters.successors = configuration.successors;
  parameters.predecessors = configuration.predecessors;
  parameters.fingers = configuration.fingers;
  parameters.replicas = configuration.replicas;
  parameters.full_mesh = configuration.full_mesh;
  return parameters;
}

Expected<void> add_kinds(OverlayContext& context) {
  std::vector<storage::Kind> kinds;
  const auto& blocks = context.configuration.required_kinds;
  context.rules.reserve(blocks.size());  // kinds point into it
  for (const configuration::KindBlock& block : blocks) {
    storage::Kind kind;
    kind.id = block.kind.id;
    kind.model = model_of(block.kind.data_model);
    kind.access = access_of(block.kind.access_control);
    kind.max_count = block.kind.max_count;
    kind.max_size = block.kind.max_size;
    kind.max_node_multiple = block.kind.max_node_multiple;
    if (block.kind.domains && !block.kind.domains->enable) {
      context.rules.push_back(usage::RegistrationRule::only(context.configuration.instance_name));
      kind.rule = &context.rules.back();
    } else if (block.kind.domains) {
      auto rule = usage::RegistrationRule::create(block.kind.domains->patterns);
      if (!rule) return Failure(rule.error());
      context.rules.push_back(std::move(*rule));
      kind.rule = &context.rules.back();
    }
    kinds.push_back(kind);
  }
  context.kinds = storage::KindTable(std::move(kinds));
  return {};
}

}  // namespace

Expected<std::unique_ptr<OverlayContext>> make_overlay_context(
    const configuration::OverlayConfiguration& configuration, Bytes document,
    crypto::CertificateStore& certificates, crypto::Verifier& verifier) {
  if (!configuration.no_ice) {
    return failure(ErrorKind::unsupported, "no-ice", "this build joins overlays without ICE only");
  }
  auto context = std::make_unique<OverlayContext>();
  context->configuration = configuration;
  if (auto added = add_kinds(*context); !added) return Failure(added.error());
  overlay::SharedContext& shared = context->shared;
  shared.overlay_name = configuration.instance_name;
  shared.overlay_hash = configuration::overlay_hash(configuration.instance_name);
  shared.sequence = configuration.sequence;
  shared.initial_ttl = configuration.initial_ttl;
  shared.max_message_bytes = configuration.max_message_size;
  shared.reliability_timer = std::chrono::milliseconds(configuration.overlay_reliability_timer_ms);
  shared.no_ice = configuration.no_ice;
  shared.clients_permitted = configuration.clients_permitted;
  shared.tunnel_extension =
      configuration.sip_tunnel ? wire::sip_tunnel_extension : std::uint16_t{0};
  shared.topology_plugin = configuration.topology_plugin;
  shared.topology = parameters_of(configuration);
  shared.kinds = &context->kinds;
  shared.idle_ping_interval = idle_ping_interval;
  shared.certificates = &certificates;
  shared.verifier = &verifier;
  shared.interworking_nodes = configuration.interworking_nodes;
  shared.document = std::move(document);
  return context;
}

}  // namespace chordial::app
