#include "app/control_commands.h"

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

std::string failed(const std::string& error) {
  return json{{"ok", false}, {"error", error}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <class T>
std::string failed(const overlay::Outcome<T>& outcome) {
  const std::uint16_t code = outcome.error().reload_code;
  const std::string name = code == 0 ? "" : wire::name_of(static_cast<wire::ErrorCode>(code));
  const Error& error = outcome.error().error;
  if (name == error.reason) return failed(name);
  return failed(name.empty() ? std::string(error.field) + ": " + error.reason
                             : name + ": " + error.reason);
}

json answerer(const overlay::Answerer& by) {
  return {{"by", by.node.hex()},
          {"hops", by.hops},
          {"rtt_ms", static_cast<double>(by.round_trip.count()) / 1000.0}};
}

// The canonical address of "sip:bob@example.org" or "bob@example.org"; empty for anything else.
std::string aor_of(const std::string& text) {
  const std::string whole = text.find(':') == std::string::npos ? "sip:" + text : text;
  const auto uri = sip::Uri::parse(whole);  // keeps views of it
  if (!uri) return {};
  const auto aor = sip::canonical_aor(*uri);
  return aor ? *aor : std::string();
}

std::optional<std::uint32_t> kind_of(const std::string& text) {
  const bool hexadecimal = text.starts_with("0x");
  const char* begin = text.data() + (hexadecimal ? 2 : 0);
  const char* end = text.data() + text.size();
  std::uint32_t kind = 0;
  const auto [stop, error] = std::from_chars(begin, end, kind, hexadecimal ? 16 : 10);
  if (error != std::errc{} || stop != end || begin == end) return std::nullopt;
  return kind;
}

json value_json(const overlay::FetchedValue& value, std::uint32_t kind) {
  json shown = {{"exists", value.exists},
                {"value", to_hex(value.value)},
                {"storage_time", value.storage_time_ms},
                {"lifetime", value.lifetime_s},
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

}  // namespace

ControlCommands::~ControlCommands() {
  for (const auto& [id, open] : open_)
    node_.peer().cancel(id);
}

void ControlCommands::handle(Now now, std::string_view request, Reply reply) {
  const json parsed = json::parse(request, nullptr, false);
  if (!parsed.is_object() || !parsed.value("command", json()).is_string()) {
    reply(failed("a request is one JSON object with a command"));
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
  if (command == "status") return reply(succeeded(status_json(node_.status())));
  if (command == "peers") return reply(succeeded(peers_json(node_.status())));
  if (command == "routes") return reply(succeeded(routes_json(node_.status(), node_.usage())));
  if (command == "registrations") return reply(succeeded(registrations_json(now, node_)));
  if (command == "counters") return reply(succeeded(counters_json(node_)));
  if (open_.size() >= open_max)
    return reply(failed("too many commands wait for the overlay; try again"));
  if (command == "lookup" && arguments.size() == 1)
    return start_lookup(now, arguments[0], std::move(reply));
  if (command == "ping" && arguments.size() == 1)
    return start_ping(now, arguments[0], std::move(reply));
  if (command == "store") return start_store(now, arguments, std::move(reply));
  if (command == "fetch") return start_fetch(now, arguments, std::move(reply));
  reply(failed("unknown command '" + command + "' or wrong number of arguments"));
}

void ControlCommands::keep(overlay::RequestId id, Reply reply, std::string name,
                           const ResourceId& resource) {
  open_.emplace(id, Open{std::move(reply), std::move(name), resource});
}

ControlCommands::Open ControlCommands::take(overlay::RequestId id) {
  const auto place = open_.find(id);
  if (place == open_.end()) return {[](const std::string&) {}, {}, {}};
  Open open = std::move(place->second);
  open_.erase(place);
  return open;
}

void ControlCommands::start_lookup(Now now, const std::string& aor, Reply reply) {
  const std::string canonical = aor_of(aor);
  if (canonical.empty())
    return reply(failed("'" + aor + "' is no address of record like sip:bob@example.org"));
  overlay::Fetch fetch;
  fetch.resource = storage::resource_id_of(canonical);
  fetch.kind = wire::kind_sip_registration;
  keep(node_.peer().fetch(now, fetch, *this), std::move(reply), canonical, fetch.resource);
}

void ControlCommands::start_ping(Now now, const std::string& target, Reply reply) {
  overlay::Target destination;
  ResourceId resource{};
  if (const auto node = NodeId::from_hex(target)) {
    destination = overlay::Target::node(*node);
  } else if (const std::string aor = aor_of(target); !aor.empty()) {
    resource = storage::resource_id_of(aor);
    destination = overlay::Target::of(resource);
  } else {
    return reply(failed(
        "'" + target + "' is neither a Node-ID of 32 hexadecimal digits nor an address of record"));
  }
  keep(node_.peer().ping(now, destination, *this), std::move(reply), target, resource);
}

// NAME KIND VALUE LIFETIME_S [KEY]
void ControlCommands::start_store(Now now, const std::vector<std::string>& arguments, Reply reply) {
  if (arguments.size() < 4)
    return reply(failed("store wants a resource name, a Kind, a value and a lifetime"));
  const auto kind = kind_of(arguments[1]);
  const auto lifetime = kind_of(arguments[3]);
  const auto key = from_hex(arguments.size() > 4 ? arguments[4] : std::string());
  if (!kind || !lifetime || !key)
    return reply(failed("Kind and lifetime are numbers, the key is hexadecimal"));
  overlay::Store store;
  store.resource = storage::resource_id_of(arguments[0]);
  store.kind = *kind;
  store.lifetime_s = *lifetime;
  overlay::Value value;
  value.key = *key;
  value.value = to_bytes(as_bytes(arguments[2]));
  store.values.push_back(std::move(value));
  keep(node_.peer().store(now, store, node_.user_signer(arguments[0]), *this), std::move(reply),
       arguments[0], store.resource);
}

// NAME KIND
void ControlCommands::start_fetch(Now now, const std::vector<std::string>& arguments, Reply reply) {
  const auto kind = arguments.size() == 2 ? kind_of(arguments[1]) : std::nullopt;
  if (!kind) return reply(failed("fetch wants a resource name and a Kind's number"));
  overlay::Fetch fetch;
  fetch.resource = storage::resource_id_of(arguments[0]);
  fetch.kind = *kind;
  keep(node_.peer().fetch(now, fetch, *this), std::move(reply), arguments[0], fetch.resource);
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

void ControlCommands::on_fetched(Now /*now*/, overlay::RequestId id,
                                 const overlay::Outcome<overlay::Fetched>& outcome) {
  const Open open = take(id);
  if (!outcome) return open.reply(failed(outcome));
  json result = answerer(outcome->by);
  result["name"] = open.name;
  result["resource_id"] = open.resource.hex();
  json values = json::array();
  json nodes = json::array();
  for (const overlay::FetchedValue& value : outcome->values) {
    if (!value.exists) continue;
    json shown = value_json(value, wire::kind_sip_registration);
    for (const json& node : shown.value("route", json::array()))
      nodes.push_back(node);
    values.push_back(std::move(shown));
  }
  result["values"] = values;
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
