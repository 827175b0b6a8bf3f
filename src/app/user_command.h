// `chordial user …`: who has an account, at which nodes. Passwords come from standard input or a
// prompt.
#pragma once

#include <string>

namespace chordial::app {

struct UserArguments {
  std::string directory;  // of the authority
  std::string user;       // an AOR or its user part; for import the file
  std::string nodes;      // "A,B"; empty: every node
  bool json = false;
};
int run_user_add(const UserArguments& arguments);
int run_user_passwd(const UserArguments& arguments);
int run_user_list(const UserArguments& arguments);
int run_user_remove(const UserArguments& arguments);
int run_user_import(const UserArguments& arguments);

// Adding a user at a site, at its own node, without the authority.
struct SiteUserArguments {
  std::string site;       // the file of `chordial overlay delegate`
  std::string state_dir;  // of the node
  std::string user;
  bool json = false;
};
int run_user_add_at_site(const SiteUserArguments& arguments);

}  // namespace chordial::app
