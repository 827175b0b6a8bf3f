#include "app/join_command.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/exit_code.h"
#include "app/node_file.h"
#include "app/node_toml.h"
#include "app/private_folder.h"
#include "app/surroundings.h"
#include "configuration/document.h"
#include "driver/clock.h"
#include "driver/secret_file.h"
#include "enrollment/file.h"
#include "enrollment/node_state.h"

namespace chordial::app {

namespace {

using enrollment::JoinFile;
using node::NodeConfig;

constexpr std::uint16_t link_port = configuration::default_port;
constexpr std::uint16_t application_port = link_port + 1;
constexpr std::uint16_t sip_port = 5060;

struct Plan {
  JoinFile file;
  NodeConfig config;
  std::string config_path;
  bool config_exists = false;
};

// What a text of --listen-… means, or the usual place.
std::optional<SocketAddress> listen_address(const std::string& text, const IpAddress& usual,
                                            std::uint16_t port) {
  if (text.empty()) return SocketAddress{usual, port};
  const auto address = SocketAddress::parse(text);
  return address && address->port != 0 ? address : std::nullopt;
}

// Peers cannot be told 0.0.0.0.
SocketAddress advertised(const SocketAddress& listen, const IpAddress& own) {
  return listen.ip.is_unspecified() ? SocketAddress{own, listen.port} : SocketAddress{};
}

// One interface for all: whoever names an address for one of the three means the others as well.
IpAddress usual_address(const JoinArguments& arguments, const IpAddress& own) {
  for (const std::string* given :
       {&arguments.listen_link, &arguments.listen_application, &arguments.listen_sip}) {
    if (const auto address = SocketAddress::parse(*given)) return address->ip;
  }
  return own;
}

int plan_listening(const JoinArguments& arguments, NodeConfig& config) {
  const IpAddress own = own_address();
  const IpAddress usual = usual_address(arguments, own);
  const auto link = listen_address(arguments.listen_link, usual, link_port);
  const auto application = listen_address(arguments.listen_application, usual, application_port);
  const auto sip = listen_address(arguments.listen_sip, usual, sip_port);
  if (!link || !application || !sip) {
    return complain(exit_usage,
                    "--listen-link, --listen-application and --listen-sip take an "
                    "address and a port, like 192.0.2.1:6084");
  }
  if (*link == *application || *link == *sip || *application == *sip) {
    return complain(exit_usage, "links, applications and phones need ports of their own",
                    "give --listen-link, --listen-application and --listen-sip three");
  }
  config.link_listen = *link;
  config.link_advertise = advertised(*link, own);
  config.application_listen = *application;
  config.application_advertise = advertised(*application, own);
  config.sip_udp = {*sip};
  config.sip_tcp = {*sip};
  return exit_well;
}

// Whoever stands first in the document may found the overlay: with two founders there would be two
// overlays.
bool is_founder(const NodeConfig& config, const JoinFile& file) {
  const auto document = configuration::read_configuration(file.document, file.overlay);
  if (!document) return false;
  const auto& listed = document->configuration.bootstrap_nodes;
  const SocketAddress self =
      config.link_advertise.port != 0 ? config.link_advertise : config.link_listen;
  return !listed.empty() && listed.front() == self;
}

int read_file_argument(const std::string& path, JoinFile& file) {
  const auto bytes = enrollment::read_file(path, "join file", enrollment::join_file_bytes_max);
  if (!bytes) return complain(exit_usage, path + ": " + sentence(bytes.error()));
  auto decoded = enrollment::decode_join_file(as_text(*bytes));
  if (!decoded) {
    return complain(exit_usage, path + ": " + sentence(decoded.error()),
                    "`chordial overlay admit NODE --out FILE.join` makes such a file");
  }
  file = std::move(*decoded);
  return exit_well;
}

// A configuration that is there is kept, so an option that says something else would do nothing.
int check_kept(const JoinArguments& arguments, const Plan& plan) {
  const NodeConfig& kept = plan.config;
  const auto listens = [](const std::string& given, const std::vector<SocketAddress>& at) {
    const auto address = SocketAddress::parse(given);
    return given.empty() || (address && std::find(at.begin(), at.end(), *address) != at.end());
  };
  const auto same_path = [](const std::string& given, const std::string& there) {
    return given.empty() || std::filesystem::absolute(given) == std::filesystem::absolute(there);
  };
  std::vector<SocketAddress> phones = kept.sip_udp;
  phones.insert(phones.end(), kept.sip_tcp.begin(), kept.sip_tcp.end());
  const struct {
    bool fits;
    const char* option;
    const char* key;
  } options[] = {
      {same_path(arguments.state_dir, kept.state_dir), "--state-dir", "node.state_dir"},
      {same_path(arguments.socket, kept.control_socket), "--socket", "node.control_socket"},
      {listens(arguments.listen_link, {kept.link_listen}), "--listen-link", "link.listen"},
      {listens(arguments.listen_application, {kept.application_listen}), "--listen-application",
       "application.listen"},
      {listens(arguments.listen_sip, phones), "--listen-sip", "sip.udp and sip.tcp"},
      {!arguments.first || kept.first, "--first", "node.first"},
  };
  for (const auto& option : options) {
    if (option.fits) continue;
    return complain(exit_usage,
                    plan.config_path + " is there already and is kept: " + option.option +
                        " would change nothing",
                    std::string("change ") + option.key +
                        " in that file, or move the file away and join again");
  }
  return exit_well;
}

int make_plan(const JoinArguments& arguments, Plan& plan) {
  if (const int code = read_file_argument(arguments.file, plan.file)) return code;
  const std::string& name = plan.file.overlay;
  const auto or_usual = [](const std::string& given, const std::string& usual) {
    return given.empty() ? usual : std::filesystem::absolute(given).string();
  };
  plan.config_path = or_usual(arguments.config, "/etc/chordial/" + name + ".toml");
  plan.config_exists = enrollment::file_exists(plan.config_path);
  if (plan.config_exists) {
    auto config = read_node_toml(plan.config_path);
    if (!config) return complain(exit_usage, config.error());
    plan.config = std::move(*config);
    return check_kept(arguments, plan);
  }
  plan.config.overlay = name;
  plan.config.state_dir = or_usual(arguments.state_dir, "/var/lib/chordial/" + name);
  plan.config.control_socket = or_usual(arguments.socket, "/run/chordial/" + name + ".sock");
  plan.config.bootstrap = plan.file.bootstrap;
  if (const int code = plan_listening(arguments, plan.config)) return code;
  plan.config.first = arguments.first || is_founder(plan.config, plan.file);
  return exit_well;
}

// A folder of another node or overlay is never overwritten.
int check_folder(const Plan& plan) {
  const auto there = enrollment::load_node_state(plan.config.state_dir, driver::system_now());
  if (!there ||
      (there->file.overlay == plan.file.overlay && there->file.node_id == plan.file.node_id)) {
    return exit_well;
  }
  return complain(exit_wrong,
                  plan.config.state_dir + " belongs to node " + there->file.node_name + " of " +
                      there->file.overlay,
                  "choose another folder with --state-dir");
}

int write_config(const Plan& plan) {
  const std::string text =
      node_file(plan.config, "Node " + plan.file.node_name + " of " + plan.file.overlay);
  if (const auto read_back = read_node_toml(plan.config_path, text); !read_back) {
    return complain(exit_usage, read_back.error());
  }
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(plan.config_path).parent_path(), error);
  const auto written = enrollment::write_file(plan.config_path, "configuration", as_bytes(text),
                                              enrollment::FileMode::open);
  if (written) return exit_well;
  return complain(plan.config_path, written.error(),
                  "run this as root, or give --config a place that you may write to");
}

SocketAddress phone_address(const NodeConfig& config) {
  const SocketAddress& listen =
      config.sip_udp.empty() ? config.sip_tcp.front() : config.sip_udp.front();
  return listen.ip.is_unspecified() ? SocketAddress{own_address(), listen.port} : listen;
}

void report(const JoinArguments& arguments, const Plan& plan) {
  const std::string start = "chordial node --config " + plan.config_path;
  const std::string phones = phone_address(plan.config).text();
  if (arguments.json) {
    nlohmann::ordered_json users = nlohmann::ordered_json::array();
    for (const enrollment::UserCredentials& user : plan.file.users)
      users.push_back(user.aor);
    const nlohmann::ordered_json facts = {
        {"overlay", plan.file.overlay},       {"node", plan.file.node_name},
        {"node_id", plan.file.node_id.hex()}, {"config", plan.config_path},
        {"config_kept", plan.config_exists},  {"state_dir", plan.config.state_dir},
        {"first", plan.config.first},         {"start", start},
        {"phones_register_at", phones},       {"users", users}};
    say(facts.dump(2) + '\n');
    return;
  }
  say("node " + plan.file.node_name + " of " + plan.file.overlay + " is ready\n  configuration " +
      plan.config_path + (plan.config_exists ? ", kept as it was" : "") + "\n  state         " +
      plan.config.state_dir + "\nstart:  " + start + "\nphones register at " + phones +
      " with the domain " + plan.file.overlay + " and their name and password\n");
  for (const enrollment::UserCredentials& user : plan.file.users)
    say("  " + user.aor + '\n');
  if (plan.config.first) say("this node may found the overlay: start it before the others\n");
}

}  // namespace

