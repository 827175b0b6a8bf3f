// The folders that hold an overlay's or a node's secrets, when they were there before this program.
#pragma once

#include <string>

namespace chordial::app {

// Closes the state folder of a node and what is in it to others, where the folder holds nothing but
// a node's state. Complains, and returns the exit code, where others may write to it and it cannot
// be closed so: they could put anything in the place of the node's keys.
[[nodiscard]] int make_state_folder_private(const std::string& folder);
// The same for an authority's.
[[nodiscard]] int make_authority_private(const std::string& folder);

}  // namespace chordial::app
