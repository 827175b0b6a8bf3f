#include "app/exit_code.h"

#include <cstdio>

namespace chordial::app {

int complain(ExitCode code, std::string_view what, std::string_view action) {
  std::string text = "chordial: ";
  text += what;
  text += '\n';
  if (!action.empty()) {
    text += "  ";
    text += action;
    text += '\n';
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
  return code;
}

int complain(std::string_view subject, const Error& error, std::string_view action) {
  const ExitCode code = error.kind == ErrorKind::invalid ? exit_usage : exit_wrong;
  const std::string about = subject.empty() ? std::string() : std::string(subject) + ": ";
  return complain(code, about + sentence(error), action);
}

std::string sentence(const Error& error) {
  if (error.offset != 0) return error.text();
  return std::string(error.field) + ": " + error.reason;
}

}  // namespace chordial::app
