#include "sip/message/message.h"

#include <cstring>

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr auto npos = std::string_view::npos;

std::uint16_t u16(std::size_t number) {
  return static_cast<std::uint16_t>(number);  // message_bytes_max keeps every place below 2^16
}

Failure malformed(const char* field, const char* reason, std::size_t at) {
  return failure(ErrorKind::malformed, field, reason, static_cast<std::uint32_t>(at));
}

// "SIP/" and a version number, in any case (§7.1).
bool is_sip_version(std::string_view text) {
  return text.size() >= 7 && equal_nocase(text.substr(0, 4), "SIP/") && is_digit(text[4]) &&
         text.find('.') != npos && text.find_first_not_of("0123456789.", 4) == npos;
}

// The end of the line that begins at `at`, in front of its CRLF. A CR or LF alone is refused:
// others might take it for the end of a line and read another message than we do.
Expected<std::size_t> line_end(std::string_view text, std::size_t at) {
  const void* found = std::memchr(text.data() + at, '\r', text.size() - at);
  const std::size_t end =
      found == nullptr ? text.size()
                       : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  if (const void* bare = std::memchr(text.data() + at, '\n', end - at); bare != nullptr)
    return malformed("line", "LF without CR", at);
  if (end + 1 >= text.size())
    return failure(ErrorKind::truncated, "header", "no empty line", static_cast<std::uint32_t>(at));
  if (text[end + 1] != '\n') return malformed("line", "CR without LF", end);
  return end;
}

}  // namespace

Expected<Message> Message::parse(ByteView bytes) {
  while (bytes.size() >= 2 && bytes[0] == '\r' && bytes[1] == '\n')
    bytes = bytes.subspan(2);
  if (bytes.size() > message_bytes_max)
    return failure(ErrorKind::limit, "message", "longer than 65535 bytes");
  Message message;
  message.bytes_ = bytes;
  const auto end = line_end(message.text(), 0);
  if (!end) return Failure(end.error());
  if (auto read = message.read_start_line(message.text().substr(0, *end)); !read)
    return Failure(read.error());
  if (auto read = message.read_headers(*end + 2); !read) return Failure(read.error());
  message.cut_body();
  return message;
}

Expected<void> Message::read_start_line(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == npos || space == 0) return malformed("start line", "neither request nor status", 0);
  return is_sip_version(line.substr(0, space)) ? read_status_line(line) : read_request_line(line);
}

Expected<void> Message::read_request_line(std::string_view line) {
  const std::size_t method_end = line.find(' ');
  if (!is_token(line.substr(0, method_end))) return malformed("Method", "not a token", 0);
  std::string_view trimmed = line;
  while (trimmed.back() == ' ')
    trimmed.remove_suffix(1);
  const std::size_t version_at = trimmed.rfind(' ') + 1;
  if (version_at <= method_end + 1) return malformed("Request-URI", "missing", method_end);
  const std::string_view version = trimmed.substr(version_at);
  if (!is_sip_version(version)) return malformed("SIP-Version", "not a version", version_at);
  if (!equal_nocase(version, "SIP/2.0")) {
    start_flaw_ = StartFlaw::version;
  } else if (trimmed.size() != line.size()) {
    start_flaw_ = StartFlaw::spaces;
  }
  method_length_ = u16(method_end);
  method_ = method_of(line.substr(0, method_end));
  uri_at_ = u16(method_end + 1);
  uri_length_ = u16(version_at - 1 - uri_at_);
  return {};
}

Expected<void> Message::read_status_line(std::string_view line) {
  const std::size_t version_end = line.find(' ');
  if (!equal_nocase(line.substr(0, version_end), "SIP/2.0"))
    return failure(ErrorKind::unsupported, "SIP-Version", "not SIP/2.0");
  const std::size_t status_at = version_end + 1;
  const std::size_t status_end = std::min(line.find(' ', status_at), line.size());
  const auto status = parse_decimal(line.substr(status_at, status_end - status_at), 699);
  if (!status || *status < 100 || status_end - status_at != 3)
    return malformed("Status-Code", "not 100 to 699", status_at);
  status_ = u16(*status);
  uri_at_ = u16(std::min(status_end + 1, line.size()));
  uri_length_ = u16(line.size() - uri_at_);
  return {};
}

Expected<void> Message::read_headers(std::size_t at) {
  const std::string_view text = this->text();
  while (true) {
    if (text.substr(at, 2) == "\r\n") {
      body_at_ = u16(at + 2);
      return {};
    }
    const std::size_t begin = at;
    do {  // a line that begins with white space continues the one before (§7.3.1)
      const auto end = line_end(text, at);
      if (!end) return Failure(end.error());
      at = *end + 2;
    } while (at < text.size() && (text[at] == ' ' || text[at] == '\t'));
    if (auto added = add_header(begin, at); !added) return added;
  }
}

Expected<void> Message::add_header(std::size_t at, std::size_t end) {
  const std::string_view line = part(at, end - at);
  const std::size_t colon = line.find(':');
  if (colon == npos) return malformed("header", "a line without ':'", at);
  std::size_t name_end = colon;
  while (name_end > 0 && (line[name_end - 1] == ' ' || line[name_end - 1] == '\t'))
    --name_end;
  const std::string_view name = line.substr(0, name_end);
  if (!is_token(name)) return malformed("header", "a name that is no token", at);
  const std::string_view value = trim(line.substr(colon + 1));
  const std::size_t value_at =
      value.empty() ? colon + 1 : static_cast<std::size_t>(value.data() - line.data());
  const HeaderIndex::Entry entry{u16(at),           u16(line.size()),     u16(at + value_at),
                                 u16(value.size()), header_name_of(name), no_header};
  if (!headers_.add(entry)) {
    return failure(ErrorKind::limit, "header", "more than 255 lines",
                   static_cast<std::uint32_t>(at));
  }
  return {};
}

void Message::cut_body() {
  const auto length = content_length();
  if (!length) return;  // none, and the body is what is there; or a bad one, and validate() tells
  const std::size_t there = bytes_.size() - body_at_;
  if (*length < there) bytes_ = bytes_.first(body_at_ + *length);
  body_short_ = *length > there;
}

HeaderField Message::header(std::size_t index) const {
  const HeaderIndex::Entry& entry = headers_[index];
  const std::string_view line = part(entry.line_at, entry.line_length);
  std::size_t name_end = line.find(':');
  while (name_end > 0 && (line[name_end - 1] == ' ' || line[name_end - 1] == '\t'))
    --name_end;
  return {entry.name, line.substr(0, name_end), part(entry.value_at, entry.value_length), line};
}

Method Message::method() const {
  if (is_request()) return method_;
  const auto sequence = cseq();
  return sequence ? sequence->method : Method::other;
}

std::string_view Message::method_text() const {
  if (is_request()) return part(0, method_length_);
  const auto sequence = cseq();
  return sequence ? sequence->method_text : std::string_view{};
}

std::string_view Message::request_uri_text() const {
  return is_request() ? part(uri_at_, uri_length_) : std::string_view{};
}

std::string_view Message::reason() const {
  return is_response() ? part(uri_at_, uri_length_) : std::string_view{};
}

Expected<Uri> Message::request_uri() const {
  return Uri::parse(request_uri_text(), "Request-URI", uri_at_);
}

std::uint32_t Message::offset_of(std::string_view view) const {
  return static_cast<std::uint32_t>(view.data() - part(0, 0).data());
}

Message Message::rebased(ByteView copy) const {
  Message out = *this;
  out.bytes_ = copy;
  return out;
}

}  // namespace chordial::sip
