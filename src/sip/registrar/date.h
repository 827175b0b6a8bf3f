// The Date header (RFC 3261 §20.17): "Sat, 13 Nov 2010 23:29:00 GMT".
#pragma once

#include <string>

#include "base/time.h"

namespace chordial::sip {

[[nodiscard]] std::string date_value(WallTime time);

}  // namespace chordial::sip
