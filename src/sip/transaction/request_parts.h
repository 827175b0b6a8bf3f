// Requests the transaction layer writes itself: ACK for a final response above 2xx and CANCEL, both
// from the INVITE they belong to (RFC 3261 §17.1.1.3, §9.1).
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "sip/message/message.h"

namespace chordial::sip {

// What of an INVITE its ACK and CANCEL are made from, as a message without the rest: Request-URI,
// top Via, Route, From, To, Call-ID, CSeq.
[[nodiscard]] Bytes invite_remainder(const Message& invite);

// `invite` is the INVITE or its remainder; both have passed validate().
[[nodiscard]] Bytes build_ack(const Message& invite, const Message& response);
// `extra_lines` end in CRLF each.
[[nodiscard]] Bytes build_cancel(const Message& invite, std::string_view extra_lines);

}  // namespace chordial::sip
