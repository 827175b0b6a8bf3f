#include "app/command_line.h"

#include <algorithm>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <functional>
#include <iostream>
#include <memory>

#include "app/decode_command.h"
#include "app/exit_code.h"
#include "app/join_command.h"
#include "app/node_command.h"
#include "app/overlay_command.h"
#include "app/query_command.h"
#include "app/sim_command.h"
#include "app/user_command.h"
#include "app/version.h"
#include "app/version_command.h"

namespace chordial::app {

namespace {

// The command that was chosen while parsing.
using Chosen = std::function<int()>;

constexpr const char* json_help = "Facts as JSON";
constexpr const char* directory_help = "The authority's folder";
constexpr const char* aor_help = "alice or alice@home.example";

// A command whose arguments live as long as the parser.
template <class Arguments>
std::shared_ptr<Arguments> arguments_of(CLI::App& command, Chosen& chosen,
                                        int (*run)(const Arguments&)) {
  auto arguments = std::make_shared<Arguments>();
  command.final_callback(
      [arguments, run, &chosen] { chosen = [arguments, run] { return run(*arguments); }; });
  return arguments;
}

void add_overlay_create(CLI::App& overlay, Chosen& chosen) {
  CLI::App* command = overlay.add_subcommand(
      "create", "Make a new overlay: its authority and its signed configuration document");
  const auto a = arguments_of<OverlayCreateArguments>(*command, chosen, run_overlay_create);
  command->add_option("NAME", a->name, "The overlay's name, a DNS name like home.example")
      ->required();
  command->add_option("--dir", a->directory, "Folder for the authority; made if need be")
      ->required();
  command->add_option("--algorithm", a->algorithm, "Overlay algorithm: chord")
      ->capture_default_str();
  command->add_flag("--integrity-only", a->integrity_only,
                    "Authenticated but readable, where the law forbids encryption");
  command->add_flag("--no-ice", a->no_ice,
                    "All nodes reach each other without ICE. Needed: this build knows no other");
  command->add_option("--successors", a->successors, "Length of the successor list, 1 to 32");
  command->add_option("--fingers", a->fingers, "Long links of each node, 0 to 128");
  command->add_option("--replicas", a->replicas, "Copies of each record beside the first, 0 to 8");
  command
      ->add_option("--full-mesh", a->full_mesh,
                   "Small overlays link everybody to everybody: on, off")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, bool>{{"on", true}, {"off", false}}))
      ->default_str("on");
  command
      ->add_option("--sip-tunnel", a->sip_tunnel, "SIP may travel inside RELOAD messages: on, off")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, bool>{{"on", true}, {"off", false}}))
      ->default_str("on");
  command->add_option("--bootstrap", a->bootstrap,
                      "Addresses of nodes that others find the overlay by; the first may found it");
  command->add_flag("--json", a->json, json_help);
}

void add_overlay(CLI::App& app, Chosen& chosen) {
  CLI::App* overlay = app.add_subcommand("overlay", "Make an overlay and let nodes into it");
  overlay->require_subcommand(1);
  add_overlay_create(*overlay, chosen);

  CLI::App* admit = overlay->add_subcommand(
      "admit", "Let a node in: one file with everything it needs. Again: renews it");
  const auto a = arguments_of<OverlayAdmitArguments>(*admit, chosen, run_overlay_admit);
  admit->add_option("NODE-NAME", a->node, "The node's name, for people")->required();
  admit->add_option("--dir", a->directory, directory_help)->required();
  admit->add_option("--out", a->out, "The join file to write")->required();
  admit->add_option("--node-id", a->node_id, "A Node-ID of your choice, for laboratories");
  admit->add_option("--bootstrap", a->bootstrap, "Addresses beside those of the document");
  admit->add_flag("--json", a->json, json_help);

  CLI::App* delegate =
      overlay->add_subcommand("delegate", "Let a site add users of its own while it is cut off");
  const auto d = arguments_of<OverlayDelegateArguments>(*delegate, chosen, run_overlay_delegate);
  delegate->add_option("NODE-NAME", d->node, "The site's node, admitted before")->required();
  delegate->add_option("--pattern", d->pattern, "Which AORs, like '2[0-9]+@home\\.example'")
      ->required();
  delegate->add_option("--dir", d->directory, directory_help)->required();
  delegate->add_option("--out", d->out, "The site file to write")->required();
  delegate->add_flag("--json", d->json, json_help);
}

void add_join(CLI::App& app, Chosen& chosen) {
  CLI::App* join = app.add_subcommand(
      "join", "Make this machine a node: state and configuration from a join file");
  const auto a = arguments_of<JoinArguments>(*join, chosen, run_join);
  join->add_option("FILE", a->file, "The file of `chordial overlay admit`")->required();
  join->add_option("--config", a->config,
                   "Configuration to write; one that is there already is kept");
  join->add_option("--state-dir", a->state_dir, "Folder for keys and database");
  join->add_option("--socket", a->socket, "Control socket of the node");
  join->add_option("--listen-link", a->listen_link,
                   "ADDRESS:PORT for links to other nodes; the others take its address");
  join->add_option("--listen-application", a->listen_application,
                   "ADDRESS:PORT for direct connections");
  join->add_option("--listen-sip", a->listen_sip, "ADDRESS:PORT for phones, UDP and TCP");
  join->add_flag("--first", a->first, "This node may found the overlay when nobody answers");
  join->add_flag("--json", a->json, json_help);
}

