// How parts show what they counted: a visitor is handed every counter by name. Names are
// `room_noun_unit_or_event`, as they appear in `status` and in metrics.
#pragma once

#include <cstdint>

namespace chordial {

class CounterVisitor {
 public:
  virtual void counter(const char* name, std::uint64_t value) = 0;  // only grows
  virtual void gauge(const char* name, std::uint64_t value) = 0;    // a present size

 protected:
  ~CounterVisitor() = default;
};

}  // namespace chordial
