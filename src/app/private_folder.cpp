#include "app/private_folder.h"

#include <algorithm>
#include <filesystem>
#include <span>

#include "app/exit_code.h"
#include "driver/secret_file.h"

namespace chordial::app {

namespace {

struct Content {
  const char* name;
  bool secret = true;
};
constexpr Content state_content[] = {
    {"credentials"}, {"state.sqlite"}, {"state.sqlite-wal"}, {"state.sqlite-shm"}, {"keys.log"}};
constexpr Content authority_content[] = {{"root.key"},
                                         {"signer.key"},
                                         {"ledger"},
                                         {"users"},
                                         {"lock"},
                                         {"root.cer", false},
                                         {"signer.cer", false},
                                         {"document.xml", false}};

// Whether nothing is there that others may have a right to.
bool holds_nothing_else(const std::string& folder, std::span<const Content> content) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (std::none_of(content.begin(), content.end(),
                     [&](const Content& known) { return known.name == name; })) {
      return false;
    }
  }
  return !error;
}

int make_private(const std::string& folder, std::span<const Content> content) {
  if (holds_nothing_else(folder, content)) driver::close_to_others(folder);
  for (const Content& entry : content) {
    if (entry.secret) driver::close_to_others(folder + '/' + entry.name);
  }
  if (!driver::others_may_write(folder)) return exit_well;
  return complain(exit_usage, folder + ": others may write to this folder, and so take its place",
                  "chmod 700 it, or choose another folder");
}

}  // namespace

int make_state_folder_private(const std::string& folder) {
  return make_private(folder, state_content);
}

int make_authority_private(const std::string& folder) {
  return make_private(folder, authority_content);
}

}  // namespace chordial::app