void add_node(CLI::App& app, Chosen& chosen) {
  CLI::App* node = app.add_subcommand("node", "Run one node until it is told to leave");
  const auto a = arguments_of<NodeArguments>(*node, chosen, run_node);
  node->add_option("--config", a->config, "The configuration that `chordial join` wrote")
      ->required();
  node->add_option("--state-dir", a->state_dir, "Instead of node.state_dir");
  node->add_option("--socket", a->socket, "Instead of node.control_socket");
  node->add_option("--keylog", a->keylog, "Instead of log.keylog");
}

void add_sim(CLI::App& app, Chosen& chosen) {
  CLI::App* sim = app.add_subcommand("sim", "The same code in a virtual world of many peers");
  sim->require_subcommand(1);
  CLI::App* run =
      sim->add_subcommand("run", "Run a scenario; exit 1 when what it expects is not met");
  const auto a = arguments_of<SimRunArguments>(*run, chosen, run_sim);
  run->add_option("SCENARIO", a->scenario, "A TOML file, or a name of `chordial sim scenarios`")
      ->required();
  run->add_option("--seed", a->seed, "Instead of the scenario's");
  run->add_option("--threads", a->threads, "Threads; they do not change the run");
  run->add_option("--report", a->report, "HTML report to write");
  run->add_flag("--json", a->json, json_help);
  CLI::App* fuzz = sim->add_subcommand("fuzz", "Random scenarios until one fails");
  const auto f = arguments_of<SimFuzzArguments>(*fuzz, chosen, run_sim_fuzz);
  fuzz->add_option("--minutes", f->minutes, "How long")->capture_default_str();
  fuzz->add_option("--seed", f->seed, "Only this one, again");
  fuzz->add_flag("--json", f->json, json_help);
  CLI::App* scenarios = sim->add_subcommand("scenarios", "The scenarios that are built in");
  const auto s = arguments_of<SimScenariosArguments>(*scenarios, chosen, run_sim_scenarios);
  scenarios->add_flag("--json", s->json, json_help);
}

std::shared_ptr<UserArguments> add_user_verb(CLI::App& user, Chosen& chosen, const char* verb,
                                             const char* what, int (*run)(const UserArguments&)) {
  CLI::App* command = user.add_subcommand(verb, what);
  auto arguments = arguments_of<UserArguments>(*command, chosen, run);
  command->add_option("--dir", arguments->directory, directory_help)->required();
  command->add_flag("--json", arguments->json, json_help);
  return arguments;
}

// `user add` goes to the authority, or with --site to the site's own node.
void add_user_add(CLI::App& user, Chosen& chosen) {
  CLI::App* command =
      user.add_subcommand("add", "Add a user; the password comes from standard input or a prompt");
  auto a = std::make_shared<UserArguments>();
  auto s = std::make_shared<SiteUserArguments>();
  command->add_option("AOR", a->user, aor_help)->required();
  CLI::Option* dir = command->add_option("--dir", a->directory, directory_help);
  command
      ->add_option("--nodes", a->nodes,
                   "Nodes A,B, admitted before, where the user has phones; without: all")
      ->needs(dir);
  CLI::Option* state = command->add_option("--state-dir", s->state_dir, "The node's state folder");
  CLI::Option* site =
      command->add_option("--site", s->site, "The file of `chordial overlay delegate`")
          ->needs(state)
          ->excludes(dir);
  state->needs(site);
  command->add_flag("--json", a->json, json_help);
  command->final_callback([a, s, &chosen] {
    if (a->directory.empty() && s->site.empty()) throw CLI::RequiredError("--dir");
    s->user = a->user;
    s->json = a->json;
    chosen = [a, s] { return s->site.empty() ? run_user_add(*a) : run_user_add_at_site(*s); };
  });
}

void add_user(CLI::App& app, Chosen& chosen) {
  CLI::App* user = app.add_subcommand("user", "Who has an account, and at which nodes");
  user->require_subcommand(1);
  add_user_add(*user, chosen);
  const auto passwd =
      add_user_verb(*user, chosen, "passwd", "Give a user another password", run_user_passwd);
  user->get_subcommand("passwd")->add_option("AOR", passwd->user, aor_help)->required();
  add_user_verb(*user, chosen, "list", "All users", run_user_list);
  const auto remove = add_user_verb(*user, chosen, "remove",
                                    "Remove a user and forbid the certificates", run_user_remove);
  user->get_subcommand("remove")->add_option("AOR", remove->user, aor_help)->required();
  const auto import =
      add_user_verb(*user, chosen, "import",
                    "Add users from lines user,password[,node;node]; all or none", run_user_import);
  user->get_subcommand("import")
      ->add_option("FILE", import->user, "The lines; - for standard input")
      ->required();
}

