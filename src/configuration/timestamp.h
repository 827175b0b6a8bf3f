// Internet date and time in UTC (RFC 3339), as the document's expiration is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace chordial::configuration {

// "2027-10-10T07:00:00Z"; fractions of a second are cut off.
[[nodiscard]] std::string to_timestamp(WallTime time);
// Years 1970 to 9999, UTC only ("Z" or a zero offset); fractions below a millisecond are dropped.
// Empty on anything else.
[[nodiscard]] std::optional<WallTime> from_timestamp(std::string_view text);

}  // namespace chordial::configuration
