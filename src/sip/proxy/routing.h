// Route preprocessing and the next hop of requests that carry their own way (RFC 3261 §16.4, §16.6
// step 6, §16.12). Values in, values out, so that ACK, which has no transaction, takes the same way
// as everything else.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/flow/flow.h"
#include "sip/location/location_service.h"
#include "sip/location/own_names.h"
#include "sip/message/message.h"
#include "sip/proxy/flow_token.h"

namespace chordial::sip {

inline constexpr std::size_t routes_max = 32;

// A request after its own Routes have been taken off.
struct Preprocessed {
  std::string request_uri;               // as it shall be; always set
  std::vector<std::string_view> routes;  // Route values that are left, views into the message
  std::size_t own_routes = 0;            // taken off the top
  bool elsewhere = false;                // its maddr names a host that is not ours
  bool strict = false;                   // the last Route became the Request-URI
  bool in_dialog = false;                // To has a tag
  bool opened = false;                   // a token opened that was given to a phone here
  bool proven = false;                   // and it came back from that phone's host
  std::optional<Flow> token_flow;        // the flow of the phone that the dialog leads to
};

// Errors: malformed (Route, Request-URI), limit (too many Routes).
[[nodiscard]] Expected<Preprocessed> preprocess_routes(const Message& request, const Flow& source,
                                                       const OwnNames& names,
                                                       const FlowTokens& tokens);

// A contact as a Request-URI: without headers and without the method parameter, which have no place
// there (RFC 3261 §19.1.1 table 1, §16.6 step 2).
[[nodiscard]] std::string request_uri_of(std::string_view contact);

// One way a request may take.
struct Hop {
  Flow flow;
  std::string request_uri;        // empty: the preprocessed one
  std::vector<std::string> path;  // Routes to put on top (RFC 3327)
  std::uint16_t q_thousandths = 1000;
};

// The hop that Routes, token or Request-URI prescribe; nothing when the Request-URI names a user of
// the domain, who must be looked up, or this node. Errors: forbidden for a Route that leads to a
// stranger, not_found for a Request-URI of a foreign domain or a phone that is not known.
[[nodiscard]] Expected<std::optional<Hop>> prescribed_hop(Now now, const Message& request,
                                                          const Preprocessed& routed,
                                                          const OwnNames& names,
                                                          const LocalBindings& bindings,
                                                          const NodeFlows& nodes);

}  // namespace chordial::sip