int run_join(const JoinArguments& arguments) {
  Plan plan;
  if (const int code = make_plan(arguments, plan)) return code;
  const Now now = driver::system_now();
  if (const auto opened = enrollment::open_credentials(plan.file, now); !opened) {
    // A file that has expired was right once; any other is the wrong one.
    return complain(opened.error().kind == ErrorKind::expired ? exit_wrong : exit_usage,
                    arguments.file + ": " + sentence(opened.error()),
                    "nothing was changed; ask the overlay's authority for a new file");
  }
  if (const int code = check_folder(plan)) return code;
  if (const int code = make_state_folder_private(plan.config.state_dir)) return code;
  if (const auto saved = enrollment::save_node_state(plan.config.state_dir, plan.file, now);
      !saved) {
    const bool forbidden = saved.error().kind == ErrorKind::forbidden;
    return complain(
        exit_wrong, plan.config.state_dir + ": " + sentence(saved.error()),
        forbidden ? "run this as root, or give --state-dir a folder that you may write to" : "");
  }
  driver::give_to_owner_of_folder(plan.config.state_dir, plan.config.state_dir + "/credentials");
  if (!plan.config_exists) {
    if (const int code = write_config(plan)) return code;
  }
  report(arguments, plan);
  return exit_well;
}

}  // namespace chordial::app
