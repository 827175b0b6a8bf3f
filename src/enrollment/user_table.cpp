#include "enrollment/user_table.h"

#include <algorithm>

#include "enrollment/names.h"
#include "enrollment/records.h"

namespace chordial::enrollment {

namespace {

Failure malformed(const char* reason, std::uint32_t offset) {
  return failure(ErrorKind::malformed, "users", reason, offset);
}

template <class Hash>
bool read_hash(std::string_view text, Hash& hash) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != hash.size()) return false;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return true;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

auto place_of(const std::vector<User>& users, std::string_view aor) {
  return std::lower_bound(users.begin(), users.end(), aor,
                          [](const User& user, std::string_view name) { return user.aor < name; });
}

}  // namespace

bool User::belongs_at(std::string_view node_name) const {
  return nodes.empty() || std::find(nodes.begin(), nodes.end(), node_name) != nodes.end();
}

// A user's lines: `user AOR`, then `nodes`, `ha1-md5` and `ha1-sha256` in any order.
Expected<UserTable> UserTable::parse(std::string_view text) {
  const auto records = read_records(text);
  if (!records) return Failure(records.error());
  UserTable table;
  std::vector<User> users;
  for (const Record& record : *records) {
    if (record.key == "user") {
      users.push_back({std::string(record.value), {}, {}});
      continue;
    }
    if (users.empty()) return malformed("a line before the first user", record.offset);
    User& user = users.back();
    if (record.key == "nodes") {
      auto names = node_names(record.value, ',');
      if (!names) return malformed("nodes are wrong", record.offset);
      user.nodes = std::move(*names);
    } else if (record.key == "ha1-md5") {
      if (!read_hash(record.value, user.hashes.md5)) return malformed("hash", record.offset);
    } else if (record.key == "ha1-sha256") {
      if (!read_hash(record.value, user.hashes.sha256)) return malformed("hash", record.offset);
    } else {
      return malformed("an unknown key", record.offset);
    }
  }
  for (User& user : users) {
    if (const auto added = table.add(std::move(user)); !added) return Failure(added.error());
  }
  return table;
}

std::string UserTable::text() const {
  RecordWriter writer;
  for (const User& user : users_) {
    writer.text("user", user.aor);
    if (!user.nodes.empty()) writer.text("nodes", joined(user.nodes));
    writer.text("ha1-md5", to_hex(user.hashes.md5));
    writer.text("ha1-sha256", to_hex(user.hashes.sha256));
  }
  return writer.written();
}

Expected<void> UserTable::add(User user) {
  if (users_.size() == users_max) return failure(ErrorKind::limit, "users", "more than 100000");
  const auto place = place_of(users_, user.aor);
  if (place != users_.end() && place->aor == user.aor) {
    return failure(ErrorKind::conflict, "user", "exists already");
  }
  users_.insert(place, std::move(user));
  return {};
}

User* UserTable::find(std::string_view aor) {
  const auto place = place_of(users_, aor);
  if (place == users_.end() || place->aor != aor) return nullptr;
  return &users_[static_cast<std::size_t>(place - users_.begin())];
}

bool UserTable::remove(std::string_view aor) {
  const auto place = place_of(users_, aor);
  if (place == users_.end() || place->aor != aor) return false;
  users_.erase(place);
  return true;
}

Expected<std::vector<std::string>> node_names(std::string_view list, char separator) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(separator), list.size());
    const std::string_view name = list.substr(0, end);
    if (!is_node_name(name)) {
      return failure(ErrorKind::invalid, "nodes", "not a node's name: letters, digits and hyphens");
    }
    if (names.size() == nodes_per_user_max) return failure(ErrorKind::limit, "nodes", "above 64");
    names.emplace_back(name);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace chordial::enrollment
