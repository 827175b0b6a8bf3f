// How every command ends (docs: commands, keys and fields).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace chordial::app {

enum ExitCode : int {
  exit_well = 0,
  exit_wrong = 1,        // it ran and something is wrong
  exit_usage = 2,        // wrong usage or configuration
  exit_not_running = 3,  // the node is not running
};

// Prints "chordial: what" on standard error, and below it what to do where that is known. Returns
// the code, for `return complain(...)`.
int complain(ExitCode code, std::string_view what, std::string_view action = {});

// The same for an Error met with `subject` (a path, a name). Wrong arguments (ErrorKind::invalid)
// are wrong usage, everything else is something wrong.
int complain(std::string_view subject, const Error& error, std::string_view action = {});

// "FIELD: reason", with the byte where one was read.
[[nodiscard]] std::string sentence(const Error& error);

}  // namespace chordial::app
