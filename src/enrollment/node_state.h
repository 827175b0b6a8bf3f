// What `chordial join` leaves in a node's state folder, and how it is read back: the join file
// under the name `credentials`, mode 0600, replaced as a whole when the node is admitted again.
#pragma once

#include <string>

#include "enrollment/credentials.h"

namespace chordial::enrollment {

struct NodeState {
  JoinFile file;            // document, certificates and keys as they were carried
  Credentials credentials;  // the same, proven and opened
  // No clock that shows less than this is right (design: clocks): the document's signing time.
  WallTime wall_min{};
};

// Makes the folder if need be. Errors: those of open_credentials and of file.h; nothing is written
// then.
[[nodiscard]] Expected<void> save_node_state(const std::string& folder, const JoinFile& file,
                                             Now now);
// The file alone, unproven. Errors: those of file.h (not_found: nobody joined here) and of
// decode_join_file.
[[nodiscard]] Expected<JoinFile> read_node_state(const std::string& folder);
// Errors: those of read_node_state and of open_credentials.
[[nodiscard]] Expected<NodeState> load_node_state(const std::string& folder, Now now);

}  // namespace chordial::enrollment
