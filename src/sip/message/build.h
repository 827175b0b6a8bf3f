// Writing messages from nothing: requests, and the responses to a request (RFC 3261 §8.1.1,
// §8.2.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "sip/message/message.h"

namespace chordial::sip {

// "Not Found" for 404; the class's general phrase for a number without one.
[[nodiscard]] std::string_view reason_phrase(std::uint16_t status);

// "SIP/2.0/UDP host:port;branch=…" and ";rport" if asked for. `sent_by` is "host" or "host:port".
[[nodiscard]] std::string via_value(std::string_view transport, std::string_view sent_by,
                                    std::string_view branch, bool rport);

// Appends lines to one buffer. Texts must hold no CR, LF or NUL: such bytes are left out, so that
// no value can become a header of its own.
class MessageBuilder {
 public:
  static MessageBuilder request(Method method, std::string_view uri);
  static MessageBuilder request(std::string_view method, std::string_view uri);
  // Via, From, To, Call-ID, CSeq of the request, and Timestamp in a 100. `to_tag` is added where To
  // has no tag and the status is not 100 (empty: none). With `source`, the top Via gets received
  // and rport (RFC 3581 §4). An empty reason stands for reason_phrase(status).
  static MessageBuilder response(const Message& request, std::uint16_t status,
                                 std::string_view to_tag,
                                 const std::optional<SocketAddress>& source,
                                 std::string_view reason = {});

  MessageBuilder& header(HeaderName name, std::string_view value);
  MessageBuilder& header(HeaderName name, std::uint64_t value);
  MessageBuilder& header(std::string_view name, std::string_view value);
  // All lines of this name, unchanged (Record-Route into a response that makes a dialog).
  MessageBuilder& copy(const Message& from, HeaderName name);
  // The whole message, with Content-Length and, unless the body is empty, Content-Type.
  [[nodiscard]] Bytes finish(std::string_view content_type, ByteView body);
  [[nodiscard]] Bytes finish() { return finish({}, {}); }

 private:
  MessageBuilder() = default;
  void copy_vias(const Message& request, const std::optional<SocketAddress>& source);
  void raw(std::string_view text);
  void clean(std::string_view text);

  Bytes bytes_;
};

}  // namespace chordial::sip
