// Between RELOAD's error codes (RFC 6940 §14.9) and errors as values.
#pragma once

#include "base/error.h"
#include "wire/codes.h"

namespace chordial::transport {

// What a caller should think of an ErrorResponse.
[[nodiscard]] Error error_of(wire::ErrorCode code);
// A word for error_info where the caller has none better (§6.3.3.1); empty for codes whose
// error_info is a structure.
[[nodiscard]] const char* description_of(wire::ErrorCode code);
// How a failure of ours is answered.
[[nodiscard]] wire::ErrorCode code_of(ErrorKind kind);

}  // namespace chordial::transport
