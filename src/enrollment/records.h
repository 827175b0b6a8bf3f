// Text files of the form `key value`, one pair a line, in which join files, the ledger and the
// table of users are kept. Binary values are base64.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace chordial::enrollment {

struct Record {
  std::string_view key;
  std::string_view value;    // up to the end of the line; may be empty
  std::uint32_t offset = 0;  // of the line in the file
};

inline constexpr std::size_t records_max = 1'000'000;

// Empty lines and lines that begin with # are left out. The views live as long as `text`. Errors:
// malformed (a control character, a line without a key), limit.
[[nodiscard]] Expected<std::vector<Record>> read_records(std::string_view text);

class RecordWriter {
 public:
  void text(std::string_view key, std::string_view value);
  void binary(std::string_view key, ByteView value);
  [[nodiscard]] const std::string& written() const { return text_; }

 private:
  std::string text_;
};

}  // namespace chordial::enrollment
