#include "app/node_json.h"

#include <nlohmann/json.hpp>

#include "app/version.h"

namespace chordial::app {

using nlohmann::json;

namespace {

json id_list(const std::vector<NodeId>& ids) {
  json list = json::array();
  for (const NodeId& id : ids)
    list.push_back(id.hex());
  return list;
}

json links_json(const node::NodeStatus& status) {
  json list = json::array();
  for (const node::LinkStatus& link : status.links) {
    list.push_back({{"node_id", link.node.hex()},
                    {"address", link.address.text()},
                    {"security", link.security},
                    {"path", link.relayed ? "relayed" : "direct"},
                    {"client", link.client},
                    {"rtt_ms", link.rtt_ms}});
  }
  return list;
}

class JsonCounters final : public CounterVisitor {
 public:
  void counter(const char* name, std::uint64_t value) override { values[name] = value; }
  void gauge(const char* name, std::uint64_t value) override { values[name] = value; }

  json values = json::object();
};

}  // namespace

json status_json(const node::NodeStatus& status) {
  json problems = json::array();
  for (const node::Problem& problem : status.problems) {
    problems.push_back(
        {{"code", problem.code}, {"text", problem.text}, {"action", problem.action}});
  }
  return {
      {"version", version},
      {"overlay", status.overlay},
      {"node_id", status.node_id.hex()},
      {"role", status.role},
      {"algorithm", status.algorithm},
      {"state", status.state},
      {"names_proven", status.names_proven},
      {"document_sequence", status.document_sequence},
      {"overlay_size_estimate", status.overlay_size_estimate},
      {"successors", id_list(status.successors)},
      {"predecessors", id_list(status.predecessors)},
      {"links", links_json(status)},
      {"registrations",
       {{"local", status.registrations_local}, {"stored", status.registrations_stored}}},
      {"storage", {{"resources", status.storage_resources}, {"bytes", status.storage_bytes}}},
      {"bootstrap", {{"method", status.bootstrap_method}, {"address", status.bootstrap_address}}},
      {"clock", {{"source", status.clock_source}, {"offset_ms", status.clock_offset_ms}}},
      {"problems", problems}};
}

json peers_json(const node::NodeStatus& status) {
  return {{"node_id", status.node_id.hex()}, {"peers", links_json(status)}};
}

json routes_json(const node::NodeStatus& status, const usage::SipUsage& usage) {
  json invites = json::array();
  for (const usage::TunnelTrace& trace : usage.traces()) {
    invites.push_back({{"call_id", trace.call_id}, {"path", id_list(trace.path)}});
  }
  return {{"node_id", status.node_id.hex()},
          {"successors", id_list(status.successors)},
          {"predecessors", id_list(status.predecessors)},
          {"fingers", id_list(status.fingers)},
          {"invites", invites}};
}

json registrations_json(Now now, const node::Node& node) {
  std::vector<std::pair<std::string, std::vector<sip::Target>>> users;
  node.registrations(now, users);
  json list = json::array();
  for (const auto& [aor, targets] : users) {
    json contacts = json::array();
    for (const sip::Target& target : targets) {
      if (const auto* contact = std::get_if<sip::LocalContact>(&target)) {
        contacts.push_back({{"uri", contact->uri}, {"flow", contact->flow.text()}});
      }
    }
    list.push_back({{"aor", aor}, {"contacts", contacts}});
  }
  return {{"registrations", list}};
}

json counters_json(const node::Node& node) {
  JsonCounters counters;
  node.count(counters);
  return counters.values;
}

}  // namespace chordial::app
