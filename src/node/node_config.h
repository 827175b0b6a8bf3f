// What one node is told by its operator, as plain values. `app/` reads it from TOML; the simulator
// fills it in by hand. Knows no file format.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/log.h"

namespace chordial::node {

struct NodeConfig {
  // [node]
  std::string overlay;                   // an FQDN; empty: whatever the join file said
  std::string state_dir;                 // certificates, keys, database
  std::string control_socket;            // path of the control socket
  std::vector<SocketAddress> bootstrap;  // beside those of the configuration document
  bool first = false;                    // may found the overlay when nobody answers
  bool client = false;  // RELOAD client: uses the overlay, routes and stores nothing

  // [link], [application]
  SocketAddress link_listen;
  SocketAddress application_listen;
  SocketAddress link_advertise;  // what peers are told; port 0: the listening address
  SocketAddress application_advertise;

  // [sip]
  std::vector<SocketAddress> sip_udp;
  std::vector<SocketAddress> sip_tcp;
  std::vector<std::string> aliases;          // hosts that mean the overlay's domain as well
  std::vector<IpAddress> trusted_addresses;  // UDP sources that need no digest: gateways, PBXs
  std::uint32_t expires_min_s = 60;
  std::uint32_t expires_max_s = 3600;
  bool offer_md5 = true;

  // [limits]
  std::size_t links_max = 256;
  std::size_t transactions_max = 65536;
  std::size_t users_max = 65536;
  std::size_t connections_max = 1024;  // TCP

  // [log]
  LogLevel log_level = LogLevel::info;
  std::string keylog;  // file for DTLS secrets, for Wireshark; empty: none
};

}  // namespace chordial::node
