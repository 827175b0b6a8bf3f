// What a node says about itself, as values: the fields of `chordial status`, `peers`, `routes` and
// `registrations`. Knows no JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/node_id.h"
#include "base/time.h"

namespace chordial::node {

struct LinkStatus {
  NodeId node;
  SocketAddress address;
  std::string security;
  bool client = false;
  double rtt_ms = 0;
  MonotonicTime last_heard{};
};

// A phone that is registered here, and its user.
struct PhoneStatus {
  std::string uri;
  std::string flow;
  std::uint32_t expires_in_s = 0;
};
struct UserStatus {
  std::string aor;
  std::vector<PhoneStatus> phones;
};

// Something an operator should know, and what to do about it.
struct Problem {
  const char* code;
  std::string text;
  std::string action;
};

// How this node came into the overlay, or looks for it.
struct BootstrapStatus {
  // none (not yet), configured, remembered (known from before a restart), first (it founded the
  // overlay), contacted (another member came to it).
  const char* method = "none";
  std::string address;                   // of configured and remembered
  std::vector<SocketAddress> addresses;  // tried in turn
  std::optional<SocketAddress> failed;   // the latest that came to nothing, and
  std::string why;                       // for what reason
};

struct NodeStatus {
  std::string overlay;
  NodeId node_id;
  const char* role = "peer";
  std::string algorithm;
  const char* state = "joining";  // joining, ring, mesh, isolated
  bool names_proven = true;
  std::uint16_t document_sequence = 0;
  double overlay_size_estimate = 1;
  std::vector<NodeId> successors;
  std::vector<NodeId> predecessors;
  std::vector<NodeId> fingers;
  std::vector<LinkStatus> links;
  std::size_t registrations_local = 0;   // users with a phone here
  std::size_t registrations_stored = 0;  // of them, published in the overlay
  std::size_t storage_resources = 0;
  std::size_t storage_bytes = 0;
  BootstrapStatus bootstrap;
  const char* clock_source = "system";
  std::int64_t clock_offset_ms = 0;
  std::vector<Problem> problems;
};

}  // namespace chordial::node
