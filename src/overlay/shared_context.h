// What all peers of one process share and never change: the values of one configuration document
// (RFC 6940 §11.1), the certificates and the checker of signatures. A newer document means a new
// context (Peer::adopt). Knows no XML.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/node_id.h"
#include "base/time.h"
#include "crypto/certificate_store.h"
#include "crypto/signer.h"
#include "storage/storage.h"
#include "topology/plugin.h"

namespace chordial::overlay {

// Every pointer outlives the context, and none is null when a Peer is made.
struct SharedContext {
  std::string overlay_name;                      // an FQDN, lower case
  std::uint32_t overlay_hash = 0;                // the low 32 bits of SHA-1(overlay_name), §6.3.2
  std::uint16_t sequence = 0;                    // configuration_sequence, 0 to 65534
  std::uint8_t initial_ttl = 100;                // initial-ttl
  std::uint32_t max_message_bytes = 65536;       // max-message-size
  Duration reliability_timer{3'000'000};         // overlay-reliability-timer
  bool no_ice = true;                            // no-ice; §6.5.1.5: one way for a whole overlay
  bool clients_permitted = true;                 // clients-permitted
  std::uint16_t tunnel_extension = 0;            // type of the SipTunnel extension; 0: forbidden
  std::string topology_plugin = "CHORD-RELOAD";  // topology-plugin
  topology::Parameters topology;                 // the plugin's parameters
  const storage::KindTable* kinds = nullptr;     // required-kinds and kinds added since
  storage::StorageLimits storage_limits;
  // A RELOAD Ping over a link that has been silent for so long; zero where the link layer itself
  // notices that a link is dead.
  Duration idle_ping_interval{0};
  crypto::CertificateStore* certificates = nullptr;
  crypto::Verifier* verifier = nullptr;
  // Nodes that may speak for addresses outside the overlay (interworking-node).
  std::vector<NodeId> interworking_nodes;
  // The signed document as bytes: the content of ConfigUpdate; empty where none exists.
  Bytes document;
};

}  // namespace chordial::overlay
