// What a topology plugin wants done. A plugin never sends: it returns intents, and the overlay
// carries them out with links and transactions. All of a call's intents are carried out after the
// call.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/node_id.h"

namespace chordial::topology {

// Connect to the node responsible for `position`, or to `node` itself when it is named. `via` names
// the peer from which `node` was learnt: the AttachReq is source-routed through it (RFC 6940
// §10.6). The outcome comes back as on_link_up or on_attach_failed; where the node that answers is
// linked already no link is made, and its Update alone comes (with send_update).
struct AttachIntent {
  RingPosition position;
  std::optional<NodeId> node;
  std::optional<NodeId> via;
  bool send_update = false;
};

// UpdateReq to a linked node. The answer (or its absence) comes back as on_update_answered.
struct UpdateIntent {
  NodeId to;
  Bytes overlay_specific_data;
};

// JoinReq to a linked node; answered by on_join_answered.
struct JoinIntent {
  NodeId to;
  Bytes overlay_specific_data;
};

// LeaveReq to a linked node; the answer is of no interest.
struct LeaveIntent {
  NodeId to;
  Bytes overlay_specific_data;
};

// RouteQueryReq to a linked node; answered by on_route_query_answered.
struct RouteQueryIntent {
  NodeId to;
  RingPosition destination;
  bool send_update = false;
};

// PingReq to whoever is responsible for `position`, first hop `via` when given; answered by
// on_ping_answered. With `node` it goes to that very node.
struct PingIntent {
  RingPosition position;
  std::optional<NodeId> node;
  std::optional<NodeId> via;
};

// The link is of no more use to this plugin (others may still use it).
struct CloseIntent {
  NodeId node;
};

struct Intents {
  std::vector<AttachIntent> attach;
  std::vector<UpdateIntent> update;
  std::vector<JoinIntent> join;
  std::vector<LeaveIntent> leave;
  std::vector<RouteQueryIntent> route_query;
  std::vector<PingIntent> ping;
  std::vector<CloseIntent> close;
  // The set of ids this node answers for has changed, or the set of nodes that hold replicas:
  // storage moves values and repairs replicas (§10.7.3).
  bool responsibility_changed = false;
  bool replica_set_changed = false;

  void clear() { *this = Intents{}; }
};

}  // namespace chordial::topology
