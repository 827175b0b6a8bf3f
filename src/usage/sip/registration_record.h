// The value this usage keeps in the overlay: SipRegistration under a user's address of record
// (RFC 7904 §3). Knows neither how it is stored nor how SIP messages look.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/node_id.h"

namespace chordial::usage {

// One SipRegistration as a value. Either `route` (sip_registration_route, 1 to route_max Node-IDs)
// or `forward_to` (sip_registration_uri, a canonical AOR) is set.
struct RegistrationRecord {
  std::vector<NodeId> route;
  std::string contact_prefs;  // feature parameters (RFC 3840); at most contact_prefs_bytes_max
  std::string forward_to;
};
inline constexpr std::size_t registration_route_max = 16;
inline constexpr std::size_t contact_prefs_bytes_max = 1024;

[[nodiscard]] Bytes encode(const RegistrationRecord& record);
// Errors: malformed and truncated with the place; unsupported for a type without a name or a route
// that is not made of Node-IDs; limit.
[[nodiscard]] Expected<RegistrationRecord> decode(ByteView bytes);

}  // namespace chordial::usage
