// The version this program was built as.
#pragma once

namespace chordial::app {

inline constexpr const char* version = CHORDIAL_VERSION;

}  // namespace chordial::app
