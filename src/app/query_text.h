// A node's answers for people. Knows no socket and no exit code.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace chordial::app {

// The result of `command`, in lines. What is most urgent stands first; a field that is not there is
// left out.
[[nodiscard]] std::string query_text(const std::string& command,
                                     const nlohmann::ordered_json& result);

}  // namespace chordial::app
