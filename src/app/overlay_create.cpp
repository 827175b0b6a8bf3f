#include <nlohmann/json.hpp>

#include "app/exit_code.h"
#include "app/overlay_command.h"
#include "app/peer_address.h"
#include "app/private_folder.h"
#include "app/surroundings.h"
#include "driver/clock.h"
#include "enrollment/authority.h"

namespace chordial::app {

namespace {

using configuration::OverlayConfiguration;

// A signed ConfigUpdate is larger than the RFC's default of 5000 bytes.
constexpr std::uint32_t message_bytes = 65536;

struct Algorithm {
  const char* argument;
  const char* plugin;  // as the document names it
};
constexpr Algorithm algorithms[] = {{"chord", "CHORD-RELOAD"}};

const char* plugin_of(std::string_view argument) {
  for (const Algorithm& algorithm : algorithms) {
    if (argument == algorithm.argument) return algorithm.plugin;
  }
  return nullptr;
}

std::string lower_case(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

OverlayConfiguration wanted_configuration(const OverlayCreateArguments& arguments) {
  OverlayConfiguration wanted;
  wanted.instance_name = lower_case(arguments.name);
  wanted.topology_plugin = plugin_of(arguments.algorithm);
  wanted.max_message_size = message_bytes;
  wanted.no_ice = arguments.no_ice;
  wanted.successors = arguments.successors.value_or(wanted.successors);
  // As many on the other side: what one node keeps as successor, the other keeps as predecessor.
  if (arguments.successors) wanted.predecessors = *arguments.successors;
  wanted.fingers = arguments.fingers.value_or(wanted.fingers);
  wanted.replicas = arguments.replicas.value_or(wanted.replicas);
  wanted.full_mesh = arguments.full_mesh;
  wanted.sip_tunnel = arguments.sip_tunnel;
  if (arguments.integrity_only) {
    wanted.cipher_policy = configuration::CipherPolicy::integrity_only;
  }
  return wanted;
}

void report(const OverlayCreateArguments& arguments, const enrollment::Authority& authority) {
  const OverlayConfiguration& c = authority.configuration();
  const std::string document = arguments.directory + "/document.xml";
  if (arguments.json) {
    const nlohmann::ordered_json facts = {
        {"overlay", c.instance_name},
        {"directory", arguments.directory},
        {"document", document},
        {"document_sequence", c.sequence},
        {"algorithm", c.topology_plugin},
        {"root_sha256", to_hex(crypto::sha256({c.root_certs.at(0)}))},
        {"configuration_signer", c.configuration_signers.at(0).hex()},
    };
    say(facts.dump(2) + '\n');
    return;
  }
  say("overlay " + c.instance_name + " created in " + arguments.directory + "\n  document " +
      document + ", sequence " + std::to_string(c.sequence) + ", " + c.topology_plugin +
      "\n  whoever has root.key or signer.key owns the overlay: keep them, and a copy, safe\n"
      "next: chordial overlay admit NODE --dir " +
      arguments.directory + " --out NODE.join\n");
}

}  // namespace

int run_overlay_create(const OverlayCreateArguments& arguments) {
  if (plugin_of(arguments.algorithm) == nullptr) {
    return complain(exit_usage, "there is no algorithm '" + arguments.algorithm + "'",
                    "use --algorithm chord");
  }
  if (!arguments.no_ice) {
    return complain(exit_usage,
                    "this build runs overlays without ICE alone, where all nodes reach each other",
                    "add --no-ice; nodes behind NATs need forwarded ports");
  }
  OverlayConfiguration wanted = wanted_configuration(arguments);
  for (const std::string& text : arguments.bootstrap) {
    const auto address = peer_address(text);
    if (!address) return complain(exit_usage, not_an_address("--bootstrap", text));
    wanted.bootstrap_nodes.push_back(*address);
  }
  if (const int code = make_authority_private(arguments.directory)) return code;
  auto rng = driver::system_rng();
  if (!rng) return complain("entropy", rng.error());
  const auto authority = enrollment::Authority::create(arguments.directory, std::move(wanted),
                                                       driver::system_now().wall, *rng);
  if (!authority) {
    const bool exists = authority.error().kind == ErrorKind::conflict;
    return complain(arguments.directory, authority.error(),
                    exists ? "choose another folder with --dir" : "");
  }
  report(arguments, *authority);
  return exit_well;
}

}  // namespace chordial::app
