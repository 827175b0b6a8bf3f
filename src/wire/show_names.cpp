#include "wire/show.h"

namespace chordial::wire {

const char* name_of(DestinationType type) {
  switch (type) {
    case DestinationType::node:
      return "node";
    case DestinationType::resource:
      return "resource";
    case DestinationType::opaque_id:
      return "opaque_id_type";
    default:
      return "";
  }
}

const char* name_of(SignerIdentityType type) {
  switch (type) {
    case SignerIdentityType::cert_hash:
      return "cert_hash";
    case SignerIdentityType::cert_hash_node_id:
      return "cert_hash_node_id";
    case SignerIdentityType::none:
      return "none";
    default:
      return "";
  }
}

const char* name_of_hash(std::uint8_t algorithm) {
  static constexpr const char* names[] = {"none",   "md5",    "sha1",  "sha224",
                                          "sha256", "sha384", "sha512"};
  return algorithm < std::size(names) ? names[algorithm] : "";
}

const char* name_of_signature(std::uint8_t algorithm) {
  static constexpr const char* names[] = {"anonymous", "rsa", "dsa", "ecdsa"};
  return algorithm < std::size(names) ? names[algorithm] : "";
}

const char* name_of(AddressType type) {
  switch (type) {
    case AddressType::ipv4_address:
      return "ipv4_address";
    case AddressType::ipv6_address:
      return "ipv6_address";
    default:
      return "";
  }
}

const char* name_of(OverlayLinkType type) {
  switch (type) {
    case OverlayLinkType::dtls_udp_sr:
      return "DTLS-UDP-SR";
    case OverlayLinkType::dtls_udp_sr_no_ice:
      return "DTLS-UDP-SR-NO-ICE";
    case OverlayLinkType::tls_tcp_fh_no_ice:
      return "TLS-TCP-FH-NO-ICE";
    case OverlayLinkType::exp_link:
      return "EXP-LINK";
    default:
      return "";
  }
}

const char* name_of(CandType type) {
  switch (type) {
    case CandType::host:
      return "host";
    case CandType::srflx:
      return "srflx";
    case CandType::prflx:
      return "prflx";
    case CandType::relay:
      return "relay";
    default:
      return "";
  }
}

const char* name_of(ProbeInformationType type) {
  switch (type) {
    case ProbeInformationType::responsible_set:
      return "responsible_set";
    case ProbeInformationType::num_resources:
      return "num_resources";
    case ProbeInformationType::uptime:
      return "uptime";
    default:
      return "";
  }
}

const char* name_of(ConfigUpdateType type) {
  switch (type) {
    case ConfigUpdateType::config:
      return "config";
    case ConfigUpdateType::kind:
      return "kind";
    default:
      return "";
  }
}

const char* name_of_kind(KindId kind) {
  switch (kind) {
    case kind_sip_registration:
      return "SIP-REGISTRATION";
    case kind_turn_service:
      return "TURN-SERVICE";
    case kind_certificate_by_node:
      return "CERTIFICATE_BY_NODE";
    case kind_certificate_by_user:
      return "CERTIFICATE_BY_USER";
    case kind_redir:
      return "REDIR";
    default:
      return "";
  }
}

bool is_utf8(ByteView bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::uint8_t first = bytes[at];
    const std::size_t more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || bytes.size() - at <= more) return false;
    std::uint32_t point = more == 0 ? first : first & (0x3Fu >> more);
    for (std::size_t i = 1; i <= more; ++i) {
      if ((bytes[at + i] & 0xC0) != 0x80) return false;
      point = (point << 6) | (bytes[at + i] & 0x3Fu);
    }
    constexpr std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (point < least[more] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
      return false;
    at += more + 1;
  }
  return true;
}

}  // namespace chordial::wire
