// The command line: which commands there are and what they take. The parser's library is behind it.
#pragma once

namespace chordial::app {

// Runs one command and returns its exit code (exit_code.h).
int run_command_line(int argc, char** argv);

}  // namespace chordial::app
