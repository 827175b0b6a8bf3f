#include "enrollment/records.h"

#include "configuration/base64.h"

namespace chordial::enrollment {

namespace {

bool is_plain(std::string_view line) {
  for (const char c : line) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

}  // namespace

Expected<std::vector<Record>> read_records(std::string_view text) {
  std::vector<Record> records;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const auto offset = static_cast<std::uint32_t>(at);
    at = end + 1;
    if (line.empty() || line.front() == '#') continue;
    if (!is_plain(line)) {
      return failure(ErrorKind::malformed, "line", "holds a control character", offset);
    }
    const std::size_t space = line.find(' ');
    if (space == 0) return failure(ErrorKind::malformed, "line", "begins with a blank", offset);
    if (records.size() == records_max) {
      return failure(ErrorKind::limit, "line", "more than a million of them", offset);
    }
    const bool bare = space == std::string_view::npos;
    records.push_back(
        {line.substr(0, space), bare ? std::string_view() : line.substr(space + 1), offset});
  }
  return records;
}

void RecordWriter::text(std::string_view key, std::string_view value) {
  text_ += key;
  if (!value.empty()) text_ += ' ';
  text_ += value;
  text_ += '\n';
}

void RecordWriter::binary(std::string_view key, ByteView value) {
  text(key, configuration::to_base64(value));
}

}  // namespace chordial::enrollment
