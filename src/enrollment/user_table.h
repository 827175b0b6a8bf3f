// The authority's users: who, at which nodes, and the hashes of their passwords. Kept in one file
// that its owner alone may read.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "enrollment/digest_hashes.h"

namespace chordial::enrollment {

inline constexpr std::size_t users_max = 100'000;
inline constexpr std::size_t nodes_per_user_max = 64;

struct User {
  std::string aor;
  std::vector<std::string> nodes;  // by name; empty: every node of the overlay
  DigestHashes hashes;

  [[nodiscard]] bool belongs_at(std::string_view node_name) const;
};

class UserTable {
 public:
  // Errors: malformed, limit.
  [[nodiscard]] static Expected<UserTable> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  // Errors: conflict (there is one), limit.
  [[nodiscard]] Expected<void> add(User user);
  // Null when there is none.
  [[nodiscard]] User* find(std::string_view aor);
  [[nodiscard]] bool remove(std::string_view aor);
  // By AOR.
  [[nodiscard]] const std::vector<User>& all() const { return users_; }

 private:
  std::vector<User> users_;
};

// "A,B" as names. Errors: invalid.
[[nodiscard]] Expected<std::vector<std::string>> node_names(std::string_view list, char separator);

}  // namespace chordial::enrollment