void add_decode(CLI::App& app, Chosen& chosen) {
  CLI::App* decode = app.add_subcommand("decode", "Show one RELOAD message as JSON");
  const auto a = arguments_of<DecodeArguments>(*decode, chosen, run_decode);
  decode->add_option("FILE", a->file, "The message; - for standard input")->required();
  decode->add_flag("--hex", a->hex, "The file is hexadecimal text");
  decode->add_flag("--reencode", a->reencode, "Print the message as the codec writes it, in hex");
}

struct Positional {
  const char* name;
  const char* help;
};
struct Query {
  const char* command;
  const char* help;
  std::vector<Positional> required;
  std::optional<Positional> optional = std::nullopt;
};

void add_query(CLI::App& app, Chosen& chosen, const Query& query) {
  CLI::App* command = app.add_subcommand(query.command, query.help);
  auto a = std::make_shared<QueryArguments>();
  a->command = query.command;
  auto values = std::make_shared<std::vector<std::string>>(query.required.size() + 1);
  for (std::size_t i = 0; i < query.required.size(); ++i) {
    command->add_option(query.required[i].name, (*values)[i], query.required[i].help)->required();
  }
  if (query.optional) {
    command->add_option(query.optional->name, values->back(), query.optional->help);
  }
  CLI::Option* socket = command->add_option("--socket", a->socket, "The node's control socket");
  command->add_option("--config", a->config, "The node's configuration, which names the socket")
      ->excludes(socket);
  command->add_flag("--json", a->json, json_help);
  command->final_callback([a, values, &chosen] {
    a->arguments.assign(values->begin(), values->end() - 1);
    if (!values->back().empty()) a->arguments.push_back(values->back());
    chosen = [a] { return run_query(*a); };
  });
}

void add_queries(CLI::App& app, Chosen& chosen) {
  const Positional resource_name{"NAME", "What the value is stored under, like alice@home.example"};
  const Positional kind{"KIND", "A Kind by name or number: SIP-REGISTRATION, 0xf0000001"};
  const Query queries[] = {
      {"status", "How the node is; exit 1 when it names problems", {}},
      {"peers", "The node's links, and when each was last heard", {}},
      {"routes", "Successors, predecessors, fingers and the ways of recent INVITEs", {}},
      {"registrations", "Phones registered at the node, and for how long", {}},
      {"counters", "Everything the node counts", {}},
      {"lookup",
       "Where a user is registered; exit 1 when nowhere",
       {{"AOR", "alice, alice@home.example or sip:alice@home.example"}}},
      {"ping",
       "Reach a node, or whoever is responsible for a name",
       {{"TARGET", "A Node-ID of 32 hexadecimal digits, or an AOR"}}},
      {"store",
       "Store a value in the overlay, signed by this node or by its user of that name",
       {resource_name, kind, {"VALUE", "The value, as text"}, {"LIFETIME_S", "How long it stands"}},
       Positional{"KEY", "Of a dictionary, in hexadecimal: for SIP-REGISTRATION a Node-ID"}},
      {"fetch", "Fetch values from the overlay", {resource_name, kind}},
  };
  for (const Query& query : queries)
    add_query(app, chosen, query);
}

void add_version(CLI::App& app, Chosen& chosen) {
  CLI::App* version = app.add_subcommand("version", "The program's version");
  auto json = std::make_shared<bool>(false);
  version->add_flag("--json", *json, json_help);
  version->final_callback([json, &chosen] { chosen = [json] { return run_version(*json); }; });
}

// The command that was being read, as it is typed.
std::string command_so_far(const CLI::App& app) {
  std::string words = app.get_name();
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().back();
    words += ' ' + at->get_name();
  }
  return words;
}

void print_all_help(const CLI::App& command, const std::string& before) {
  std::cout << command.help(before) << '\n';
  const std::string path = before.empty() ? command.get_name() : before + ' ' + command.get_name();
  for (const CLI::App* inner : command.get_subcommands([](const CLI::App*) { return true; }))
    print_all_help(*inner, path);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Peer-to-peer SIP: a RELOAD overlay that is registrar and proxy for ordinary phones",
               "chordial");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help on every command");
  app.set_version_flag("--version", std::string("chordial ") + version);
  Chosen chosen;
  add_overlay(app, chosen);
  add_join(app, chosen);
  add_node(app, chosen);
  add_user(app, chosen);
  add_decode(app, chosen);
  add_queries(app, chosen);
  add_sim(app, chosen);
  add_version(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForAllHelp&) {
    print_all_help(app, "");
    return exit_well;
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    const auto commands = app.get_subcommands([](CLI::App*) { return true; });
    const bool unknown =
        argc > 1 && argv[1][0] != '-' &&
        std::none_of(commands.begin(), commands.end(),
                     [&](const CLI::App* command) { return command->get_name() == argv[1]; });
    return complain(exit_usage,
                    unknown ? "there is no command '" + std::string(argv[1]) + "'" : error.what(),
                    command_so_far(app) + " --help shows what there is");
  }
  return chosen();
}

}  // namespace chordial::app
