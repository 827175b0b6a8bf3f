// Where users are: what the proxy asks when a request names a user of this domain, and what the
// registrar tells when a phone has come or gone (RFC 3261 §5 "location service", §10, §16.5). The
// proxy and the registrar know this interface and nothing of what stands behind it.
//
// Every question is answered at once by the return value, or later, exactly once, by the handler
// and never during the call. A RequestId is unique among the open questions of its handler.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/node_id.h"
#include "base/time.h"
#include "ports/request_id.h"
#include "sip/flow/flow.h"

namespace chordial::sip {

inline constexpr std::size_t targets_max = 32;           // of one answer
inline constexpr std::size_t bindings_per_aor_max = 10;  // phones of one user at one node
inline constexpr std::size_t paths_max = 4;              // Path values of one binding

// A phone that is registered here.
struct LocalContact {
  std::string uri;                // becomes the Request-URI
  Flow flow;                      // the way its REGISTER came
  std::vector<std::string> path;  // Route values to send along, topmost first (RFC 3327)
  std::uint16_t q_thousandths = 1000;
  std::string instance;  // +sip.instance without its quotes; may be empty
};

// Another node at which the user has phones. The Request-URI stays what it is.
struct RemoteNode {
  NodeId node;
};

using Target = std::variant<LocalContact, RemoteNode>;

struct Located {
  std::vector<Target> targets;  // at most targets_max; empty: a known user who is not there now
  std::string forward_to;       // not empty: calls go to this AOR instead, "carol@example.org"
};

struct LookupQuery {
  std::string_view aor;     // canonical, OwnNames::aor_of
  bool local_only = false;  // the asking node has been sent here: phones of this node alone
};

// One phone of one user (RFC 3261 §10.3).
struct Binding {
  std::string uri;         // without <>
  std::string parameters;  // of the Contact besides expires and q: ";+sip.instance=…"; may be empty
  Flow flow;
  std::vector<std::string> path;
  std::uint16_t q_thousandths = 1000;
  std::string instance;
  std::string call_id;  // of the last REGISTER, and its
  std::uint32_t cseq = 0;
  MonotonicTime expires{};
};

// A user's phones at this node have changed.
struct LocationUpdate {
  std::string_view aor;
  std::span<const Binding> bindings;  // all that are left; empty: the user is gone from this node
  // How long what is published must stand if no other update comes: the longest binding and a
  // quarter more, since refreshes are told at most every quarter.
  std::uint32_t lifetime_s = 0;
  bool lazy = false;  // only expiry times have grown: nobody waits for this one
};

class LocationHandler {
 public:
  // Errors: not_found (nobody has this name), unavailable (could not be found out in time).
  virtual void on_located(Now now, ports::RequestId id, const Expected<Located>& result) = 0;
  // Success: committed here and at one replica, or here alone where no other node is in reach.
  virtual void on_updated(Now now, ports::RequestId id, const Expected<void>& result) = 0;

 protected:
  ~LocationHandler() = default;
};

class LocationService {
 public:
  virtual ~LocationService() = default;

  [[nodiscard]] virtual std::optional<Expected<Located>> lookup(Now now, ports::RequestId id,
                                                                const LookupQuery& query,
                                                                LocationHandler& handler) = 0;
  // Errors: unavailable, forbidden (this node may not publish this user), limit.
  [[nodiscard]] virtual std::optional<Expected<void>> update(Now now, ports::RequestId id,
                                                             const LocationUpdate& update,
                                                             LocationHandler& handler) = 0;
};

// The phones registered at this node, for whoever implements LocationService: the registrar.
class LocalBindings {
 public:
  // Appends the user's contacts, highest q first; nothing when there is none.
  virtual void contacts_of(Now now, std::string_view aor, std::vector<Target>& contacts) const = 0;

 protected:
  ~LocalBindings() = default;
};

// How to reach another node now.
class NodeFlows {
 public:
  // `message_bytes`: about how long the request will be. Transport tunnel or application.
  [[nodiscard]] virtual Flow flow_to(const NodeId& node, std::size_t message_bytes) const {
    (void)message_bytes;
    return Flow::to_node(TransportKind::tunnel, node);
  }
  virtual ~NodeFlows() = default;
};

}  // namespace chordial::sip
