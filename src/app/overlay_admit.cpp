#include <nlohmann/json.hpp>

#include "app/authority_access.h"
#include "app/overlay_command.h"
#include "app/peer_address.h"
#include "app/surroundings.h"
#include "driver/clock.h"

namespace chordial::app {

namespace {

void report(const OverlayAdmitArguments& arguments, const enrollment::JoinFile& file) {
  if (arguments.json) {
    nlohmann::ordered_json users = nlohmann::ordered_json::array();
    for (const enrollment::UserCredentials& user : file.users)
      users.push_back(user.aor);
    const nlohmann::ordered_json facts = {{"overlay", file.overlay},
                                          {"node", file.node_name},
                                          {"node_id", file.node_id.hex()},
                                          {"file", arguments.out},
                                          {"users", users}};
    say(facts.dump(2) + '\n');
    return;
  }
  say("node " + file.node_name + " admitted to " + file.overlay + " as " + file.node_id.hex() +
      "\n  " + arguments.out + " holds its key and " + std::to_string(file.users.size()) +
      (file.users.size() == 1 ? " user" : " users") +
      ": carry it to the node by a safe way, and delete it after\nnext, there: chordial join " +
      arguments.out + '\n');
}

}  // namespace

int run_overlay_admit(const OverlayAdmitArguments& arguments) {
  std::optional<NodeId> wished;
  if (!arguments.node_id.empty()) {
    wished = NodeId::from_hex(arguments.node_id);
    if (!wished) return complain(exit_usage, "--node-id takes 32 hexadecimal digits");
  }
  std::vector<SocketAddress> bootstrap;
  for (const std::string& text : arguments.bootstrap) {
    const auto address = peer_address(text);
    if (!address) return complain(exit_usage, not_an_address("--bootstrap", text));
    bootstrap.push_back(*address);
  }
  int code = exit_well;
  auto authority = open_authority(arguments.directory, code);
  if (!authority) return code;
  auto rng = driver::system_rng();
  if (!rng) return complain("entropy", rng.error());
  auto file = authority->admit(arguments.node, driver::system_now().wall, *rng, wished);
  if (!file) return complain(arguments.node, file.error());
  file->bootstrap = std::move(bootstrap);
  const auto written = enrollment::write_file(
      arguments.out, "join file", as_bytes(encode_join_file(*file)), enrollment::FileMode::secret);
  if (!written) return complain(arguments.out, written.error());
  report(arguments, *file);
  return exit_well;
}

int run_overlay_delegate(const OverlayDelegateArguments& arguments) {
  int code = exit_well;
  auto authority = open_authority(arguments.directory, code);
  if (!authority) return code;
  const auto site =
      authority->delegate(arguments.node, arguments.pattern, driver::system_now().wall);
  if (!site) return complain(arguments.node, site.error());
  const auto written = enrollment::write_file(
      arguments.out, "site file", as_bytes(encode_site_file(*site)), enrollment::FileMode::secret);
  if (!written) return complain(arguments.out, written.error());
  const auto sequence = authority->configuration().sequence;
  if (arguments.json) {
    const nlohmann::ordered_json facts = {
        {"overlay", site->overlay},       {"node", site->node_name},
        {"node_id", site->node_id.hex()}, {"aor_pattern", site->aor_pattern},
        {"file", arguments.out},          {"document_sequence", sequence}};
    say(facts.dump(2) + '\n');
    return exit_well;
  }
  say("node " + site->node_name + " may issue " + site->aor_pattern +
      " by itself; the document is " + "now sequence " + std::to_string(sequence) + "\n  " +
      arguments.out +
      " holds the site's key: carry it to the node by a safe way\nnext: chordial overlay admit " +
      site->node_name + " --dir " + arguments.directory + " --out " + site->node_name + ".join\n" +
      "then, there: chordial user add NAME --site " + arguments.out + " --state-dir FOLDER\n");
  return exit_well;
}

}  // namespace chordial::app
