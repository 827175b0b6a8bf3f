// What a configuration document says about whom to believe (RFC 6940 §11.1: root-cert,
// self-signed-permitted, bad-node; our extensions: delegate, bad-certificate). Plain values; knows
// no XML and no library.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/node_id.h"
#include "crypto/certificate.h"

namespace chordial::crypto {

// How self-signed certificates derive their Node-ID (§11.3.1). Such an overlay proves no names.
enum class SelfSignedDigest : std::uint8_t { sha1, sha256 };

// A path-length-0 CA for one site: its leaves must carry this Node-ID and a user name that the
// pattern matches as a whole (crypto/aor_pattern.h), and no name that belongs to nodes.
struct Delegate {
  Bytes certificate;  // DER, signed by a root
  NodeId node_id;
  std::string aor_pattern;
};

struct Trust {
  std::string overlay;       // as it stands in reload: URIs
  std::vector<Bytes> roots;  // DER; at most roots_max
  std::optional<SelfSignedDigest> self_signed;
  std::vector<Delegate> delegates;                // at most delegates_max
  std::vector<NodeId> bad_nodes;                  // every certificate that names one is forbidden
  std::vector<CertificateHash> bad_certificates;  // this one certificate is forbidden
};

inline constexpr std::size_t roots_max = 16;
inline constexpr std::size_t delegates_max = 1024;
inline constexpr std::size_t node_ids_max = 16;             // in one certificate
inline constexpr std::size_t certificate_bytes_max = 8192;  // DER of one certificate
inline constexpr std::size_t user_name_bytes_max = 255;

// The name in a node's certificate: `node-<hex>@<overlay>`.
[[nodiscard]] std::string node_user_name(const NodeId& node, std::string_view overlay);
// Names that no user may have: user part `bootstrap`, `node-…` or nothing but hexadecimal digits of
// a Node-ID's length.
[[nodiscard]] bool is_reserved_user_name(std::string_view user_name);
// user@host with one '@', printable ASCII without blanks, at most user_name_bytes_max; the host
// comes back in lower case. Empty on anything else.
[[nodiscard]] std::optional<std::string> normalized_user_name(std::string_view text);

// The URI that a certificate carries for a node (§14.15): a Destination List with one entry of type
// node, in hexadecimal.
[[nodiscard]] std::string reload_uri(const NodeId& node, std::string_view overlay);
// Errors: malformed; unauthentic (another overlay; compared without case).
[[nodiscard]] Expected<NodeId> node_of_reload_uri(std::string_view uri, std::string_view overlay);

}  // namespace chordial::crypto
