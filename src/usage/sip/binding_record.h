// The bindings of one user as they survive a restart (space `bindings`): expiry as wall time, since
// the monotonic clock starts anew. The form is our own and versioned by its first byte.
#pragma once

#include <string>
#include <vector>

#include "sip/location/location_service.h"

namespace chordial::usage {

[[nodiscard]] Bytes encode_bindings(Now now, std::span<const sip::Binding> bindings);
// Those that have expired meanwhile come back as well. Over TCP and TLS the stream is 0: the
// connection died with the process. Errors: malformed, truncated, unsupported (another version).
[[nodiscard]] Expected<std::vector<sip::Binding>> decode_bindings(Now now, ByteView bytes);

}  // namespace chordial::usage
