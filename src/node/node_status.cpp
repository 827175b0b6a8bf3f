// Node's answers about itself (node_status.h).
#include "node/node.h"

namespace chordial::node {

namespace {

const char* state_name(overlay::Phase phase) {
  switch (phase) {
    case overlay::Phase::ring:
      return "ring";
    case overlay::Phase::mesh:
      return "mesh";
    case overlay::Phase::isolated:
    case overlay::Phase::stopped:
      return "isolated";
    case overlay::Phase::joining:
    case overlay::Phase::leaving:
      return "joining";
  }
  return "joining";
}

void add_problems(NodeStatus& status, overlay::Phase phase, std::size_t without_certificate) {
  if (phase == overlay::Phase::isolated) {
    status.problems.push_back({"isolated", "no other node of the overlay is in reach",
                               "check the network and the bootstrap addresses; phones of this node "
                               "can still call each other"});
  }
  if (phase == overlay::Phase::joining) {
    status.problems.push_back({"joining", "this node is not a member of the overlay yet",
                               "wait a few seconds; if it stays, look at the log for the reason"});
  }
  if (without_certificate > 0) {
    status.problems.push_back(
        {"users-without-certificate",
         std::to_string(without_certificate) +
             " registered users have no certificate for this node",
         "run `chordial user add` with this node in --nodes and join again: until "
         "then other nodes cannot find them"});
  }
}

}  // namespace

NodeStatus Node::status() const {
  NodeStatus status;
  const overlay::SharedContext& context = peer_.context();
  const overlay::Phase phase = peer_.phase();
  status.overlay = context.overlay_name;
  status.node_id = peer_.self();
  status.role = peer_.role() == overlay::Role::client ? "client" : "peer";
  status.algorithm = context.topology_plugin;
  status.state = state_name(phase);
  status.names_proven = environment_.names_proven;
  status.document_sequence = context.sequence;
  if (const topology::Plugin* plugin = peer_.topology()) {
    status.overlay_size_estimate = plugin->overlay_size_estimate();
    plugin->successors(status.successors);
    plugin->predecessors(status.predecessors);
    plugin->fingers(status.fingers);
  }
  std::vector<overlay::LinkState> links;
  peer_.links(links);
  for (const overlay::LinkState& link : links) {
    status.links.push_back({link.node, link.info.remote, link.info.security, false, link.client,
                            static_cast<double>(link.info.rtt_us) / 1000.0});
  }
  const overlay::Sizes sizes = peer_.sizes();
  status.storage_resources = sizes.resources;
  status.storage_bytes = sizes.stored_bytes;
  status.registrations_local = sip_.registrar().aors();
  status.registrations_stored = usage_.published();
  if (!remembered_.empty()) {
    status.bootstrap_method = "remembered";
    status.bootstrap_address = remembered_.front().text();
  } else if (!config_.bootstrap.empty()) {
    status.bootstrap_method = "configured";
    status.bootstrap_address = config_.bootstrap.front().text();
  } else if (config_.first) {
    status.bootstrap_method = "first";
  }
  std::vector<std::string> aors;
  sip_.registrar().list_aors(aors);
  std::size_t without_certificate = 0;
  for (const std::string& aor : aors) {
    if (environment_.users.signer_of(aor) == nullptr) ++without_certificate;
  }
  add_problems(status, phase, without_certificate);
  return status;
}

void Node::registrations(
    Now now, std::vector<std::pair<std::string, std::vector<sip::Target>>>& users) const {
  std::vector<std::string> aors;
  sip_.registrar().list_aors(aors);
  for (std::string& aor : aors) {
    std::vector<sip::Target> contacts;
    sip_.registrar().contacts_of(now, aor, contacts);
    users.emplace_back(std::move(aor), std::move(contacts));
  }
}

void Node::count(CounterVisitor& visitor) const {
  outbox_.count(visitor);
  wire_links_.count(visitor);
  peer_.count(visitor);
  usage_.count(visitor);
  sip_.count(visitor);
}

}  // namespace chordial::node
