// Errors as values. Knows nothing of logs, sockets or protocols.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace chordial {

// What kind of failure this is; the caller chooses its reaction by it, never by the text.
enum class ErrorKind : std::uint8_t {
  malformed,    // the bytes break their grammar
  truncated,    // the bytes end too early
  limit,        // a count or size is above its limit
  unsupported,  // well-formed, and nothing this build can use
  forbidden,    // not permitted to this sender
  not_found,
  conflict,     // an older or rival value stands in the way
  unauthentic,  // a signature, certificate or password did not prove what it should
  expired,
  unavailable,  // the resource may come back: full queue, no route, no connection
  invalid,      // a configuration or a caller's argument makes no sense
  internal,     // the operating system or a library failed
};

// An error: the field it is about, the byte where it was met, and why. `field` and `reason` point
// to text with static storage, so that an error costs no allocation and may be kept for ever.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  const char* field = "";
  std::uint32_t offset = 0;  // bytes from the start of the buffer that was read; 0 where none was
  const char* reason = "";

  // "FIELD at byte N: reason"
  [[nodiscard]] std::string text() const;
};

template <class T>
using Expected = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

[[nodiscard]] inline Failure failure(ErrorKind kind, const char* field, const char* reason,
                                     std::uint32_t offset = 0) {
  return Failure(Error{kind, field, offset, reason});
}

}  // namespace chordial
