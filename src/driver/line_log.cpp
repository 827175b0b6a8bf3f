#include "driver/line_log.h"

#include <cstdlib>
#include <ctime>
#include <string>
#include <unistd.h>

#include "driver/clock.h"

namespace chordial::driver {

namespace {

constexpr std::size_t text_bytes_max = 256;  // of one field

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      break;
  }
  return "off";
}

const char* journal_priority(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "<7>";
    case LogLevel::warning:
      return "<4>";
    case LogLevel::error:
      return "<3>";
    default:
      return "<6>";
  }
}

std::string timestamp() {
  const std::int64_t ms = system_now().wall.time_since_epoch().count();
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(ms % 1000));
  return std::string(text, length) + fraction;
}

// What strangers sent must not draw on a terminal or begin a line of its own.
std::string printable(std::string_view text) {
  std::string clean;
  for (const char c : text.substr(0, text_bytes_max)) {
    clean += c >= ' ' && c != 0x7f ? c : '?';
  }
  return clean;
}

struct FieldText {
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(std::string_view value) const { return "\"" + printable(value) + "\""; }
  std::string operator()(const NodeId& value) const { return value.hex(); }
  std::string operator()(const ResourceId& value) const { return value.hex(); }
  std::string operator()(const SocketAddress& value) const { return value.text(); }
  std::string operator()(const Error& value) const {
    const bool somewhere = value.offset != 0;
    return '"' + (somewhere ? value.text() : std::string(value.field) + ": " + value.reason) + '"';
  }
};

}  // namespace

LineLog::LineLog(LogLevel threshold)
    : Log(threshold), journal_(std::getenv("JOURNAL_STREAM") != nullptr) {
}

void LineLog::write(const LogRecord& record) {
  std::string line = journal_ ? journal_priority(record.level)
                              : timestamp() + " " + level_name(record.level) + " ";
  line += std::string(record.room) + ": " + record.event;
  for (const LogField& field : record.fields) {
    line += std::string(" ") + field.name + "=" + std::visit(FieldText{}, field.value);
  }
  line += '\n';
  // A log that cannot be written must not stop the node.
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
}

}  // namespace chordial::driver
