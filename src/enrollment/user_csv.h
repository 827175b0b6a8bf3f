// Users in bulk: comma-separated values as spreadsheets write them (RFC 4180).
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace chordial::enrollment {

// One line of an import: `user,password[,node;node...]`, quoted as RFC 4180 says. A first line
// "user,password,nodes" is a heading.
struct ImportedUser {
  std::string name;
  std::string password;
  std::vector<std::string> nodes;
  std::size_t line = 0;  // from 1
};
// The error's `offset` is the line, from 1. Errors: malformed, limit.
[[nodiscard]] Expected<std::vector<ImportedUser>> read_user_csv(std::string_view text);

}  // namespace chordial::enrollment
