#include "configuration/overlay_configuration.h"

#include <algorithm>

namespace chordial::configuration {

namespace {

constexpr std::uint32_t sequence_modulus = 65535;

bool is_known_extension(std::string_view name) {
  return name == extension_namespace || name == sip_tunnel_namespace || name == redir_namespace;
}

bool permits_tls(const OverlayConfiguration& configuration) {
  const auto& protocols = configuration.overlay_link_protocols;
  return protocols.empty() ||
         std::find(protocols.begin(), protocols.end(), "TLS") != protocols.end();
}

}  // namespace

const KindBlock* find_kind(const OverlayConfiguration& configuration, std::uint32_t id) {
  for (const KindBlock& block : configuration.required_kinds) {
    if (block.kind.id == id) return &block;
  }
  return nullptr;
}

bool sequence_newer(std::uint16_t a, std::uint16_t b) {
  const std::uint32_t distance = (a + sequence_modulus - b) % sequence_modulus;
  return distance != 0 && distance <= sequence_modulus / 2;
}

std::uint16_t next_sequence(std::uint16_t sequence) {
  return static_cast<std::uint16_t>((sequence + 1u) % sequence_modulus);
}

crypto::Trust trust_of(const OverlayConfiguration& configuration) {
  crypto::Trust trust;
  trust.overlay = configuration.instance_name;
  trust.roots = configuration.root_certs;
  if (configuration.self_signed == SelfSigned::sha1) {
    trust.self_signed = crypto::SelfSignedDigest::sha1;
  } else if (configuration.self_signed == SelfSigned::sha256) {
    trust.self_signed = crypto::SelfSignedDigest::sha256;
  }
  trust.delegates = configuration.delegates;
  trust.bad_nodes = configuration.bad_nodes;
  trust.bad_certificates = configuration.bad_certificates;
  return trust;
}

Expected<void> check_supported(const OverlayConfiguration& configuration) {
  for (const std::string& name : configuration.mandatory_extensions) {
    if (!is_known_extension(name)) {
      return failure(ErrorKind::unsupported, "mandatory-extension",
                     "the overlay requires an extension that this build does not know");
    }
  }
  if (!permits_tls(configuration)) {
    return failure(ErrorKind::unsupported, "overlay-link-protocol",
                   "the overlay does not permit TLS, which is all this build speaks");
  }
  if (configuration.root_certs.empty() && configuration.self_signed == SelfSigned::forbidden) {
    return failure(ErrorKind::invalid, "root-cert",
                   "missing, and self-signed certificates are not permitted");
  }
  return {};
}

}  // namespace chordial::configuration
