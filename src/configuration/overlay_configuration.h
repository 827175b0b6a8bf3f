// What one <configuration> element says (RFC 6940 §11.1, RFC 7904 §3.4, RFC 7374 §7) and the
// project's own extension elements, as plain values. Knows no XML and no topology plugin: the node
// hands the numbers on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/node_id.h"
#include "base/time.h"
#include "configuration/kind.h"
#include "crypto/trust.h"

namespace chordial::configuration {

inline constexpr std::uint16_t default_port = 6084;
inline constexpr std::uint16_t sequence_max = 65534;
inline constexpr std::uint32_t message_bytes_min = 1024;
inline constexpr std::uint32_t message_bytes_max = 1 << 24;

// How many of each a document may hold; a longer one is refused whole.
inline constexpr std::size_t root_certs_max = 8;
inline constexpr std::size_t signers_max = 16;
inline constexpr std::size_t servers_max = 16;
inline constexpr std::size_t bootstrap_nodes_max = 64;
inline constexpr std::size_t bad_nodes_max = 1024;
inline constexpr std::size_t bad_certificates_max = 1024;
inline constexpr std::size_t kinds_max = 64;
inline constexpr std::size_t delegates_max = 64;
inline constexpr std::size_t interworking_nodes_max = 64;
inline constexpr std::size_t extensions_max = 32;
inline constexpr std::size_t patterns_max = 32;

// Elements of the project's own stand in `extension_namespace`. `sip_tunnel_namespace` is the
// mandatory-extension of overlays that carry SIP in RELOAD messages.
inline constexpr const char* extension_namespace = "urn:x-chordial:config:1";
inline constexpr const char* sip_tunnel_namespace = "urn:x-chordial:sip-tunnel:1";
inline constexpr const char* redir_namespace = "urn:ietf:params:xml:ns:p2p:redir";

enum class SelfSigned : std::uint8_t { forbidden, sha1, sha256 };

// What protects links: encryption, or where it is forbidden by law authentication alone.
enum class CipherPolicy : std::uint8_t { confidential, integrity_only };

// Defaults are those of the RFC for an element that is absent.
struct OverlayConfiguration {
  std::string instance_name;
  std::uint16_t sequence = 0;
  std::optional<WallTime> expiration;

  std::string topology_plugin = "CHORD-RELOAD";
  std::vector<Bytes> root_certs;  // DER
  std::vector<std::string> enrollment_servers;
  SelfSigned self_signed = SelfSigned::forbidden;
  std::vector<SocketAddress> bootstrap_nodes;
  std::uint8_t turn_density = 1;  // every n-th node serves TURN; 0: none
  bool clients_permitted = true;
  bool no_ice = false;
  std::optional<std::string> shared_secret;
  std::uint32_t max_message_size = 5000;              // bytes
  std::uint8_t initial_ttl = 100;                     // hops, 1 up
  std::uint32_t overlay_reliability_timer_ms = 3000;  // 200 up
  std::vector<std::string> overlay_link_protocols;    // empty: "TLS"
  std::vector<NodeId> configuration_signers;
  std::vector<NodeId> kind_signers;
  std::vector<NodeId> bad_nodes;
  std::vector<std::string> mandatory_extensions;
  std::vector<KindBlock> required_kinds;

  std::uint32_t chord_update_interval_s = 600;
  std::uint32_t chord_ping_interval_s = 3600;
  bool chord_reactive = true;
  std::uint32_t redir_branching_factor = 10;  // 2 up

  // Extensions of the project's own.
  std::optional<WallTime> signing_time;
  std::vector<crypto::CertificateHash> bad_certificates;  // SHA-256 of the DER
  CipherPolicy cipher_policy = CipherPolicy::confidential;
  std::vector<crypto::Delegate> delegates;
  std::vector<NodeId> interworking_nodes;
  std::uint8_t successors = 8;    // 1 to 32
  std::uint8_t predecessors = 3;  // 1 to 32
  std::uint8_t fingers = 16;      // 0 to 128
  std::uint8_t replicas = 2;      // 0 to 8
  bool full_mesh = true;
  bool sip_tunnel = false;
};

// The kind-block of that number; null when the document defines none.
[[nodiscard]] const KindBlock* find_kind(const OverlayConfiguration& configuration,
                                         std::uint32_t id);

// True when `a` follows `b` on the circle of 65535 numbers (§6.3.2.1, "as in TCP").
[[nodiscard]] bool sequence_newer(std::uint16_t a, std::uint16_t b);
// The number after this one; 0 follows 65534.
[[nodiscard]] std::uint16_t next_sequence(std::uint16_t sequence);

// What certificate stores need of it.
[[nodiscard]] crypto::Trust trust_of(const OverlayConfiguration& configuration);

// Whether this build can take part: every mandatory-extension is known, "TLS" is among the link
// protocols, and there is a root or self-signed certificates are permitted. Whether the topology
// plugin exists is the node's to ask. Errors: unsupported, invalid.
[[nodiscard]] Expected<void> check_supported(const OverlayConfiguration& configuration);

}  // namespace chordial::configuration
