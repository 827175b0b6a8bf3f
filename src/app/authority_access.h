// Opening the authority that a command was pointed at with --dir.
#pragma once

#include <optional>
#include <string>

#include "app/exit_code.h"
#include "enrollment/authority.h"

namespace chordial::app {

// Complains by itself and sets `code` when it cannot be opened: a folder that holds none is wrong
// usage.
[[nodiscard]] std::optional<enrollment::Authority> open_authority(const std::string& directory,
                                                                  int& code);

}  // namespace chordial::app
