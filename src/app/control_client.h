// Asking a running node something over its control socket (control_commands.h): one line out, one
// line back. Knows no JSON.
#pragma once

#include <string>

#include "base/error.h"

namespace chordial::app {

inline constexpr std::size_t control_reply_bytes_max = 64 * 1024 * 1024;

// The reply's line, without its end. Errors: not_found (no node is running there), forbidden (its
// socket is for its owner), unavailable (it closed or kept silent for `seconds`), limit, internal.
[[nodiscard]] Expected<std::string> ask_node(const std::string& socket_path,
                                             const std::string& request, int seconds);

}  // namespace chordial::app
