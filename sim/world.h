// What all shards share and none changes while time passes: ids, certificates, users, the network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"
#include "sim/network_model.h"
#include "storage/kind_table.h"
#include "topology/plugin.h"

namespace chordial::sim {

// Node n has the address 10.0.0.1 + n.
[[nodiscard]] SocketAddress address_of(NodeIndex node);
// No node where the address is none of ours.
[[nodiscard]] NodeIndex node_at(const SocketAddress& address);
inline constexpr NodeIndex no_node = ~NodeIndex{0};

using UserIndex = std::uint32_t;

struct World {
  explicit World(const Scenario& scenario);

  [[nodiscard]] NodeIndex home_of(UserIndex user) const;
  // The users whose home is this node are [first_user(node), first_user(node + 1)).
  [[nodiscard]] UserIndex first_user(NodeIndex node) const;
  [[nodiscard]] std::string aor_of(UserIndex user) const;
  [[nodiscard]] std::string password_of(UserIndex user) const;
  // The record that stands in the overlay when the user is registered.
  [[nodiscard]] Bytes registration_of(UserIndex user) const;
  [[nodiscard]] unsigned shard_of(NodeIndex node) const;
  // Whether nodes come back after they died, and must find their disk as it was.
  [[nodiscard]] bool keeps_disks() const;
  [[nodiscard]] bool quiet() const;  // neither faults nor churn nor loss
  [[nodiscard]] Now at(MonotonicTime time) const;

  Scenario scenario;
  NetworkModel network;
  topology::Parameters topology;
  storage::KindTable kinds;
  std::string overlay_name = "sim.chordial.invalid";
  std::vector<NodeId> ids;  // ascending
  Rng authority_rng;
  crypto::mock::MockAuthority authority;
  crypto::mock::MockStore certificates;
  std::vector<const crypto::Certificate*> node_certificates;
  std::vector<const crypto::Certificate*> user_certificates;
};

// Of idle links (design: liveness of a link).
inline constexpr Duration keepalive_interval = std::chrono::seconds(15);

// The moment a simulation begins.
inline constexpr MonotonicTime start_time{Duration(1'000'000)};
inline constexpr WallTime start_wall{std::chrono::milliseconds(1'767'225'600'000)};  // 2026-01-01

}  // namespace chordial::sim
