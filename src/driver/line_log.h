// Log records as lines on stderr: with time and level on a terminal or in a file, with the priority
// prefix of sd-daemon(3) where stderr is the journal.
#pragma once

#include "base/log.h"

namespace chordial::driver {

class LineLog final : public Log {
 public:
  explicit LineLog(LogLevel threshold);
  void write(const LogRecord& record) override;

 private:
  bool journal_;
};

}  // namespace chordial::driver
