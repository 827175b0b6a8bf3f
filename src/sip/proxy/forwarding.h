// Writing the copy of a request that goes out on one branch (RFC 3261 §16.6 steps 1 to 8, RFC 5393
// §4.2 and §5.3.3, RFC 5658 double Record-Route), and the signs by which a loop is seen.
#pragma once

#include <string>

#include "base/bytes.h"
#include "sip/proxy/routing.h"

namespace chordial::sip {

struct ForwardingRules {
  const OwnNames& names;
  const FlowTokens& tokens;
  std::string_view realm;  // our own credentials are not passed on
};

// What marks our Via of this request: it changes with all that decides where the request goes, and
// with nothing else, so that the same mark in a Via below means a loop (RFC 5393 §4.2.1). Sixteen
// hexadecimal digits under a secret key.
[[nodiscard]] std::string loop_mark(const Message& request, std::uint64_t key_low,
                                    std::uint64_t key_high);
// Whether one of the Vias carries this mark.
[[nodiscard]] bool has_mark(const Message& request, std::string_view mark);

// The Max-Breadth of a request; `fallback` where there is none or it cannot be read.
[[nodiscard]] std::uint32_t max_breadth(const Message& request, std::uint32_t fallback);

// `branch` is the whole branch parameter. breadth 0: the header field stays as it is.
[[nodiscard]] Bytes forwarded_request(const Message& request, const Flow& source,
                                      const Preprocessed& routed, const Hop& hop,
                                      std::string_view branch, std::uint32_t breadth,
                                      const ForwardingRules& rules);

}  // namespace chordial::sip
