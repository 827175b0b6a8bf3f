#include "app/query_text.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace chordial::app {

namespace {

using json = nlohmann::ordered_json;

std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string text_at(const json& object, const char* name) {
  return object.is_object() && object.contains(name) ? plain(object[name]) : std::string();
}

const json& list_at(const json& object, const char* name) {
  static const json none = json::array();
  if (!object.is_object() || !object.contains(name) || !object[name].is_array()) return none;
  return object[name];
}

double number_at(const json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_number()) return 0;
  return object[name].get<double>();
}

// "3 h 20 min", "5 min 2 s", "12 s": two units say enough.
std::string duration_text(double seconds) {
  const auto s = static_cast<long long>(std::clamp(seconds, 0.0, 1e12));
  const auto two = [](long long big, const char* unit, long long small, const char* smaller) {
    std::string text = std::to_string(big) + ' ' + unit;
    return small == 0 ? text : text + ' ' + std::to_string(small) + ' ' + smaller;
  };
  if (s >= 86400) return two(s / 86400, "d", s % 86400 / 3600, "h");
  if (s >= 3600) return two(s / 3600, "h", s % 3600 / 60, "min");
  if (s >= 60) return two(s / 60, "min", s % 60, "s");
  return std::to_string(s) + " s";
}

std::string milliseconds_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", value);
  return text;
}

