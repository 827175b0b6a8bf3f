#include "app/version_command.h"

#include <string>

#include "app/exit_code.h"
#include "app/surroundings.h"
#include "app/version.h"

namespace chordial::app {

int run_version(bool json) {
  say(json ? std::string("{\"version\": \"") + version + "\"}\n"
           : std::string("chordial ") + version + '\n');
  return exit_well;
}

}  // namespace chordial::app
