#include "sip/message/build.h"

#include <algorithm>

#include "sip/message/rewrite.h"
#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr std::size_t message_reserve_bytes = 640;

struct Phrase {
  std::uint16_t status;
  std::string_view text;
};

constexpr Phrase phrases[] = {
    {100, "Trying"},
    {180, "Ringing"},
    {181, "Call Is Being Forwarded"},
    {182, "Queued"},
    {183, "Session Progress"},
    {199, "Early Dialog Terminated"},
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Notification"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Moved Temporarily"},
    {305, "Use Proxy"},
    {380, "Alternative Service"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {412, "Conditional Request Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Unsupported URI Scheme"},
    {420, "Bad Extension"},
    {421, "Extension Required"},
    {422, "Session Interval Too Small"},
    {423, "Interval Too Brief"},
    {424, "Bad Location Information"},
    {428, "Use Identity Header"},
    {430, "Flow Failed"},
    {433, "Anonymity Disallowed"},
    {436, "Bad Identity Info"},
    {437, "Unsupported Credential"},
    {438, "Invalid Identity Header"},
    {439, "First Hop Lacks Outbound Support"},
    {480, "Temporarily Unavailable"},
    {481, "Call/Transaction Does Not Exist"},
    {482, "Loop Detected"},
    {483, "Too Many Hops"},
    {484, "Address Incomplete"},
    {485, "Ambiguous"},
    {486, "Busy Here"},
    {487, "Request Terminated"},
    {488, "Not Acceptable Here"},
    {489, "Bad Event"},
    {491, "Request Pending"},
    {493, "Undecipherable"},
    {494, "Security Agreement Required"},
    {500, "Server Internal Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Server Time-out"},
    {505, "Version Not Supported"},
    {513, "Message Too Large"},
    {580, "Precondition Failure"},
    {600, "Busy Everywhere"},
    {603, "Decline"},
    {604, "Does Not Exist Anywhere"},
    {606, "Not Acceptable"},
    {607, "Unwanted"},
};

constexpr std::string_view class_phrases[] = {"Progress",      "Success",      "Redirection",
                                              "Request Error", "Server Error", "Global Failure"};

}  // namespace

std::string_view reason_phrase(std::uint16_t status) {
  const auto found =
      std::lower_bound(std::begin(phrases), std::end(phrases), status,
                       [](const Phrase& phrase, std::uint16_t s) { return phrase.status < s; });
  if (found != std::end(phrases) && found->status == status) return found->text;
  return status >= 100 && status <= 699 ? class_phrases[status / 100 - 1] : std::string_view{};
}

std::string via_value(std::string_view transport, std::string_view sent_by, std::string_view branch,
                      bool rport) {
  std::string out = "SIP/2.0/";
  out.reserve(32 + sent_by.size() + branch.size());
  out += transport;
  out += ' ';
  out += sent_by;
  out += ";branch=";
  out += branch;
  if (rport) out += ";rport";
  return out;
}

void MessageBuilder::raw(std::string_view text) {
  bytes_.insert(bytes_.end(), text.begin(), text.end());
}

void MessageBuilder::clean(std::string_view text) {
  if (text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) return raw(text);
  for (const char c : text) {
    if (c != '\r' && c != '\n' && c != '\0') bytes_.push_back(static_cast<std::uint8_t>(c));
  }
}

MessageBuilder MessageBuilder::request(Method method, std::string_view uri) {
  return request(text_of(method), uri);
}

MessageBuilder MessageBuilder::request(std::string_view method, std::string_view uri) {
  MessageBuilder out;
  out.bytes_.reserve(message_reserve_bytes);
  out.clean(method);
  out.raw(" ");
  out.clean(uri);
  out.raw(" SIP/2.0\r\n");
  return out;
}

MessageBuilder MessageBuilder::response(const Message& request, std::uint16_t status,
                                        std::string_view to_tag,
                                        const std::optional<SocketAddress>& source,
                                        std::string_view reason) {
  MessageBuilder out;
  out.bytes_.reserve(message_reserve_bytes);
  out.raw("SIP/2.0 ");
  out.raw(std::to_string(status));
  out.raw(" ");
  out.clean(reason.empty() ? reason_phrase(status) : reason);
  out.raw("\r\n");
  out.copy_vias(request, source);
  out.copy(request, HeaderName::from);
  const auto to = request.to();
  if (to && to->tag().empty() && !to_tag.empty() && status != 100) {
    out.raw("To: ");
    out.raw(request.value(HeaderName::to));
    out.raw(";tag=");
    out.clean(to_tag);
    out.raw("\r\n");
  } else {
    out.copy(request, HeaderName::to);
  }
  out.copy(request, HeaderName::call_id);
  out.copy(request, HeaderName::cseq);
  if (status == 100) out.copy(request, HeaderName::timestamp);
  return out;
}

void MessageBuilder::copy_vias(const Message& request, const std::optional<SocketAddress>& source) {
  const auto top = request.top_via();
  if (!source || !top) {
    copy(request, HeaderName::via);
    return;
  }
  // The top Via need not stand on the first line: that one may be empty.
  const std::uint8_t stamped_line = request.list(HeaderName::via).next()->header;
  for (std::uint8_t i = request.first(HeaderName::via); i != no_header; i = request.next_same(i)) {
    const std::string_view line = request.header(i).line;
    if (i != stamped_line) {
      raw(line);
      continue;
    }
    const std::size_t at = request.offset_of(top->text) - request.offset_of(line);
    raw(line.substr(0, at));
    raw(stamped(*top, *source));
    raw(line.substr(at + top->text.size()));
  }
}

MessageBuilder& MessageBuilder::header(HeaderName name, std::string_view value) {
  return header(text_of(name), value);
}

MessageBuilder& MessageBuilder::header(HeaderName name, std::uint64_t value) {
  return header(text_of(name), std::to_string(value));
}

MessageBuilder& MessageBuilder::header(std::string_view name, std::string_view value) {
  clean(name);
  raw(": ");
  clean(value);
  raw("\r\n");
  return *this;
}

MessageBuilder& MessageBuilder::copy(const Message& from, HeaderName name) {
  for (std::uint8_t i = from.first(name); i != no_header; i = from.next_same(i))
    raw(from.header(i).line);
  return *this;
}

Bytes MessageBuilder::finish(std::string_view content_type, ByteView body) {
  if (!body.empty()) header(HeaderName::content_type, content_type);
  header(HeaderName::content_length, body.size());
  raw("\r\n");
  bytes_.insert(bytes_.end(), body.begin(), body.end());
  return std::move(bytes_);
}

}  // namespace chordial::sip
