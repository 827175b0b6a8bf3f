#include "app/user_command.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/authority_access.h"
#include "app/surroundings.h"
#include "driver/clock.h"
#include "driver/secret_file.h"
#include "enrollment/names.h"
#include "enrollment/node_state.h"
#include "enrollment/user_csv.h"

namespace chordial::app {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t import_bytes_max = 16 * 1024 * 1024;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Which nodes hold this user's password hashes, or will: they need a new join file now.
std::vector<std::string> nodes_concerned(const enrollment::Authority& authority,
                                         const std::vector<std::string>& aors) {
  std::vector<std::string> names;
  for (const enrollment::LedgerEntry& node : authority.ledger().nodes()) {
    for (const enrollment::User& user : authority.users()) {
      const bool asked = std::find(aors.begin(), aors.end(), user.aor) != aors.end();
      if (!asked || !user.belongs_at(node.name)) continue;
      names.push_back(node.name);
      break;
    }
  }
  return names;
}

// The first name that is no node's; empty when all are.
std::string unknown_node(const enrollment::Authority& authority,
                         const std::vector<std::string>& names) {
  const auto nodes = authority.ledger().nodes();
  for (const std::string& name : names) {
    if (std::none_of(nodes.begin(), nodes.end(),
                     [&](const enrollment::LedgerEntry& node) { return node.name == name; })) {
      return name;
    }
  }
  return {};
}

std::string not_admitted(const std::string& node) {
  return "there is no node '" + node + "' in this overlay";
}

constexpr const char* admit_first = "`chordial overlay admit` makes one: admit it first";

void say_next(const std::vector<std::string>& nodes, const std::string& directory) {
  if (nodes.empty()) {
    say("  the nodes learn of it when they are admitted\n");
    return;
  }
  say("next, to tell " + joined(nodes) + ": chordial overlay admit NODE --dir " + directory +
      " --out NODE.join, and there: chordial join NODE.join\n");
}

Expected<Bytes> read_import(const std::string& file) {
  if (file != "-") return enrollment::read_file(file, "file", import_bytes_max);
  std::string text;
  char block[16384];
  while (std::cin.read(block, sizeof block) || std::cin.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > import_bytes_max) {
      return failure(ErrorKind::limit, "standard input", "is too long");
    }
  }
  return to_bytes(as_bytes(text));
}

int report(const UserArguments& arguments, const enrollment::Authority& authority,
           const std::string& aor, const char* done) {
  const std::vector<std::string> nodes = nodes_concerned(authority, {aor});
  if (arguments.json) {
    say(json{{"aor", aor}, {"done", done}, {"nodes_to_tell", nodes}}.dump(2) + '\n');
    return exit_well;
  }
  say("user " + aor + ' ' + done + '\n');
  say_next(nodes, arguments.directory);
  return exit_well;
}

}  // namespace

int run_user_add(const UserArguments& arguments) {
  auto nodes = enrollment::node_names(arguments.nodes, ',');
  if (!nodes) return complain(arguments.nodes, nodes.error());
  int code = exit_well;
  auto authority = open_authority(arguments.directory, code);
  if (!authority) return code;
  if (const std::string unknown = unknown_node(*authority, *nodes); !unknown.empty()) {
    return complain(exit_usage, not_admitted(unknown), admit_first);
  }
  const std::string& overlay = authority->configuration().instance_name;
  const auto aor = enrollment::user_aor(arguments.user, overlay);
  if (!aor) {
    return complain(arguments.user, aor.error(),
                    "users of this overlay are called like alice or alice@" + overlay);
  }
  const auto password = read_password(*aor);
  if (!password) return complain(*aor, password.error());
  const auto added = authority->add_user(*aor, *password, std::move(*nodes));
  if (!added) {
    const bool exists = added.error().kind == ErrorKind::conflict;
    return complain(*aor, added.error(), exists ? "chordial user passwd changes a password" : "");
  }
  return report(arguments, *authority, *added, "added");
}

int run_user_passwd(const UserArguments& arguments) {
  int code = exit_well;
  auto authority = open_authority(arguments.directory, code);
  if (!authority) return code;
  const auto password = read_password(arguments.user);
  if (!password) return complain(arguments.user, password.error());
  const auto changed = authority->change_password(arguments.user, *password);
  if (!changed) return complain(arguments.user, changed.error());
  return report(arguments, *authority, *changed, "has a new password");
}

