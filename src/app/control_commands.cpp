#include "app/control_commands.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "app/node_json.h"
#include "sip/message/uri.h"
#include "storage/resource_name.h"
#include "usage/sip/registration_record.h"
#include "wire/codes.h"

namespace chordial::app {

using nlohmann::json;

namespace {

// Texts from the network may be no UTF-8; what is not is shown as such.
std::string succeeded(json result) {
  return json{{"ok", true}, {"result", std::move(result)}}.dump(-1, ' ', false,
                                                                json::error_handler_t::replace);
}

std::string refused(const std::string& error) {
  return json{{"ok", false}, {"error", error}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string wrong_usage(const std::string& error) {
  return json{{"ok", false}, {"error", error}, {"wrong_usage", true}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

json answerer(const overlay::Answerer& by) {
  return {{"by", by.node.hex()},
          {"hops", by.hops},
          {"rtt_ms", static_cast<double>(by.round_trip.count()) / 1000.0}};
}

std::optional<std::uint32_t> number_of(const std::string& text) {
  const bool hexadecimal = text.starts_with("0x");
  const char* begin = text.data() + (hexadecimal ? 2 : 0);
  const char* end = text.data() + text.size();
  std::uint32_t kind = 0;
  const auto [stop, error] = std::from_chars(begin, end, kind, hexadecimal ? 16 : 10);
  if (error != std::errc{} || stop != end || begin == end) return std::nullopt;
  return kind;
}

json value_json(Now now, const overlay::FetchedValue& value, std::uint32_t kind) {
  const auto wall_ms = static_cast<std::int64_t>(now.wall_ms());
  const std::int64_t ends_ms =
      static_cast<std::int64_t>(value.storage_time_ms) + std::int64_t{value.lifetime_s} * 1000;
  json shown = {{"exists", value.exists},
                {"value", to_hex(value.value)},
                {"storage_time", value.storage_time_ms},
                {"lifetime", value.lifetime_s},
                {"expires_in_s", std::max<std::int64_t>(0, ends_ms - wall_ms) / 1000},
                {"index", value.index},
                {"key", to_hex(value.key)}};
  if (kind != wire::kind_sip_registration) return shown;
  if (const auto record = usage::decode(value.value)) {
    json route = json::array();
    for (const NodeId& node : record->route)
      route.push_back(node.hex());
    shown["route"] = route;
    shown["forward_to"] = record->forward_to;
  }
  return shown;
}

bool is_member(overlay::Phase phase) {
  return phase == overlay::Phase::ring || phase == overlay::Phase::mesh;
}

}  // namespace

ControlCommands::~ControlCommands() {
  for (const auto& [id, open] : open_)
    node_.peer().cancel(id);
}

void ControlCommands::handle(Now now, std::string_view request, Reply reply) {
  const json parsed = json::parse(request, nullptr, false);
  if (!parsed.is_object() || !parsed.value("command", json()).is_string()) {
    reply(refused("a request is one JSON object with a command"));
    return;
  }
  std::vector<std::string> arguments;
  for (const json& argument : parsed.value("arguments", json::array())) {
    if (argument.is_string()) arguments.push_back(argument.get<std::string>());
  }
  start(now, parsed["command"].get<std::string>(), arguments, std::move(reply));
}

void ControlCommands::start(Now now, const std::string& command,
                            const std::vector<std::string>& arguments, Reply reply) {
  if (command == "status") {
    node::NodeStatus status = node_.status();
    const auto& more = surroundings_.problems;
    status.problems.insert(status.problems.end(), more.begin(), more.end());
    if (surroundings_.describe) surroundings_.describe(status);
    return reply(succeeded(status_json(now, status)));
  }
  if (command == "peers") return reply(succeeded(peers_json(now, node_.status())));
  if (command == "routes") return reply(succeeded(routes_json(node_.status(), node_.usage())));
  if (command == "registrations") return reply(succeeded(registrations_json(now, node_)));
  if (command == "counters") return reply(succeeded(counters_json(node_, surroundings_.count)));
  if (open_.size() >= open_max)
    return reply(refused("too many commands wait for the overlay; try again"));
  if (command == "lookup" && arguments.size() == 1)
    return start_lookup(now, arguments[0], std::move(reply));
  if (command == "ping" && arguments.size() == 1)
    return start_ping(now, arguments[0], std::move(reply));
  if (command == "store") return start_store(now, arguments, std::move(reply));
  if (command == "fetch") return start_fetch(now, arguments, std::move(reply));
  reply(wrong_usage("unknown command '" + command + "' or wrong number of arguments"));
}

// The canonical address of "alice", "bob@example.org" or "sip:bob@example.org"; empty for anything
// else.
std::string ControlCommands::aor_of(const std::string& text) const {
  std::string whole = text.find(':') == std::string::npos ? "sip:" + text : text;
  if (whole.find('@') == std::string::npos) whole += "@" + node_.peer().context().overlay_name;
  const auto uri = sip::Uri::parse(whole);  // keeps views of it
  if (!uri) return {};
  const auto aor = sip::canonical_aor(*uri);
  return aor ? *aor : std::string();
}

// A RELOAD error by its name; silence by what it means to who asked.
template <class T>
std::string ControlCommands::failed(const overlay::Outcome<T>& outcome) const {
  const std::uint16_t code = outcome.error().reload_code;
  const Error& error = outcome.error().error;
  if (code != 0) {
    const std::string name = wire::name_of(static_cast<wire::ErrorCode>(code));
    return refused(name == error.reason ? name : name + ": " + error.reason);
  }
  if (error.kind != ErrorKind::unavailable) {
    return refused(std::string(error.field) + ": " + error.reason);
  }
  const overlay::Phase phase = node_.peer().phase();
  if (!is_member(phase)) {
    return refused(std::string("this node is not in the overlay (") + overlay::phase_name(phase) +
                   "); `chordial status` says what it waits for");
  }
  return refused(std::string("the overlay has not answered (") + error.reason +
                 "); the node that is asked may just have gone: try again in a minute");
}

ControlCommands::Open ControlCommands::take(overlay::RequestId id) {
  const auto place = open_.find(id);
  if (place == open_.end()) return {.reply = [](const std::string&) {}, .name = {}};
  Open open = std::move(place->second);
  open_.erase(place);
  return open;
}

void ControlCommands::start_fetch(Now now, Open open) {
  overlay::Fetch fetch;
  fetch.resource = open.resource = storage::resource_id_of(open.name);
  fetch.kind = open.kind;
  const overlay::RequestId id = node_.peer().fetch(now, fetch, *this);
  open_.emplace(id, std::move(open));
}

void ControlCommands::start_lookup(Now now, const std::string& aor, Reply reply) {
  const std::string canonical = aor_of(aor);
  if (canonical.empty())
    return reply(wrong_usage("'" + aor + "' is no address of record like alice@example.org"));
  start_fetch(now, {.reply = std::move(reply),
                    .name = canonical,
                    .kind = wire::kind_sip_registration,
                    .lookup = true});
}

void ControlCommands::start_ping(Now now, const std::string& target, Reply reply) {
  Open open{.reply = std::move(reply), .name = target};
  overlay::Target destination;
  if (const auto node = NodeId::from_hex(target)) {
    destination = overlay::Target::node(*node);
  } else if (const std::string aor = aor_of(target); !aor.empty()) {
    open.resource = storage::resource_id_of(aor);
    destination = overlay::Target::of(open.resource);
  } else {
    return open.reply(wrong_usage(
        "'" + target + "' is neither a Node-ID of 32 hexadecimal digits nor an address of record"));
  }
  const overlay::RequestId id = node_.peer().ping(now, destination, *this);
  open_.emplace(id, std::move(open));
}

// NAME KIND VALUE LIFETIME_S [KEY]
void ControlCommands::start_store(Now now, const std::vector<std::string>& arguments, Reply reply) {
  if (arguments.size() < 4 || arguments.size() > 5)
    return reply(wrong_usage("store wants NAME KIND VALUE LIFETIME_S and, for a dictionary, KEY"));
  const auto kind = number_of(arguments[1]);
  const auto lifetime = number_of(arguments[3]);
  const auto key = from_hex(arguments.size() > 4 ? arguments[4] : std::string());
  if (!kind) return reply(wrong_usage("'" + arguments[1] + "' is no Kind's name or number"));
  if (!lifetime) return reply(wrong_usage("'" + arguments[3] + "' is no lifetime in seconds"));
  if (!key)
    return reply(wrong_usage("'" + arguments[4] + "' is no key: a dictionary's is hexadecimal"));
  overlay::Store store;
  store.resource = storage::resource_id_of(arguments[0]);
  store.kind = *kind;
  store.lifetime_s = *lifetime;
  overlay::Value value;
  value.key = *key;
  value.value = to_bytes(as_bytes(arguments[2]));
  store.values.push_back(std::move(value));
  Open open{.reply = std::move(reply), .name = arguments[0], .resource = store.resource};
  const overlay::RequestId id =
      node_.peer().store(now, store, node_.user_signer(arguments[0]), *this);
  open_.emplace(id, std::move(open));
}

// NAME KIND
void ControlCommands::start_fetch(Now now, const std::vector<std::string>& arguments, Reply reply) {
  if (arguments.size() != 2) return reply(wrong_usage("fetch wants NAME KIND"));
  const auto kind = number_of(arguments[1]);
  if (!kind) return reply(wrong_usage("'" + arguments[1] + "' is no Kind's name or number"));
  start_fetch(now, {.reply = std::move(reply), .name = arguments[0], .kind = *kind});
}

void ControlCommands::on_stored(Now /*now*/, overlay::RequestId id,
                                const overlay::Outcome<overlay::Stored>& outcome) {
  const Open open = take(id);
  if (!outcome) return open.reply(failed(outcome));
  json result = answerer(outcome->by);
  result["name"] = open.name;
  result["resource_id"] = open.resource.hex();
  result["generation"] = outcome->generation;
  json replicas = json::array();
  for (const NodeId& node : outcome->replicas)
    replicas.push_back(node.hex());
  result["replicas"] = replicas;
  open.reply(succeeded(std::move(result)));
}

void ControlCommands::on_fetched(Now now, overlay::RequestId id,
                                 const overlay::Outcome<overlay::Fetched>& outcome) {
  const Open open = take(id);
  if (!outcome) return open.reply(failed(outcome));
  BoundedList values;
  json nodes = json::array();
  bool any = false;
  for (const overlay::FetchedValue& value : outcome->values) {
    if (!value.exists) continue;
    any = true;
    json shown = value_json(now, value, open.kind);
    for (const json& node : shown.value("route", json::array()))
      nodes.push_back(node);
    values.add(std::move(shown));
  }
  if (open.lookup && !any) return open.reply(refused("nobody is registered as " + open.name));
  json result = answerer(outcome->by);
  result["name"] = open.name;
  result["resource_id"] = open.resource.hex();
  result["kind"] = open.kind;
  values.put(result, "values");
  result["nodes"] = nodes;
  open.reply(succeeded(std::move(result)));
}

void ControlCommands::on_pinged(Now /*now*/, overlay::RequestId id,
                                const overlay::Outcome<overlay::Pinged>& outcome) {
  const Open open = take(id);
  if (!outcome) return open.reply(failed(outcome));
  json result = answerer(outcome->by);
  result["target"] = open.name;
  result["time_ms"] = outcome->time_ms;
  open.reply(succeeded(std::move(result)));
}

}  // namespace chordial::app
