// Join, Leave, Update, RouteQuery, Probe (RFC 6940 §6.4.2).
#include "wire/golden.h"
#include "wire/topology_messages.h"

namespace chordial::wire::test {

std::vector<Golden> topology_goldens() {
  const Bytes data{0xde, 0xad};
  const Bytes opaque{0x01, 0x02, 0x03};
  const std::vector<ProbeInformationType> requested{
      ProbeInformationType::responsible_set, ProbeInformationType::num_resources,
      ProbeInformationType::uptime, static_cast<ProbeInformationType>(9)};
  const std::vector<ProbeInformation> information{
      {ProbeInformationType::responsible_set, 1'000'000'000, {}},
      {ProbeInformationType::num_resources, 5, {}},
      {ProbeInformationType::uptime, 86400, {}},
      {static_cast<ProbeInformationType>(9), 0, data}};
  const std::string join = std::string(node_22) + "0002 dead";
  return {
      {"JoinReq", MessageCode::join_req, hex(join), body_of(JoinReq{node(0x22), data})},
      {"JoinReq minimal", MessageCode::join_req, hex(std::string(node_22) + "0000"),
       body_of(JoinReq{node(0x22), {}})},
      {"JoinAns", MessageCode::join_ans, hex("0002 dead"), body_of(JoinAns{data})},
      {"LeaveReq", MessageCode::leave_req, hex(join), body_of(LeaveReq{node(0x22), data})},
      {"LeaveAns", MessageCode::leave_ans, {}, {}},
      {"UpdateReq", MessageCode::update_req, hex("dead"), data},
      {"UpdateAns", MessageCode::update_ans, {}, {}},
      {"RouteQueryReq to a node", MessageCode::route_query_req,
       hex("01  01 10" + std::string(node_22) + "0000"),
       body_of(RouteQueryReq{true, Destination::of(node(0x22)), {}})},
      {"RouteQueryReq to a resource", MessageCode::route_query_req,
       hex("00  02 11 10" + std::string(resource_33) + "0002 dead"),
       body_of(RouteQueryReq{false, Destination::of(resource(0x33)), data})},
      {"RouteQueryReq to an opaque id", MessageCode::route_query_req,
       hex("00  03 04 03 010203  0000"),
       body_of(RouteQueryReq{false, Destination::opaque(opaque), {}})},
      {"RouteQueryReq to a compressed id", MessageCode::route_query_req, hex("00  8123  0000"),
       body_of(RouteQueryReq{false, Destination::compressed(0x0123), {}})},
      {"RouteQueryAns", MessageCode::route_query_ans, hex("dead"), data},
      {"ProbeReq", MessageCode::probe_req, hex("04 01 02 03 09"), body_of(ProbeReq{requested})},
      {"ProbeReq for nothing", MessageCode::probe_req, hex("00"), body_of(ProbeReq{})},
      {"ProbeAns", MessageCode::probe_ans,
       hex("0016  01 04 3b9aca00  02 04 00000005  03 04 00015180  09 02 dead"),
       body_of(ProbeAns{information})},
  };
}

}  // namespace chordial::wire::test
