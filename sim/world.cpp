#include "sim/world.h"

#include <algorithm>

#include "base/assert.h"
#include "usage/sip/registration_record.h"

namespace chordial::sim {

namespace {

constexpr std::uint32_t first_address = 0x0a000001;
constexpr std::uint16_t port = 6084;  // RFC 6940 §14.4
constexpr std::uint64_t ids_key = 0x6e6f64652d696473;
constexpr std::uint64_t authority_key = 0x617574686f726974;

topology::Parameters parameters_of(const OverlayShape& overlay) {
  topology::Parameters parameters;
  parameters.successors = overlay.successors;
  parameters.predecessors = static_cast<std::uint8_t>(
      std::clamp<unsigned>(overlay.successors, 1, parameters.predecessors));
  const unsigned neighbours = parameters.successors + parameters.predecessors;
  parameters.fingers = static_cast<std::uint8_t>(
      overlay.links_max > neighbours ? std::min(overlay.links_max - neighbours, 128U) : 0);
  parameters.replicas = overlay.replicas;
  return parameters;
}

std::vector<NodeId> draw_ids(const Scenario& scenario) {
  Rng rng(scenario.seed, ids_key);
  std::vector<NodeId> ids(scenario.overlay.peers);
  for (NodeId& id : ids)
    id = {{rng.u64(), rng.u64()}};
  std::sort(ids.begin(), ids.end());
  CHORDIAL_INVARIANT(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  return ids;
}

}  // namespace

SocketAddress address_of(NodeIndex node) {
  return {IpAddress::v4(first_address + node), port};
}

NodeIndex node_at(const SocketAddress& address) {
  if (!address.ip.is_v4() || address.ip.v4_host_order() < first_address) return no_node;
  return address.ip.v4_host_order() - first_address;
}

World::World(const Scenario& s)
    : scenario(s),
      network(s.network, s.seed),
      topology(parameters_of(s.overlay)),
      kinds(storage::registered_kinds()),
      ids(draw_ids(s)),
      authority_rng(s.seed, authority_key),
      authority(overlay_name, authority_rng),
      certificates(authority) {
  const WallTime end = start_wall + std::chrono::hours(24 * 365);
  std::uint64_t serial = 0;
  const auto issue = [&](const NodeId& node, const std::string& name) {
    const auto der = authority.issue({{node}, name, start_wall, end}, ++serial);
    CHORDIAL_INVARIANT(der.has_value());
    const auto certificate = certificates.intern(*der);
    CHORDIAL_INVARIANT(certificate.has_value());
    return *certificate;
  };
  node_certificates.reserve(ids.size());
  for (const NodeId& id : ids)
    node_certificates.push_back(issue(id, "node-" + id.hex() + "@" + overlay_name));
  user_certificates.reserve(scenario.workload.users);
  for (UserIndex user = 0; user < scenario.workload.users; ++user)
    user_certificates.push_back(issue(ids[home_of(user)], aor_of(user)));
}

NodeIndex World::home_of(UserIndex user) const {
  return static_cast<NodeIndex>(std::uint64_t{user} * ids.size() / scenario.workload.users);
}

UserIndex World::first_user(NodeIndex node) const {
  const std::uint64_t peers = ids.size();
  return static_cast<UserIndex>((std::uint64_t{node} * scenario.workload.users + peers - 1) /
                                peers);
}

std::string World::aor_of(UserIndex user) const {
  return "user" + std::to_string(user) + "@" + overlay_name;
}

std::string World::password_of(UserIndex user) const {
  return "secret of " + aor_of(user);
}

Bytes World::registration_of(UserIndex user) const {
  return usage::encode({{ids[home_of(user)]}, {}, {}});
}

unsigned World::shard_of(NodeIndex node) const {
  return static_cast<unsigned>(std::uint64_t{node} * scenario.threads / ids.size());
}

bool World::keeps_disks() const {
  return scenario.churn.model != ChurnModel::none ||
         std::any_of(scenario.faults.begin(), scenario.faults.end(),
                     [](const Fault& fault) { return fault.kind == FaultKind::restart; });
}

bool World::quiet() const {
  return scenario.churn.model == ChurnModel::none && scenario.faults.empty() &&
         scenario.network.loss == 0;
}

Now World::at(MonotonicTime time) const {
  return {time,
          start_wall + std::chrono::duration_cast<std::chrono::milliseconds>(time - start_time)};
}

}  // namespace chordial::sim
