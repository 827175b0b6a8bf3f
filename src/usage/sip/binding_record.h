// The bindings of one user as they survive a restart (space `bindings`): expiry as wall time, since
// the monotonic clock starts anew. The form is our own and versioned by its first byte.
#pragma once

#include <string>
#include <vector>

#include "sip/location/location_service.h"

namespace chordial::usage {

[[nodiscard]] Bytes encode_bindings(Now now, std::span<const sip::Binding> bindings);
// Bindings that have expired meanwhile are left out, and so are those over TCP and TLS: their
// connection died with the process. Errors: malformed, truncated, unsupported (another version).
[[nodiscard]] Expected<std::vector<sip::Binding>> decode_bindings(Now now, ByteView bytes);

}  // namespace chordial::usage
