#include "enrollment/node_state.h"

#include "enrollment/file.h"

namespace chordial::enrollment {

namespace {

constexpr const char* file_name = "credentials";

std::string path_in(const std::string& folder) {
  return folder + '/' + file_name;
}

}  // namespace

Expected<void> save_node_state(const std::string& folder, const JoinFile& file, Now now) {
  if (const auto opened = open_credentials(file, now); !opened) return Failure(opened.error());
  if (const auto made = make_private_folder(folder, "state folder"); !made) return made;
  return write_file(path_in(folder), file_name, as_bytes(encode_join_file(file)), FileMode::secret);
}

Expected<JoinFile> read_node_state(const std::string& folder) {
  const auto bytes = read_file(path_in(folder), file_name, join_file_bytes_max);
  if (!bytes) return Failure(bytes.error());
  return decode_join_file(as_text(*bytes));
}

Expected<NodeState> load_node_state(const std::string& folder, Now now) {
  auto file = read_node_state(folder);
  if (!file) return Failure(file.error());
  auto credentials = open_credentials(*file, now);
  if (!credentials) return Failure(credentials.error());
  NodeState state;
  state.wall_min = credentials->configuration.configuration.signing_time.value_or(WallTime{});
  state.file = std::move(*file);
  state.credentials = std::move(*credentials);
  return state;
}

}  // namespace chordial::enrollment
