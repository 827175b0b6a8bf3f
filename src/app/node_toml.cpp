#include "app/node_toml.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <toml++/toml.h>

namespace chordial::app {

namespace {

using node::NodeConfig;

struct Complaint {
  std::string what;
};

// Reads one value into the configuration; a complaint says what is wrong and what to write instead.
using Reader = std::optional<Complaint> (*)(const toml::node& value, NodeConfig& config);

struct Key {
  NodeKey name;
  Reader read;
};

template <std::string NodeConfig::*member>
std::optional<Complaint> text(const toml::node& value, NodeConfig& config) {
  const auto read = value.value_exact<std::string>();
  if (!read) return Complaint{"must be a text in quotes"};
  config.*member = *read;
  return std::nullopt;
}

template <bool NodeConfig::*member>
std::optional<Complaint> boolean(const toml::node& value, NodeConfig& config) {
  const auto read = value.value_exact<bool>();
  if (!read) return Complaint{"must be true or false"};
  config.*member = *read;
  return std::nullopt;
}

template <auto member, std::int64_t low, std::int64_t high>
std::optional<Complaint> number(const toml::node& value, NodeConfig& config) {
  const auto read = value.value_exact<std::int64_t>();
  if (!read || *read < low || *read > high) {
    return Complaint{"must be a number from " + std::to_string(low) + " to " +
                     std::to_string(high)};
  }
  using Number = std::remove_reference_t<decltype(config.*member)>;
  config.*member = static_cast<Number>(*read);
  return std::nullopt;
}

template <SocketAddress NodeConfig::*member>
std::optional<Complaint> address(const toml::node& value, NodeConfig& config) {
  const auto read = value.value_exact<std::string>();
  const auto parsed = read ? SocketAddress::parse(*read) : std::nullopt;
  if (!parsed)
    return Complaint{
        "must be an address and a port like \"192.0.2.1:6084\" or \"[2001:db8::1]:6084\""};
  config.*member = *parsed;
  return std::nullopt;
}

template <class T>
constexpr std::size_t list_max = 64;

template <class T, class Parse>
std::optional<Complaint> list(const toml::node& value, std::vector<T>& into, Parse parse,
                              const char* wanted) {
  const toml::array* array = value.as_array();
  if (array == nullptr || array->size() > list_max<T>) {
    return Complaint{std::string("must be a list of at most 64 ") + wanted};
  }
  into.clear();
  for (const toml::node& entry : *array) {
    const auto read = entry.value_exact<std::string>();
    auto parsed = read ? parse(*read) : std::nullopt;
    if (!parsed) return Complaint{std::string("every entry must be ") + wanted};
    into.push_back(std::move(*parsed));
  }
  return std::nullopt;
}

template <std::vector<SocketAddress> NodeConfig::*member>
std::optional<Complaint> addresses(const toml::node& value, NodeConfig& config) {
  return list(value, config.*member, SocketAddress::parse, "texts like \"192.0.2.1:5060\"");
}

std::optional<Complaint> aliases(const toml::node& value, NodeConfig& config) {
  const auto parse = [](const std::string& host) -> std::optional<std::string> {
    std::string lower = host;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return host.empty() || host.find('@') != std::string::npos ? std::nullopt
                                                               : std::optional(lower);
  };
  return list(value, config.aliases, parse, "host names in quotes");
}

std::optional<Complaint> trusted(const toml::node& value, NodeConfig& config) {
  const auto parse = [](const std::string& ip) { return IpAddress::parse(ip); };
  return list(value, config.trusted_addresses, parse, "IP addresses in quotes");
}

std::optional<Complaint> log_level(const toml::node& value, NodeConfig& config) {
  const auto read = value.value_exact<std::string>().value_or("");
  static constexpr std::pair<const char*, LogLevel> levels[] = {{"debug", LogLevel::debug},
                                                                {"info", LogLevel::info},
                                                                {"warning", LogLevel::warning},
                                                                {"error", LogLevel::error},
                                                                {"off", LogLevel::off}};
  for (const auto& [name, level] : levels) {
    if (read != name) continue;
    config.log_level = level;
    return std::nullopt;
  }
  return Complaint{"must be \"debug\", \"info\", \"warning\", \"error\" or \"off\""};
}

constexpr Key keys[] = {
    {{"node", "overlay"}, text<&NodeConfig::overlay>},
    {{"node", "state_dir"}, text<&NodeConfig::state_dir>},
    {{"node", "control_socket"}, text<&NodeConfig::control_socket>},
    {{"node", "bootstrap"}, addresses<&NodeConfig::bootstrap>},
    {{"node", "first"}, boolean<&NodeConfig::first>},
    {{"node", "client"}, boolean<&NodeConfig::client>},
    {{"link", "listen"}, address<&NodeConfig::link_listen>},
    {{"link", "advertise"}, address<&NodeConfig::link_advertise>},
    {{"application", "listen"}, address<&NodeConfig::application_listen>},
    {{"application", "advertise"}, address<&NodeConfig::application_advertise>},
    {{"sip", "udp"}, addresses<&NodeConfig::sip_udp>},
    {{"sip", "tcp"}, addresses<&NodeConfig::sip_tcp>},
    {{"sip", "aliases"}, aliases},
    {{"sip", "trusted_addresses"}, trusted},
    {{"sip", "expires_min_s"}, number<&NodeConfig::expires_min_s, 1, 3600>},
    {{"sip", "expires_max_s"}, number<&NodeConfig::expires_max_s, 60, 604800>},
    {{"sip", "offer_md5"}, boolean<&NodeConfig::offer_md5>},
    {{"limits", "links_max"}, number<&NodeConfig::links_max, 8, 65536>},
    {{"limits", "transactions_max"}, number<&NodeConfig::transactions_max, 16, 1048576>},
    {{"limits", "users_max"}, number<&NodeConfig::users_max, 1, 1048576>},
    {{"limits", "connections_max"}, number<&NodeConfig::connections_max, 1, 65536>},
    {{"log", "level"}, log_level},
    {{"log", "keylog"}, text<&NodeConfig::keylog>},
};

std::string at(const std::string& path, const toml::source_region& region) {
  return path + ":" + std::to_string(region.begin.line) + ": ";
}

bool is_section(std::string_view name) {
  return std::any_of(std::begin(keys), std::end(keys),
                     [&](const Key& key) { return key.name.section == name; });
}

std::string keys_of(std::string_view section) {
  std::string names;
  for (const Key& key : keys) {
    if (key.name.section == section)
      names += (names.empty() ? "" : ", ") + std::string(key.name.name);
  }
  return names;
}

std::optional<std::string> read_section(const std::string& path, std::string_view section,
                                        const toml::table& table, NodeConfig& config) {
  for (const auto& [name, value] : table) {
    const auto key = std::find_if(std::begin(keys), std::end(keys), [&](const Key& candidate) {
      return candidate.name.section == section && candidate.name.name == name.str();
    });
    if (key == std::end(keys)) {
      return at(path, name.source()) + "unknown key '" + std::string(name.str()) + "' in [" +
             std::string(section) + "]; it has " + keys_of(section);
    }
    if (const auto complaint = key->read(value, config)) {
      return at(path, value.source()) + std::string(section) + "." + std::string(name.str()) + " " +
             complaint->what;
    }
  }
  return std::nullopt;
}

std::optional<std::string> missing(const std::string& path, const NodeConfig& config) {
  const auto need = [&](const char* key, const char* example) {
    return path + ": " + key + " is missing; add " + example;
  };
  if (config.state_dir.empty())
    return need("node.state_dir", "the folder that `chordial join` made");
  if (config.link_listen.port == 0)
    return need("link.listen", "listen = \"0.0.0.0:6084\" under [link]");
  if (config.application_listen.port == 0) {
    return need("application.listen", "listen = \"0.0.0.0:6085\" under [application]");
  }
  if (config.sip_udp.empty() && config.sip_tcp.empty()) {
    return need("sip.udp",
                "udp = [\"192.0.2.1:5060\"] under [sip], the address phones register at");
  }
  if (config.expires_min_s > config.expires_max_s) {
    return path + ": sip.expires_min_s is above sip.expires_max_s; make it smaller";
  }
  return std::nullopt;
}

}  // namespace

std::span<const NodeKey> node_keys() {
  static const std::vector<NodeKey> names = [] {
    std::vector<NodeKey> all;
    for (const Key& key : keys)
      all.push_back(key.name);
    return all;
  }();
  return names;
}

tl::expected<NodeConfig, std::string> read_node_toml(const std::string& path,
                                                     std::string_view text) {
  NodeConfig config;
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    return tl::unexpected(at(path, parsed.error().source()) +
                          std::string(parsed.error().description()) + "; correct the TOML there");
  }
  const toml::table& root = parsed.table();
  for (const auto& [name, value] : root) {
    if (!is_section(name.str()) || !value.is_table()) {
      return tl::unexpected(
          at(path, name.source()) + "unknown section or key '" + std::string(name.str()) +
          "'; there are [node], [link], [application], [sip], [limits] and [log]");
    }
    if (auto wrong = read_section(path, name.str(), *value.as_table(), config))
      return tl::unexpected(*wrong);
  }
  if (auto wrong = missing(path, config)) return tl::unexpected(*wrong);
  return config;
}

tl::expected<NodeConfig, std::string> read_node_toml(const std::string& path) {
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(path, error))
    return tl::unexpected(path +
                          ": cannot be read; give --config the file that `chordial join` wrote");
  std::ostringstream text;
  text << file.rdbuf();
  return read_node_toml(path, text.str());
}

}  // namespace chordial::app
