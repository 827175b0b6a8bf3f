// Join, Leave, Update, RouteQuery and Probe, with CHORD-RELOAD's own data (RFC 6940 §6.4.2, §10).
#include "conformance/all_messages.h"
#include "topology/chord/messages.h"
#include "wire/topology_messages.h"

namespace chordial::conformance {

using namespace wire;
namespace chord = topology::chord;

namespace {

NodeId node(std::uint64_t number) {
  return NodeId{{0x0123456789abcdef, number}};
}

std::vector<Body> update_bodies() {
  const std::vector<NodeId> before{node(3), node(2), node(1)}, after{node(5), node(6), node(7)},
      fingers{node(6), node(90)};
  return {
      {"UpdateReq peer_ready", MessageCode::update_req, chord::encode_peer_ready(77)},
      {"UpdateReq neighbors", MessageCode::update_req, chord::encode_neighbors(78, before, after)},
      {"UpdateReq neighbors of a peer alone", MessageCode::update_req,
       chord::encode_neighbors(0, {}, {})},
      {"UpdateReq full", MessageCode::update_req, chord::encode_full(79, before, after, fingers)},
      {"UpdateAns", MessageCode::update_ans, {}},
  };
}

std::vector<Body> route_query_bodies() {
  const Bytes opaque{1, 2, 3};
  const auto request = [](const char* name, bool send_update, const Destination& destination) {
    return Body{name, MessageCode::route_query_req,
                body_of(RouteQueryReq{send_update, destination, {}})};
  };
  return {
      request("RouteQueryReq to a node", true, Destination::of(node(9))),
      request("RouteQueryReq to a resource", false, Destination::of(ResourceId{{1, 2}})),
      request("RouteQueryReq to an opaque id", false, Destination::opaque(opaque)),
      request("RouteQueryReq to a compressed id", true, Destination::compressed(5)),
      {"RouteQueryAns", MessageCode::route_query_ans, chord::encode_route_query_answer(node(8))},
  };
}

std::vector<Body> probe_bodies() {
  const std::vector<ProbeInformationType> requested{ProbeInformationType::responsible_set,
                                                    ProbeInformationType::num_resources,
                                                    ProbeInformationType::uptime};
  const std::vector<ProbeInformation> information{
      {ProbeInformationType::responsible_set, 250'000'000, {}},
      {ProbeInformationType::num_resources, 12, {}},
      {ProbeInformationType::uptime, 86'400, {}}};
  return {
      {"ProbeReq", MessageCode::probe_req, body_of(ProbeReq{requested})},
      {"ProbeReq for nothing", MessageCode::probe_req, body_of(ProbeReq{})},
      {"ProbeAns", MessageCode::probe_ans, body_of(ProbeAns{information})},
      {"ProbeAns of nothing", MessageCode::probe_ans, body_of(ProbeAns{})},
  };
}

}  // namespace

std::vector<Body> topology_bodies() {
  const std::vector<NodeId> few{node(5), node(6)};
  const Bytes successors = chord::encode_leave(chord::LeaveType::from_successor, few);
  const Bytes predecessors = chord::encode_leave(chord::LeaveType::from_predecessor, {});
  std::vector<Body> bodies{
      {"JoinReq", MessageCode::join_req, body_of(JoinReq{node(4), {}})},
      {"JoinAns", MessageCode::join_ans, body_of(JoinAns{})},
      {"LeaveReq from a successor", MessageCode::leave_req, body_of(LeaveReq{node(4), successors})},
      {"LeaveReq from a predecessor", MessageCode::leave_req,
       body_of(LeaveReq{node(4), predecessors})},
      {"LeaveAns", MessageCode::leave_ans, {}},
  };
  for (const auto& part : {update_bodies(), route_query_bodies(), probe_bodies()})
    bodies.insert(bodies.end(), part.begin(), part.end());
  return bodies;
}

}  // namespace chordial::conformance
