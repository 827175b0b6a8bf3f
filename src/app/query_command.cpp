#include "app/query_command.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/control_client.h"
#include "app/exit_code.h"
#include "app/node_toml.h"
#include "app/query_text.h"
#include "app/surroundings.h"
#include "configuration/kind.h"

namespace chordial::app {

namespace {

using json = nlohmann::ordered_json;

constexpr const char* socket_folder = "/run/chordial";
// Longer than a transaction of the overlay with all its retransmissions.
constexpr int patience_s = 40;

// Where no node was named: the only one of this machine.
int find_only_socket(std::string& path) {
  std::vector<std::string> sockets;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(socket_folder, error)) {
    if (entry.path().extension() == ".sock") sockets.push_back(entry.path().string());
  }
  if (sockets.empty()) {
    return complain(exit_not_running, "no node is running here",
                    "start one with `chordial node`, or name its socket with --socket");
  }
  if (sockets.size() > 1) {
    return complain(exit_usage, "several nodes run here",
                    "name one with --socket PATH or --config FILE");
  }
  path = sockets.front();
  return exit_well;
}

int find_socket(const QueryArguments& arguments, std::string& path) {
  path = arguments.socket;
  if (!path.empty()) return exit_well;
  if (arguments.config.empty()) return find_only_socket(path);
  const auto config = read_node_toml(arguments.config);
  if (!config) return complain(exit_usage, config.error());
  path = config->control_socket;
  if (!path.empty()) return exit_well;
  return complain(exit_usage, arguments.config + ": node.control_socket is missing",
                  "add it, or name the socket with --socket");
}

// Kinds by their registered names too; nodes take numbers.
std::vector<std::string> with_kind_numbers(const QueryArguments& arguments) {
  std::vector<std::string> all = arguments.arguments;
  if ((arguments.command == "store" || arguments.command == "fetch") && all.size() > 1) {
    if (const auto* kind = configuration::registered_kind(std::string_view(all[1]))) {
      all[1] = std::to_string(kind->id);
    }
  }
  return all;
}

std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// A node that names problems is not well, though it answered.
bool has_problems(const json& result) {
  return result.is_object() && result.contains("problems") && !result["problems"].empty();
}

int report(const QueryArguments& arguments, const json& reply) {
  if (!reply.is_object() || !reply.value("ok", false)) {
    const std::string why = reply.is_object() ? plain(reply.value("error", json("no reason given")))
                                              : "the answer is no JSON object";
    const bool wrong_usage = reply.is_object() && reply.value("wrong_usage", false);
    return complain(
        wrong_usage ? exit_usage : exit_wrong, arguments.command + ": " + why,
        wrong_usage ? "chordial " + arguments.command + " --help shows what it takes" : "");
  }
  const json result = reply.value("result", json::object());
  say(arguments.json ? result.dump(2) + '\n' : query_text(arguments.command, result));
  return arguments.command == "status" && has_problems(result) ? exit_wrong : exit_well;
}

}  // namespace

int run_query(const QueryArguments& arguments) {
  std::string path;
  if (const int code = find_socket(arguments, path)) return code;
  const json request = {{"command", arguments.command},
                        {"arguments", with_kind_numbers(arguments)}};
  const auto handler = json::error_handler_t::replace;
  const auto line = ask_node(path, request.dump(-1, ' ', false, handler), patience_s);
  if (!line) {
    const bool absent = line.error().kind == ErrorKind::not_found;
    return complain(absent ? exit_not_running : exit_wrong, path + ": " + line.error().reason,
                    absent ? "start it with `chordial node --config FILE`" : "");
  }
  return report(arguments, json::parse(*line, nullptr, false));
}

}  // namespace chordial::app
