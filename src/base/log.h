// What the core says about itself: structured records, no text formatting. The driver turns records
// into lines. A switched-off level costs one branch:
//
//   if (log.enabled(LogLevel::debug)) log.write({LogLevel::debug, "link", "up", {{"peer", id}}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

#include "base/address.h"
#include "base/error.h"
#include "base/node_id.h"

namespace chordial {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

struct LogField {
  const char* name;
  std::variant<std::int64_t, std::string_view, NodeId, ResourceId, SocketAddress, Error> value;
};

// `room` and `event` are text with static storage; fields live only during the call to write().
struct LogRecord {
  LogLevel level;
  const char* room;
  const char* event;
  std::initializer_list<LogField> fields;
};

class Log {
 public:
  explicit Log(LogLevel threshold) : threshold_(threshold) {}
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;

  [[nodiscard]] bool enabled(LogLevel level) const { return level >= threshold_; }
  virtual void write(const LogRecord& record) = 0;

 private:
  LogLevel threshold_;
};

// Says nothing.
class SilentLog final : public Log {
 public:
  SilentLog() : Log(LogLevel::off) {}
  void write(const LogRecord&) override {}
};

}  // namespace chordial
