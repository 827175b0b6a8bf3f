#include "sip/location/own_names.h"

#include <algorithm>

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr std::string_view node_prefix = "node-";

}  // namespace

OwnNames::OwnNames(std::string domain, const NodeId& node, std::vector<std::string> aliases,
                   std::vector<SocketAddress> addresses)
    : domain_(std::move(domain)),
      node_(node),
      aliases_(std::move(aliases)),
      addresses_(std::move(addresses)) {
  for (std::string& alias : aliases_)
    alias = lower(std::string_view(alias));
}

bool OwnNames::own_port(std::uint16_t port) const {
  if (port == 0) return true;
  return std::any_of(addresses_.begin(), addresses_.end(),
                     [&](const SocketAddress& own) { return own.port == port; });
}

bool OwnNames::is_domain(const Uri& uri) const {
  if (!uri.is_sip()) return false;
  if (equal_nocase(uri.host, domain_)) return true;
  if (!own_port(uri.port)) return false;
  const auto named = [&](const std::string& alias) { return equal_nocase(uri.host, alias); };
  if (std::any_of(aliases_.begin(), aliases_.end(), named)) return true;
  const auto ip = uri.host_address();
  return ip && std::any_of(addresses_.begin(), addresses_.end(),
                           [&](const SocketAddress& own) { return own.ip == *ip; });
}

std::optional<NodeId> OwnNames::node_of(const Uri& uri) const {
  if (!uri.is_sip() || !equal_nocase(uri.host, domain_)) return std::nullopt;
  if (uri.user.size() != node_prefix.size() + 2 * node_id_bytes) return std::nullopt;
  if (!equal_nocase(uri.user.substr(0, node_prefix.size()), node_prefix)) return std::nullopt;
  return NodeId::from_hex(uri.user.substr(node_prefix.size()));
}

bool OwnNames::is_node(const Uri& uri) const {
  if (const auto node = node_of(uri)) return *node == node_;
  return !uri.has_user && is_domain(uri);
}

bool OwnNames::is_own_route(const Uri& uri) const {
  if (const auto node = node_of(uri)) return *node == node_;
  const auto ip = uri.host_address();
  if (!ip) return !uri.has_user && is_domain(uri);
  return std::find(addresses_.begin(), addresses_.end(),
                   SocketAddress{*ip, uri.port_or_default()}) != addresses_.end();
}

Expected<std::string> OwnNames::aor_of(const Uri& uri) const {
  auto aor = canonical_aor(uri);
  if (!aor || !is_domain(uri)) return aor;
  return aor->substr(0, aor->rfind('@') + 1) + domain_;
}

SocketAddress OwnNames::address_towards(const Flow& flow) const {
  for (const SocketAddress& own : addresses_) {
    if (own == flow.local) return own;
  }
  // A connection that was opened from here has a port nobody can connect to.
  for (const SocketAddress& own : addresses_) {
    if (own.ip == flow.local.ip) return own;
  }
  for (const SocketAddress& own : addresses_) {
    if (own.ip.is_v4() == flow.remote.ip.is_v4()) return own;
  }
  return flow.local;
}

std::string OwnNames::sent_by(const Flow& flow) const {
  if (flow.addressed()) return address_towards(flow).text();
  return tunnel_sent_by(node_, domain_);
}

std::string OwnNames::node_route() const {
  return "sip:" + std::string(node_prefix) + node_.hex() + "@" + domain_ + ";lr";
}

}  // namespace chordial::sip
