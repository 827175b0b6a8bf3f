#include "enrollment/user_csv.h"

#include "enrollment/user_table.h"

namespace chordial::enrollment {

namespace {

constexpr std::size_t field_bytes_max = 1024;

// Splits lines and fields of RFC 4180; quotes may hide commas, quotes and line ends.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  Expected<std::vector<std::string>> row() {
    std::vector<std::string> fields(1);
    const std::size_t first_line = line_;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (quoted && c == '"') {
        const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == '"';
        if (!doubled) {
          quoted = false;
          continue;
        }
        ++at_;
      } else if (!quoted && c == '"' && fields.back().empty()) {
        quoted = true;
        continue;
      } else if (!quoted && c == ',') {
        fields.emplace_back();
        continue;
      } else if (!quoted && (c == '\n' || c == '\r')) {
        if (c == '\r') continue;
        ++at_;
        return fields;
      }
      fields.back() += c;
      if (fields.back().size() > field_bytes_max || fields.size() > 3) break;
    }
    if (at_ < text_.size()) return fail("more than three fields, or one is too long", first_line);
    if (quoted) return fail("a quote is never closed", first_line);
    return fields;
  }

  static Failure fail(const char* reason, std::size_t line) {
    return failure(ErrorKind::malformed, "line", reason, static_cast<std::uint32_t>(line));
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

bool is_heading(const std::vector<std::string>& fields) {
  return (fields[0] == "user" || fields[0] == "aor") && fields.size() > 1 &&
         fields[1] == "password";
}

}  // namespace

Expected<std::vector<ImportedUser>> read_user_csv(std::string_view text) {
  CsvReader reader(text);
  std::vector<ImportedUser> users;
  while (!reader.done()) {
    const std::size_t line = reader.line();
    auto fields = reader.row();
    if (!fields) return Failure(fields.error());
    if (fields->size() == 1 && fields->front().empty()) continue;
    if (line == 1 && is_heading(*fields)) continue;
    if (fields->size() < 2 || fields->front().empty() || (*fields)[1].empty()) {
      return CsvReader::fail("needs a user and a password", line);
    }
    ImportedUser user{std::move((*fields)[0]), std::move((*fields)[1]), {}, line};
    if (fields->size() > 2) {
      auto nodes = node_names((*fields)[2], ';');
      if (!nodes) return CsvReader::fail(nodes.error().reason, line);
      user.nodes = std::move(*nodes);
    }
    if (users.size() == users_max) return CsvReader::fail("more than 100000 users", line);
    users.push_back(std::move(user));
  }
  return users;
}

}  // namespace chordial::enrollment
