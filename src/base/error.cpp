#include "base/error.h"

namespace chordial {

std::string Error::text() const {
  return std::string(field) + " at byte " + std::to_string(offset) + ": " + reason;
}

}  // namespace chordial
