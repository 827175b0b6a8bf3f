#include "app/node_json.h"

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

// Seconds, to the tenth.
double seconds_since(Now now, MonotonicTime then) {
  return static_cast<double>((now.monotonic - then).count() / 100'000) / 10.0;
}

void put_links(Now now, const node::NodeStatus& status, json& into, const char* name) {
  BoundedList list;
  for (const node::LinkStatus& link : status.links) {
    // There is no relay in this build: what a link sends goes to the peer's own address.
    list.add({{"node_id", link.node.hex()},
              {"address", link.address.text()},
              {"security", link.security},
              {"path", "direct"},
              {"client", link.client},
              {"rtt_ms", link.rtt_ms},
              {"last_contact_s", seconds_since(now, link.last_heard)}});
  }
  list.put(into, name);
}

json bootstrap_json(const node::BootstrapStatus& bootstrap) {
  json addresses = json::array();
  for (const SocketAddress& address : bootstrap.addresses)
    addresses.push_back(address.text());
  json shown = {
      {"method", bootstrap.method}, {"address", bootstrap.address}, {"addresses", addresses}};
  if (bootstrap.failed) {
    shown["failed"] = {{"address", bootstrap.failed->text()}, {"reason", bootstrap.why}};
  }
  return shown;
}

class JsonCounters final : public CounterVisitor {
 public:
  void counter(const char* name, std::uint64_t value) override { values[name] = value; }
  void gauge(const char* name, std::uint64_t value) override { values[name] = value; }

  json values = json::object();
};

}  // namespace

void BoundedList::add(json entry) {
  if (!full_) {
    bytes_ += entry.dump(-1, ' ', false, json::error_handler_t::replace).size();
    full_ = entries_.size() >= reply_entries_max || bytes_ > reply_list_bytes_max;
  }
  if (full_) {
    ++left_out_;
  } else {
    entries_.push_back(std::move(entry));
  }
}

void BoundedList::put(json& into, const char* name) {
  into[name] = std::move(entries_);
  if (left_out_ != 0) into["left_out"] = left_out_;
}

json status_json(Now now, const node::NodeStatus& status) {
  json problems = json::array();
  for (const node::Problem& problem : status.problems) {
    problems.push_back(
        {{"code", problem.code}, {"text", problem.text}, {"action", problem.action}});
  }
  json shown = {
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
      {"registrations",
       {{"local", status.registrations_local}, {"stored", status.registrations_stored}}},
      {"storage", {{"resources", status.storage_resources}, {"bytes", status.storage_bytes}}},
      {"bootstrap", bootstrap_json(status.bootstrap)},
      {"clock", {{"source", status.clock_source}, {"offset_ms", status.clock_offset_ms}}},
      {"problems", problems}};
  put_links(now, status, shown, "links");
  return shown;
}

json peers_json(Now now, const node::NodeStatus& status) {
  json shown = {{"node_id", status.node_id.hex()}};
  put_links(now, status, shown, "peers");
  return shown;
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
  const std::vector<node::UserStatus> users = node.users(now, reply_entries_max);
  BoundedList list;
  for (const node::UserStatus& user : users) {
    json contacts = json::array();
    for (const node::PhoneStatus& phone : user.phones) {
      contacts.push_back(
          {{"uri", phone.uri}, {"flow", phone.flow}, {"expires_in_s", phone.expires_in_s}});
    }
    list.add({{"aor", user.aor}, {"contacts", contacts}});
  }
  const std::size_t total = node.user_count();
  if (total > users.size()) list.leave_out(total - users.size());
  json shown = {{"total", total}};
  list.put(shown, "registrations");
  return shown;
}

json counters_json(const node::Node& node, const std::function<void(CounterVisitor&)>& more) {
  JsonCounters counters;
  node.count(counters);
  if (more) more(counters);
  return counters.values;
}

}  // namespace chordial::app
