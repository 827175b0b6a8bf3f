#include "configuration/element_rules.h"

#include <algorithm>
#include <type_traits>

#include "configuration/base64.h"
#include "configuration/element_values.h"
#include "configuration/kind_element.h"
#include "configuration/overlay_name.h"
#include "configuration/timestamp.h"
#include "crypto/aor_pattern.h"

namespace chordial::configuration {

namespace {

using C = OverlayConfiguration;

constexpr std::size_t text_bytes_max = 1024;
constexpr std::uint32_t seconds_max = 7 * 86400;

ElementName where(const XmlElement& element, const ElementRule& rule) {
  return {rule.name, element.begin};
}

Expected<std::string> bounded_text(const XmlElement& element, const ElementRule& rule) {
  if (element.text.empty()) return where(element, rule).error(ErrorKind::malformed, "is empty");
  if (element.text.size() > text_bytes_max) {
    return where(element, rule).error(ErrorKind::limit, "longer than 1024 bytes");
  }
  return element.text;
}

// One line per type: the reader and the writer of a member of the model.

template <auto Member, std::uint32_t Low, std::uint32_t High>
Expected<void> read_number_into(const XmlElement& e, const ElementRule& rule, C& c) {
  const auto value = read_number(e.text, where(e, rule), Low, High);
  if (!value) return Failure(value.error());
  c.*Member = static_cast<std::remove_reference_t<decltype(c.*Member)>>(*value);
  return {};
}

template <auto Member>
void write_number_from(XmlWriter& w, const ElementRule& rule, const C& c) {
  w.text_element(rule.vocabulary, rule.name, std::to_string(c.*Member));
}

template <auto Member>
Expected<void> read_boolean_into(const XmlElement& e, const ElementRule& rule, C& c) {
  const auto value = read_boolean(e.text, where(e, rule));
  if (!value) return Failure(value.error());
  c.*Member = *value;
  return {};
}

template <auto Member>
void write_boolean_from(XmlWriter& w, const ElementRule& rule, const C& c) {
  w.text_element(rule.vocabulary, rule.name, c.*Member ? "true" : "false");
}

template <auto Member>
Expected<void> read_text_into(const XmlElement& e, const ElementRule& rule, C& c) {
  auto text = bounded_text(e, rule);
  if (!text) return Failure(text.error());
  if constexpr (std::is_same_v<decltype(Member), std::vector<std::string> C::*>) {
    (c.*Member).push_back(std::move(*text));
  } else {
    c.*Member = std::move(*text);
  }
  return {};
}

template <auto Member>
void write_texts_from(XmlWriter& w, const ElementRule& rule, const C& c) {
  for (const std::string& text : c.*Member)
    w.text_element(rule.vocabulary, rule.name, text);
}

template <auto Member>
Expected<void> read_node_id_into(const XmlElement& e, const ElementRule& rule, C& c) {
  const auto id = read_node_id(e.text, where(e, rule));
  if (!id) return Failure(id.error());
  (c.*Member).push_back(*id);
  return {};
}

template <auto Member>
void write_node_ids_from(XmlWriter& w, const ElementRule& rule, const C& c) {
  for (const NodeId& id : c.*Member)
    w.text_element(rule.vocabulary, rule.name, id.hex());
}

// Elements with a form of their own.

void write_topology_plugin(XmlWriter& w, const ElementRule& rule, const C& c) {
  w.text_element(rule.vocabulary, rule.name, c.topology_plugin);
}

Expected<void> read_node_id_length(const XmlElement& e, const ElementRule& rule, C&) {
  const auto length = read_number(e.text, where(e, rule), 16, 20);
  if (!length) return Failure(length.error());
  if (*length != node_id_bytes) {
    return where(e, rule).error(ErrorKind::unsupported, "only Node-IDs of 16 bytes are supported");
  }
  return {};
}

void write_node_id_length(XmlWriter& w, const ElementRule& rule, const C&) {
  w.text_element(rule.vocabulary, rule.name, std::to_string(node_id_bytes));
}

Expected<void> read_root_cert(const XmlElement& e, const ElementRule& rule, C& c) {
  auto der = read_base64(e.text, where(e, rule));
  if (!der) return Failure(der.error());
  c.root_certs.push_back(std::move(*der));
  return {};
}

void write_root_certs(XmlWriter& w, const ElementRule& rule, const C& c) {
  for (const Bytes& der : c.root_certs)
    w.text_element(rule.vocabulary, rule.name, to_base64(der));
}

// The text of §11.1 puts the URL into a <url> element, its example and grammar do not: read both.
Expected<void> read_enrollment_server(const XmlElement& e, const ElementRule& rule, C& c) {
  const bool wrapped = e.text.empty() && e.children.size() == 1 && e.children[0].name == "url";
  auto url = bounded_text(wrapped ? e.children[0] : e, rule);
  if (!url) return Failure(url.error());
  if (!url->starts_with("https://")) {
    return where(e, rule).error(ErrorKind::malformed, "not an https: URL");
  }
  c.enrollment_servers.push_back(std::move(*url));
  return {};
}

Expected<void> read_self_signed(const XmlElement& e, const ElementRule& rule, C& c) {
  const auto permitted = read_boolean(e.text, where(e, rule));
  if (!permitted) return Failure(permitted.error());
  if (!*permitted) return {};
  const std::string* digest = e.attribute("digest");
  if (digest == nullptr || *digest == "sha1") {
    c.self_signed = SelfSigned::sha1;
  } else if (*digest == "sha256") {
    c.self_signed = SelfSigned::sha256;
  } else {
    return where(e, rule).error(ErrorKind::unsupported, "digest is neither sha1 nor sha256");
  }
  return {};
}

void write_self_signed(XmlWriter& w, const ElementRule& rule, const C& c) {
  if (c.self_signed == SelfSigned::forbidden) return;
  w.open(rule.vocabulary, rule.name);
  w.attribute("digest", c.self_signed == SelfSigned::sha1 ? "sha1" : "sha256");
  w.close_text("true");
}

Expected<void> read_bootstrap_node(const XmlElement& e, const ElementRule& rule, C& c) {
  const std::string* address = e.attribute("address");
  const auto ip = address != nullptr ? IpAddress::parse(*address) : std::nullopt;
  if (!ip) return where(e, rule).error(ErrorKind::malformed, "address is not an IP address");
  std::uint16_t port = default_port;
  if (const std::string* text = e.attribute("port")) {
    const auto number = read_number(*text, where(e, rule), 1, 65535);
    if (!number) return Failure(number.error());
    port = static_cast<std::uint16_t>(*number);
  }
  c.bootstrap_nodes.push_back({*ip, port});
  return {};
}

void write_bootstrap_nodes(XmlWriter& w, const ElementRule& rule, const C& c) {
  for (const SocketAddress& address : c.bootstrap_nodes) {
    w.open(rule.vocabulary, rule.name);
    w.attribute("address", address.ip.text());
    w.attribute("port", std::to_string(address.port));
    w.close();
  }
}

void write_shared_secret(XmlWriter& w, const ElementRule& rule, const C& c) {
  if (c.shared_secret) w.text_element(rule.vocabulary, rule.name, *c.shared_secret);
}

// Nodes that know nothing of the project's extensions must not join where these matter.
void write_mandatory_extensions(XmlWriter& w, const ElementRule& rule, const C& c) {
  std::vector<std::string> names = c.mandatory_extensions;
  const auto require = [&names](const char* name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  };
  if (c.sip_tunnel) require(sip_tunnel_namespace);
  if (c.cipher_policy == CipherPolicy::integrity_only) require(extension_namespace);
  for (const std::string& name : names)
    w.text_element(rule.vocabulary, rule.name, name);
}

Expected<void> read_signing_time(const XmlElement& e, const ElementRule& rule, C& c) {
  const auto time = read_time(e.text, where(e, rule));
  if (!time) return Failure(time.error());
  c.signing_time = *time;
  return {};
}

void write_signing_time(XmlWriter& w, const ElementRule& rule, const C& c) {
  if (c.signing_time) w.text_element(rule.vocabulary, rule.name, to_timestamp(*c.signing_time));
}

Expected<void> read_bad_certificate(const XmlElement& e, const ElementRule& rule, C& c) {
  const auto hash = read_sha256(e.text, where(e, rule));
  if (!hash) return Failure(hash.error());
  c.bad_certificates.push_back(*hash);
  return {};
}

void write_bad_certificates(XmlWriter& w, const ElementRule& rule, const C& c) {
  for (const auto& hash : c.bad_certificates) {
    w.text_element(rule.vocabulary, rule.name, to_hex(hash));
  }
}

Expected<void> read_cipher_policy(const XmlElement& e, const ElementRule& rule, C& c) {
  if (e.text == "confidential") {
    c.cipher_policy = CipherPolicy::confidential;
  } else if (e.text == "integrity-only") {
    c.cipher_policy = CipherPolicy::integrity_only;
  } else {
    return where(e, rule).error(ErrorKind::unsupported, "neither confidential nor integrity-only");
  }
  return {};
}

void write_cipher_policy(XmlWriter& w, const ElementRule& rule, const C& c) {
  w.text_element(rule.vocabulary, rule.name,
                 c.cipher_policy == CipherPolicy::confidential ? "confidential" : "integrity-only");
}

Expected<void> read_delegate(const XmlElement& e, const ElementRule& rule, C& c) {
  const std::string* node = e.attribute("node-id");
  const std::string* pattern = e.attribute("aor-pattern");
  if (node == nullptr || pattern == nullptr || pattern->empty()) {
    return where(e, rule).error(ErrorKind::malformed, "node-id or aor-pattern is missing");
  }
  if (const auto parsed = crypto::AorPattern::parse(*pattern); !parsed) {
    return where(e, rule).error(parsed.error().kind, parsed.error().reason);
  }
  const auto id = read_node_id(*node, where(e, rule));
  if (!id) return Failure(id.error());
  auto der = read_base64(e.text, where(e, rule));
  if (!der) return Failure(der.error());
  c.delegates.push_back({std::move(*der), *id, *pattern});
  return {};
}

void write_delegates(XmlWriter& w, const ElementRule& rule, const C& c) {
  for (const crypto::Delegate& delegate : c.delegates) {
    w.open(rule.vocabulary, rule.name);
    w.attribute("node-id", delegate.node_id.hex());
    w.attribute("aor-pattern", delegate.aor_pattern);
    w.close_text(to_base64(delegate.certificate));
  }
}

Expected<void> read_sip_tunnel(const XmlElement& e, const ElementRule& rule, C& c) {
  if (e.text != "allow" && e.text != "forbid") {
    return where(e, rule).error(ErrorKind::unsupported, "neither allow nor forbid");
  }
  c.sip_tunnel = e.text == "allow";
  return {};
}

void write_sip_tunnel(XmlWriter& w, const ElementRule& rule, const C& c) {
  w.text_element(rule.vocabulary, rule.name, c.sip_tunnel ? "allow" : "forbid");
}

Expected<void> read_required_kinds(const XmlElement& e, const ElementRule&, C& c) {
  for (const XmlElement& child : e.children) {
    if (!child.is(Vocabulary::base, "kind-block")) continue;
    if (c.required_kinds.size() == kinds_max) {
      return failure(ErrorKind::limit, "kind-block", "more than 64", child.begin);
    }
    auto block = read_kind_block(child);
    if (!block) return Failure(block.error());
    if (find_kind(c, block->kind.id) != nullptr) {
      return failure(ErrorKind::malformed, "kind-block", "defines a Kind for the second time",
                     child.begin);
    }
    c.required_kinds.push_back(std::move(*block));
  }
  return {};
}

void write_required_kinds(XmlWriter& w, const ElementRule& rule, const C& c) {
  if (c.required_kinds.empty()) return;
  w.open(rule.vocabulary, rule.name);
  for (const KindBlock& block : c.required_kinds)
    write_kind_block(w, block);
  w.close();
}

constexpr auto base = Vocabulary::base;
constexpr auto chord = Vocabulary::chord;
constexpr auto redir = Vocabulary::redir;
constexpr auto ours = Vocabulary::extension;

// clang-format off
constexpr ElementRule rules[] = {
    {base, "topology-plugin", "topology-plug-in", 1, read_text_into<&C::topology_plugin>, write_topology_plugin},
    {base, "node-id-length", nullptr, 1, read_node_id_length, write_node_id_length},
    {base, "root-cert", nullptr, root_certs_max, read_root_cert, write_root_certs},
    {base, "enrollment-server", nullptr, servers_max, read_enrollment_server, write_texts_from<&C::enrollment_servers>},
    {base, "self-signed-permitted", nullptr, 1, read_self_signed, write_self_signed},
    {base, "bootstrap-node", "bootstrap-peer", bootstrap_nodes_max, read_bootstrap_node, write_bootstrap_nodes},
    {base, "turn-density", nullptr, 1, read_number_into<&C::turn_density, 0, 255>, write_number_from<&C::turn_density>},
    {base, "clients-permitted", nullptr, 1, read_boolean_into<&C::clients_permitted>, write_boolean_from<&C::clients_permitted>},
    {base, "no-ice", nullptr, 1, read_boolean_into<&C::no_ice>, write_boolean_from<&C::no_ice>},
    {chord, "chord-update-interval", nullptr, 1, read_number_into<&C::chord_update_interval_s, 1, seconds_max>, write_number_from<&C::chord_update_interval_s>},
    {chord, "chord-ping-interval", nullptr, 1, read_number_into<&C::chord_ping_interval_s, 1, seconds_max>, write_number_from<&C::chord_ping_interval_s>},
    {chord, "chord-reactive", nullptr, 1, read_boolean_into<&C::chord_reactive>, write_boolean_from<&C::chord_reactive>},
    {redir, "branching-factor", nullptr, 1, read_number_into<&C::redir_branching_factor, 2, 65535>, write_number_from<&C::redir_branching_factor>},
    {base, "shared-secret", nullptr, 1, read_text_into<&C::shared_secret>, write_shared_secret},
    {base, "max-message-size", nullptr, 1, read_number_into<&C::max_message_size, message_bytes_min, message_bytes_max>, write_number_from<&C::max_message_size>},
    {base, "initial-ttl", nullptr, 1, read_number_into<&C::initial_ttl, 1, 255>, write_number_from<&C::initial_ttl>},
    {base, "overlay-reliability-timer", nullptr, 1, read_number_into<&C::overlay_reliability_timer_ms, 200, 600000>, write_number_from<&C::overlay_reliability_timer_ms>},
    {base, "overlay-link-protocol", nullptr, extensions_max, read_text_into<&C::overlay_link_protocols>, write_texts_from<&C::overlay_link_protocols>},
    {base, "configuration-signer", nullptr, signers_max, read_node_id_into<&C::configuration_signers>, write_node_ids_from<&C::configuration_signers>},
    {base, "kind-signer", nullptr, signers_max, read_node_id_into<&C::kind_signers>, write_node_ids_from<&C::kind_signers>},
    {base, "bad-node", nullptr, bad_nodes_max, read_node_id_into<&C::bad_nodes>, write_node_ids_from<&C::bad_nodes>},
    {base, "mandatory-extension", nullptr, extensions_max, read_text_into<&C::mandatory_extensions>, write_mandatory_extensions},
    {ours, "signing-time", nullptr, 1, read_signing_time, write_signing_time},
    {ours, "bad-certificate", nullptr, bad_certificates_max, read_bad_certificate, write_bad_certificates},
    {ours, "cipher-policy", nullptr, 1, read_cipher_policy, write_cipher_policy},
    {ours, "delegate", nullptr, delegates_max, read_delegate, write_delegates},
    {ours, "interworking-node", nullptr, interworking_nodes_max, read_node_id_into<&C::interworking_nodes>, write_node_ids_from<&C::interworking_nodes>},
    {ours, "successors", nullptr, 1, read_number_into<&C::successors, 1, 32>, write_number_from<&C::successors>},
    {ours, "predecessors", nullptr, 1, read_number_into<&C::predecessors, 1, 32>, write_number_from<&C::predecessors>},
    {ours, "fingers", nullptr, 1, read_number_into<&C::fingers, 0, 128>, write_number_from<&C::fingers>},
    {ours, "replicas", nullptr, 1, read_number_into<&C::replicas, 0, 8>, write_number_from<&C::replicas>},
    {ours, "full-mesh", nullptr, 1, read_boolean_into<&C::full_mesh>, write_boolean_from<&C::full_mesh>},
    {ours, "sip-tunnel", nullptr, 1, read_sip_tunnel, write_sip_tunnel},
    {base, "required-kinds", nullptr, 1, read_required_kinds, write_required_kinds},
};
// clang-format on

}  // namespace

std::span<const ElementRule> element_rules() {
  return rules;
}

}  // namespace chordial::configuration
