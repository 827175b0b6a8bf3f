// What a usage asks of the overlay and what it hears back (RFC 6940 §7.4, §6.5.2, §6.5.3, and the
// SIP tunnel of our own). Knows no wire format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/node_id.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "crypto/signer.h"
#include "ports/request_id.h"

namespace chordial::overlay {

using ports::RequestId;

// Where a request goes: along `route` (source routing, §6.2.1), and then, when `resource` is set,
// to the peer responsible for it; otherwise the last entry of `route` is the destination.
struct Target {
  std::vector<NodeId> route;  // at most route_entries_max
  std::optional<ResourceId> resource;

  static Target node(const NodeId& id) { return {{id}, std::nullopt}; }
  static Target of(const ResourceId& id) { return {{}, id}; }
};
inline constexpr std::size_t route_entries_max = 16;

// Requests of usages without an answer; what is asked above fails with ErrorKind::limit. The rest
// of the node's transactions is the overlay's own, so that calls never keep it from mending itself.
inline constexpr std::size_t usage_requests_max = 768;

// Why a request failed. `error.kind`: unavailable = no answer in time or no route; forbidden,
// not_found, conflict (generation counter or storage_time too low), limit (too large),
// unsupported (unknown Kind or extension), unauthentic (an answer that proved nothing).
struct RequestFailure {
  Error error;
  std::uint16_t reload_code = 0;  // the RELOAD error code (§14.9) when a peer answered with one
  Bytes info;                     // its error_info
};
template <class T>
using Outcome = tl::expected<T, RequestFailure>;

// Who answered and how far away it was.
struct Answerer {
  NodeId node;
  std::uint8_t hops = 0;  // links the answer crossed; 0 when this node answered itself
  Duration round_trip{0};
};

// One value of a Kind (§7.2). The Kind's data model says which of `index` and `key` counts.
struct Value {
  std::uint32_t index = 0;  // array; 0xffffffff appends
  Bytes key;                // dictionary
  bool exists = true;       // false removes (§7.4.1.3)
  Bytes value;
};

// Values of one Kind at one resource, each signed by the store's signer when it is sent.
struct Store {
  ResourceId resource;
  std::uint32_t kind = 0;
  std::uint64_t generation = 0;  // 0: overwrite whatever is there
  std::uint32_t lifetime_s = 0;  // from when the storing peer takes it (§7.2)
  // storage_time of the values; 0: now. Never below that of an earlier store of the same values.
  std::uint64_t storage_time_ms = 0;
  std::vector<Value> values;
};
struct Stored {
  Answerer by;
  std::uint64_t generation = 0;
  std::vector<NodeId> replicas;  // where the responsible peer says copies are
};

struct Fetch {
  ResourceId resource;
  std::uint32_t kind = 0;
  std::uint64_t generation = 0;  // values are sent only if it differs; 0: always
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;  // array; none: all
  std::vector<Bytes> keys;                                      // dictionary; none: all
};
struct FetchedValue {
  std::uint32_t index = 0;
  Bytes key;
  bool exists = false;
  Bytes value;
  std::uint64_t storage_time_ms = 0;
  std::uint32_t lifetime_s = 0;  // left, as the storing peer says
  // Whose signature was checked, with the Kind's access control; all zero for a synthetic
  // "does not exist" (§7.4.2.2). SharedContext::certificates finds it by this hash.
  crypto::CertificateHash signer{};
};
struct Fetched {
  Answerer by;
  std::uint64_t generation = 0;
  std::vector<FetchedValue> values;
  std::uint32_t rejected = 0;  // values left out because signature or access control failed
};

struct StatValue {
  std::uint32_t index = 0;
  Bytes key;
  bool exists = false;
  std::uint32_t length = 0;  // bytes
  std::uint64_t storage_time_ms = 0;
  std::uint32_t lifetime_s = 0;  // left, as the storing peer says
};
struct Statted {
  Answerer by;
  std::uint64_t generation = 0;
  std::vector<StatValue> values;
};

// The closest resource that holds values of a Kind; all zero when the peer has none (§7.4.4).
struct Found {
  Answerer by;
  ResourceId closest;
};

struct Pinged {
  Answerer by;
  std::uint64_t response_id = 0;
  std::uint64_t time_ms = 0;  // the responder's wall clock
};

// One ICE candidate, or the plain address of No-ICE (§6.5.1.1).
struct Candidate {
  enum class Type : std::uint8_t { host = 1, server_reflexive = 2, peer_reflexive = 3, relay = 4 };
  SocketAddress address;
  Type type = Type::host;
  std::string foundation;
  std::uint32_t priority = 0;
  std::optional<SocketAddress> related;  // set for every type but host
};

// The content of an AppAttach (§6.5.2). ufrag and password stay empty with No-ICE.
struct AppAttach {
  std::uint16_t application = 0;  // Application-ID: 5060 SIP, 5061 SIPS
  std::string ufrag;
  std::string password;
  std::vector<Candidate> candidates;  // 1 to candidates_max
};
inline constexpr std::size_t candidates_max = 16;

// An AppAttach that came in and waits for Peer::answer_app_attach.
enum class AppAttachId : std::uint64_t {};

// A SIP message that came through the tunnel. All pointers live during the call.
struct TunnelMessage {
  NodeId from;                        // proven by the signature
  const crypto::Certificate* signer;  // who signed: a node or a user certificate
  // The Node-IDs it crossed: the origin first, the last hop last, this node left out. Entries that
  // other implementations compressed (§6.1.3) are missing.
  const std::vector<NodeId>& path;
  ByteView bytes;
};

// Completions of requests. Each request names its handler, which outlives it or calls
// Peer::cancel. Exactly one call per request, never from inside the call that made the request.
class UsageHandler {
 public:
  virtual void on_stored(Now, RequestId, const Outcome<Stored>&) {}
  virtual void on_fetched(Now, RequestId, const Outcome<Fetched>&) {}
  virtual void on_statted(Now, RequestId, const Outcome<Statted>&) {}
  virtual void on_found(Now, RequestId, const Outcome<Found>&) {}
  virtual void on_pinged(Now, RequestId, const Outcome<Pinged>&) {}
  // The other side's answer: connect to its candidates. This side was passive (§6.5.1.9): with
  // No-ICE it waits for the other side to connect. The NodeId is who answered.
  virtual void on_app_attached(Now, RequestId, const NodeId&, const Outcome<AppAttach>&) {}
  // The destination has taken the SIP message over. unsupported: use AppAttach instead.
  virtual void on_tunnel_delivered(Now, RequestId, const Outcome<void>&) {}
  // overlay_specific_data of the answer.
  virtual void on_route_queried(Now, RequestId, const Outcome<Bytes>&) {}

 protected:
  ~UsageHandler() = default;
};

}  // namespace chordial::overlay