int run_user_list(const UserArguments& arguments) {
  int code = exit_well;
  const auto authority = open_authority(arguments.directory, code);
  if (!authority) return code;
  if (arguments.json) {
    json users = json::array();
    for (const enrollment::User& user : authority->users()) {
      users.push_back(
          {{"aor", user.aor}, {"nodes", user.nodes}, {"every_node", user.nodes.empty()}});
    }
    say(json{{"overlay", authority->configuration().instance_name}, {"users", users}}.dump(2) +
        '\n');
    return exit_well;
  }
  for (const enrollment::User& user : authority->users()) {
    say(user.aor + (user.nodes.empty() ? "  at every node" : "  at " + joined(user.nodes)) + '\n');
  }
  return exit_well;
}

int run_user_remove(const UserArguments& arguments) {
  int code = exit_well;
  auto authority = open_authority(arguments.directory, code);
  if (!authority) return code;
  const auto revoked = authority->remove_user(arguments.user, driver::system_now().wall);
  if (!revoked) return complain(arguments.user, revoked.error());
  const auto sequence = authority->configuration().sequence;
  if (arguments.json) {
    say(json{{"user", arguments.user},
             {"certificates_forbidden", *revoked},
             {"document_sequence", sequence}}
            .dump(2) +
        '\n');
    return exit_well;
  }
  say("user " + arguments.user + " removed\n");
  if (*revoked != 0) {
    say("  " + std::to_string(*revoked) +
        " certificates are forbidden by the new document, sequence " + std::to_string(sequence) +
        "\nnext: admit one node anew; the others hear the document from it\n");
  }
  return exit_well;
}

int run_user_import(const UserArguments& arguments) {
  int code = exit_well;
  auto authority = open_authority(arguments.directory, code);
  if (!authority) return code;
  const auto csv = read_import(arguments.user);
  if (!csv) return complain(exit_usage, arguments.user + ": " + sentence(csv.error()));
  if (const auto imported = enrollment::read_user_csv(as_text(*csv))) {
    for (const enrollment::ImportedUser& user : *imported) {
      const std::string unknown = unknown_node(*authority, user.nodes);
      if (unknown.empty()) continue;
      return complain(exit_usage,
                      arguments.user + ':' + std::to_string(user.line) + ": " +
                          not_admitted(unknown) + "; nothing was imported",
                      admit_first);
    }
  }
  const auto count = authority->import_users(as_text(*csv));
  if (!count) {
    const std::string line = std::to_string(count.error().offset);
    return complain(exit_wrong, arguments.user + ':' + line + ": " + count.error().reason,
                    "nothing was imported; each line is user,password or user,password,node;node");
  }
  if (arguments.json) {
    say(json{{"imported", *count}, {"users", authority->users().size()}}.dump(2) + '\n');
    return exit_well;
  }
  say(std::to_string(*count) + " users imported\n");
  std::vector<std::string> aors;
  for (const enrollment::User& user : authority->users())
    aors.push_back(user.aor);
  say_next(nodes_concerned(*authority, aors), arguments.directory);
  return exit_well;
}

int run_user_add_at_site(const SiteUserArguments& arguments) {
  const auto site_bytes =
      enrollment::read_file(arguments.site, "site file", enrollment::site_file_bytes_max);
  if (!site_bytes)
    return complain(exit_usage, arguments.site + ": " + sentence(site_bytes.error()));
  const auto site = enrollment::decode_site_file(as_text(*site_bytes));
  if (!site) return complain(arguments.site, site.error());
  const Now now = driver::system_now();
  auto state = enrollment::load_node_state(arguments.state_dir, now);
  if (!state) {
    return complain(arguments.state_dir, state.error(),
                    "give --state-dir the folder that `chordial join` made");
  }
  const auto password = read_password(arguments.user);
  if (!password) return complain(arguments.user, password.error());
  const auto aor =
      enrollment::add_site_user(*site, state->file, arguments.user, *password, now.wall);
  if (!aor) return complain(arguments.user, aor.error());
  const auto saved = enrollment::save_node_state(arguments.state_dir, state->file, now);
  driver::give_to_owner_of_folder(arguments.state_dir, arguments.state_dir + "/credentials");
  if (!saved) {
    return complain(arguments.state_dir, saved.error(),
                    "the node must have joined with the document that names the site");
  }
  if (arguments.json) {
    say(json{{"aor", *aor}, {"done", "added"}, {"node", site->node_name}}.dump(2) + '\n');
  } else {
    say("user " + *aor + " added at " + site->node_name + "\nnext: restart the node there\n");
  }
  return exit_well;
}

}  // namespace chordial::app
