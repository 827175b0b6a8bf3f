#include "sip/transaction/request_parts.h"

#include <string>

namespace chordial::sip {

namespace {

class Parts {
 public:
  Parts(const Message& invite, std::string_view method) : invite_(invite) {
    bytes_.reserve(512);
    put(method);
    put(" ");
    put(invite.request_uri_text());
    put(" SIP/2.0\r\nVia: ");
    if (const auto via = invite.top_via()) put(via->text);
    put("\r\n");
    for (const HeaderName name : {HeaderName::route, HeaderName::from})
      copy(invite, name);
  }

  void copy(const Message& from, HeaderName name) {
    for (std::uint8_t i = from.first(name); i != no_header; i = from.next_same(i))
      put(from.header(i).line);
  }

  // Call-ID, CSeq and the end of the header.
  Bytes finish(std::string_view method, std::string_view extra_lines) {
    copy(invite_, HeaderName::call_id);
    if (const auto cseq = invite_.cseq()) {
      put("CSeq: ");
      put(std::to_string(cseq->number));
      put(" ");
      put(method);
      put("\r\n");
    }
    put(extra_lines);
    put("Content-Length: 0\r\n\r\n");
    bytes_.shrink_to_fit();
    return std::move(bytes_);
  }

  void put(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }

 private:
  const Message& invite_;
  Bytes bytes_;
};

}  // namespace

Bytes invite_remainder(const Message& invite) {
  Parts parts(invite, "INVITE");
  parts.copy(invite, HeaderName::to);
  return parts.finish("INVITE", {});
}

Bytes build_ack(const Message& invite, const Message& response) {
  Parts parts(invite, "ACK");
  parts.copy(response, HeaderName::to);
  parts.put("Max-Forwards: 70\r\n");
  return parts.finish("ACK", {});
}

Bytes build_cancel(const Message& invite, std::string_view extra_lines) {
  Parts parts(invite, "CANCEL");
  parts.copy(invite, HeaderName::to);
  parts.put("Max-Forwards: 70\r\n");
  return parts.finish("CANCEL", extra_lines);
}

}  // namespace chordial::sip
