// What a message must have before anybody acts on it (RFC 3261 §8.1.1, §8.2, §16.3).
#include "sip/message/message.h"
#include "sip/message/syntax.h"

namespace chordial::sip {

Expected<void> Message::validate() const {
  if (auto good = validate_start_line(); !good) return good;
  const auto via = top_via();
  if (!via) return Failure(via.error());
  if (!via->is_sip_2)
    return failure(ErrorKind::malformed, "Via", "not SIP/2.0", offset_of(via->text));
  if (const auto address = from(); !address) return Failure(address.error());
  if (const auto address = to(); !address) return Failure(address.error());
  if (const auto id = call_id(); !id) return Failure(id.error());
  const auto sequence = cseq();
  if (!sequence) return Failure(sequence.error());
  if (is_request() && sequence->method_text != method_text()) {
    return failure(ErrorKind::malformed, "CSeq", "another method than the request's",
                   offset_of(sequence->method_text));
  }
  return validate_numbers();
}

Expected<void> Message::validate_start_line() const {
  if (is_response()) return {};
  if (start_flaw_ == StartFlaw::version)
    return failure(ErrorKind::unsupported, "SIP-Version", "not SIP/2.0");
  if (start_flaw_ == StartFlaw::spaces)
    return failure(ErrorKind::malformed, "Request-Line", "spaces at its end");
  const auto uri = request_uri();
  if (!uri) return Failure(uri.error());
  // §19.1.1, table 1: no headers in a Request-URI; they could become headers of the request.
  if (uri->is_sip() && !uri->headers.empty())
    return failure(ErrorKind::malformed, "Request-URI", "holds headers", offset_of(uri->headers));
  return {};
}

Expected<void> Message::validate_numbers() const {
  for (const HeaderName name : {HeaderName::from, HeaderName::to, HeaderName::call_id,
                                HeaderName::cseq, HeaderName::max_forwards,
                                HeaderName::content_type, HeaderName::expires, HeaderName::event}) {
    const std::uint8_t index = first(name);
    if (index != no_header && next_same(index) != no_header) {
      return failure(ErrorKind::malformed, text_of(name).data(), "stands twice",
                     offset_of(header(next_same(index)).line));
    }
  }
  if (const auto hops = max_forwards(); !hops && hops.error().kind != ErrorKind::not_found)
    return Failure(hops.error());
  const auto length = content_length();
  if (!length && length.error().kind != ErrorKind::not_found) return Failure(length.error());
  if (body_short_)
    return failure(ErrorKind::malformed, "Content-Length", "more than there is",
                   offset_of(value(HeaderName::content_length)));
  return {};
}

std::uint16_t status_for(const Error& error) {
  return error.kind == ErrorKind::unsupported ? 505 : 400;
}

}  // namespace chordial::sip
