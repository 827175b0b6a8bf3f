// Which names mean this node or its domain (RFC 3261 §16.4, §16.5). A phone that registers at a
// node's address means the domain. Knows no user.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "base/node_id.h"
#include "sip/flow/flow.h"
#include "sip/message/uri.h"

namespace chordial::sip {

class OwnNames {
 public:
  // `domain` in lower case. `aliases` are hosts that mean the domain as well.
  OwnNames(std::string domain, const NodeId& node, std::vector<std::string> aliases,
           std::vector<SocketAddress> addresses);

  // Where phones reach this node; may change while it runs.
  void set_addresses(std::vector<SocketAddress> addresses) { addresses_ = std::move(addresses); }

  [[nodiscard]] const std::string& domain() const { return domain_; }
  [[nodiscard]] const NodeId& node() const { return node_; }

  // Whether the URI's host means the domain: its name, an alias, or one of our addresses; a port
  // must be one of ours then. `sip:bob@127.0.0.1:5062` is a phone on our host and not the domain.
  [[nodiscard]] bool is_domain(const Uri& uri) const;
  // Whether the URI means this node itself: its name, or one of our addresses without a user that
  // could be anyone else's. For Route entries `user` is a token of ours: see is_own_route.
  [[nodiscard]] bool is_node(const Uri& uri) const;
  // Whether a Route or a strict router's Request-URI is a Record-Route of ours.
  [[nodiscard]] bool is_own_route(const Uri& uri) const;
  // The node that `sip:node-<hex>@<domain>` names; nothing for any other URI.
  [[nodiscard]] std::optional<NodeId> node_of(const Uri& uri) const;
  // canonical_aor with the domain in place of any name that means it.
  [[nodiscard]] Expected<std::string> aor_of(const Uri& uri) const;

  // The address of ours that the far end of a phone's flow knows.
  [[nodiscard]] SocketAddress address_towards(const Flow& flow) const;
  // The sent-by of our Via on this flow.
  [[nodiscard]] std::string sent_by(const Flow& flow) const;
  // "sip:node-<hex>@<domain>;lr"
  [[nodiscard]] std::string node_route() const;

 private:
  [[nodiscard]] bool own_port(std::uint16_t port) const;

  std::string domain_;
  NodeId node_;
  std::vector<std::string> aliases_;  // lower case
  std::vector<SocketAddress> addresses_;
};

}  // namespace chordial::sip