// Columns as wide as they need to be; the first line is the heading.
std::string table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text += std::string(widths[i] - line[i].size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

// Field by field, one a line.
void print_fields(const json& value, std::size_t indent, std::string& text) {
  const std::string margin(indent, ' ');
  for (const auto& [name, inner] : value.items()) {
    const std::string label = margin + (value.is_array() ? "-" : name + ":");
    if (inner.is_structured() && !inner.empty()) {
      text += label + '\n';
      print_fields(inner, indent + 2, text);
    } else {
      text += label + ' ' + (inner.is_structured() ? "none" : plain(inner)) + '\n';
    }
  }
}

std::string left_out_text(const json& result) {
  const std::string more = text_at(result, "left_out");
  return more.empty() ? "" : "and " + more + " more, which are not shown\n";
}

std::string counted(const std::string& count, const char* one) {
  return count + ' ' + one + (count == "1" ? "" : "s");
}

// A line of the status, where the node says so much.
void add_line(const json& result, const char* field, const char* label, const std::string& what,
              std::string& text) {
  if (result.contains(field)) text += std::string(label) + ": " + what + '\n';
}

std::string nodes_text(const json& list) {
  std::string text;
  for (const json& node : list)
    text += (text.empty() ? "" : ", ") + plain(node);
  return text.empty() ? "none" : text;
}

const json& object_at(const json& object, const char* name) {
  static const json none = json::object();
  return object.is_object() && object.contains(name) ? object[name] : none;
}

std::string problems_text(const json& problems) {
  if (problems.empty()) return "problems: none\n";
  std::string text;
  for (const json& problem : problems) {
    text += "problem: " + text_at(problem, "code") + ": " + text_at(problem, "text") +
            "\n  action: " + text_at(problem, "action") + '\n';
  }
  return text;
}

// State and problems first.
std::string status_text(const json& result) {
  std::string text = "state: " + text_at(result, "state") + '\n';
  text += problems_text(list_at(result, "problems"));
  char size[32];
  std::snprintf(size, sizeof size, "%.0f", number_at(result, "overlay_size_estimate"));
  add_line(result, "overlay", "overlay",
           text_at(result, "overlay") + ", about " + counted(size, "node") + ", " +
               text_at(result, "algorithm") + ", document " + text_at(result, "document_sequence"),
           text);
  add_line(result, "names_proven", "names",
           result.value("names_proven", false) ? "proven by the overlay's authority"
                                               : "not proven: anybody may be called anything",
           text);
  add_line(result, "node_id", "node",
           text_at(result, "node_id") + ", a " + text_at(result, "role") + ", version " +
               text_at(result, "version"),
           text);
  const json& bootstrap = object_at(result, "bootstrap");
  const std::string address = text_at(bootstrap, "address");
  add_line(result, "bootstrap", "bootstrap",
           text_at(bootstrap, "method") + (address.empty() ? "" : ", " + address), text);
  const json& clock = object_at(result, "clock");
  add_line(result, "clock", "clock",
           text_at(clock, "source") + ", offset " + text_at(clock, "offset_ms") + " ms", text);
  const json& registrations = object_at(result, "registrations");
  add_line(result, "registrations", "registrations",
           text_at(registrations, "local") + " here, " + text_at(registrations, "stored") +
               " of them in the overlay",
           text);
  const json& storage = object_at(result, "storage");
  add_line(result, "storage", "storage",
           counted(text_at(storage, "resources"), "resource") + ", " +
               counted(text_at(storage, "bytes"), "byte"),
           text);
  const auto links = static_cast<long long>(number_at(result, "left_out")) +
                     static_cast<long long>(list_at(result, "links").size());
  add_line(result, "links", "links", std::to_string(links), text);
  add_line(result, "successors", "successors", nodes_text(list_at(result, "successors")), text);
  add_line(result, "predecessors", "predecessors", nodes_text(list_at(result, "predecessors")),
           text);
  return text;
}

std::string peers_text(const json& result) {
  const json& peers = list_at(result, "peers");
  if (peers.empty()) return "no links\n";
  std::vector<std::vector<std::string>> lines = {
      {"NODE", "ADDRESS", "PATH", "RTT", "LAST CONTACT", "SECURITY"}};
  for (const json& peer : peers) {
    const bool client = peer.value("client", false);
    lines.push_back({text_at(peer, "node_id"), text_at(peer, "address"),
                     text_at(peer, "path") + (client ? ", client" : ""),
                     milliseconds_text(number_at(peer, "rtt_ms")),
                     duration_text(number_at(peer, "last_contact_s")) + " ago",
                     text_at(peer, "security")});
  }
  return table(lines) + left_out_text(result);
}

std::string registrations_text(const json& result) {
  const json& users = list_at(result, "registrations");
  if (users.empty()) return "no phone is registered here\n";
  std::string text;
  for (const json& user : users) {
    text += text_at(user, "aor") + '\n';
    for (const json& contact : list_at(user, "contacts")) {
      text += "  " + text_at(contact, "uri") + ", for another " +
              duration_text(number_at(contact, "expires_in_s")) + ", by " +
              text_at(contact, "flow") + '\n';
    }
  }
  return text + left_out_text(result);
}

std::string answered_text(const json& result) {
  return "answered by " + text_at(result, "by") + " over " +
         counted(text_at(result, "hops"), "link") + " in " +
         milliseconds_text(number_at(result, "rtt_ms")) + '\n';
}

// As text where it is one, else in hexadecimal.
std::string value_text(const json& value) {
  const auto bytes = from_hex(text_at(value, "value"));
  if (!bytes || bytes->empty()) return bytes ? "empty" : text_at(value, "value");
  const bool readable = std::all_of(bytes->begin(), bytes->end(),
                                    [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f; });
  return readable ? '"' + std::string(as_text(*bytes)) + '"' : "0x" + to_hex(*bytes);
}

std::string last_of(const json& list) {
  return list.empty() ? std::string() : plain(list.back());
}

std::string lookup_text(const json& result) {
  std::string text = text_at(result, "name") + '\n';
  for (const json& value : list_at(result, "values")) {
    const std::string forward = text_at(value, "forward_to");
    const std::string node = last_of(list_at(value, "route"));
    if (!forward.empty()) {
      text += "  calls go to " + forward;
    } else {
      text += node.empty() ? "  a record that cannot be read" : "  at node " + node;
    }
    text += ", for another " + duration_text(number_at(value, "expires_in_s")) + '\n';
  }
  return text + left_out_text(result) + answered_text(result);
}

std::string fetch_text(const json& result) {
  const json& values = list_at(result, "values");
  std::string text = values.empty() ? "nothing is stored there\n" : "";
  for (const json& value : values) {
    const std::string key = text_at(value, "key");
    text += (key.empty() ? "" : key + ": ") + value_text(value) + ", for another " +
            duration_text(number_at(value, "expires_in_s")) + '\n';
  }
  return text + left_out_text(result) + answered_text(result);
}

std::string store_text(const json& result) {
  std::string text = "stored as " + text_at(result, "name") + ", generation " +
                     text_at(result, "generation") + '\n';
  const json& replicas = list_at(result, "replicas");
  for (const json& node : replicas)
    text += "  copy at " + plain(node) + '\n';
  return text + answered_text(result);
}

}  // namespace

std::string query_text(const std::string& command, const json& result) {
  if (command == "status") return status_text(result);
  if (command == "peers") return peers_text(result);
  if (command == "registrations") return registrations_text(result);
  if (command == "lookup") return lookup_text(result);
  if (command == "fetch") return fetch_text(result);
  if (command == "store") return store_text(result);
  if (command == "ping") return answered_text(result);
  std::string text;
  print_fields(result, 0, text);
  return text;
}

}  // namespace chordial::app
