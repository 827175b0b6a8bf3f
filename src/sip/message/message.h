// One SIP message as an index over the bytes it came in (RFC 3261 §7). One pass finds the lines;
// values are parsed when somebody asks. Copies nothing: the bytes must outlive the Message and
// every view taken from it. Must not know where messages come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "sip/message/header_index.h"
#include "sip/message/header_name.h"
#include "sip/message/values.h"

namespace chordial::sip {

inline constexpr std::size_t message_bytes_max = 65535;

// What one message may make us keep; a list walked with ListReader has no such limit.
inline constexpr std::size_t list_elements_max = 256;

// One header line: `value` is trimmed and may hold folds (CR LF and white space).
struct HeaderField {
  HeaderName name = HeaderName::other;
  std::string_view name_text;
  std::string_view value;
  std::string_view line;  // the whole line(s) with the final CRLF
};

// One element of a comma-separated header.
struct ListElement {
  std::string_view text;
  std::uint8_t header = 0;  // which header line it stands in
};

class Message;

// Walks the elements of all lines of one name, in order. Quoted strings and <…> hide commas; empty
// elements are skipped.
class ListReader {
 public:
  // The next element; empty at the end.
  std::optional<ListElement> next();

 private:
  friend class Message;
  ListReader(const Message& message, std::uint8_t header);

  const Message* message_;
  std::uint8_t header_;
  std::string_view rest_;
};

class Message {
 public:
  // Reads the start line and finds the header lines. Errors: malformed, truncated (no empty line),
  // limit (too many headers, too many bytes). What comes behind
  // Content-Length is cut off (§18.3); a body shorter than it is left to validate(). CRLFs in front
  // of the start line are skipped.
  static Expected<Message> parse(ByteView bytes);

  [[nodiscard]] bool is_request() const { return status_ == 0; }
  [[nodiscard]] bool is_response() const { return status_ != 0; }
  // The request's method; for a response that of its CSeq (`other` if that cannot be read).
  [[nodiscard]] Method method() const;
  [[nodiscard]] std::string_view method_text() const;
  [[nodiscard]] std::string_view request_uri_text() const;  // requests only; empty otherwise
  [[nodiscard]] Expected<Uri> request_uri() const;
  [[nodiscard]] std::uint16_t status() const { return status_; }  // 100 to 699; 0 for a request
  [[nodiscard]] std::string_view reason() const;

  // What §8.2, §16.3 and §21.4.1 let a server refuse a message for: the six mandatory fields, each
  // once (Via aside) and well-formed; a CSeq that names the method; numbers in range; a body as
  // long as Content-Length says. The caller answers with status_for(error). Max-Forwards may be
  // missing, as in RFC 2543.
  [[nodiscard]] Expected<void> validate() const;

  [[nodiscard]] std::size_t header_count() const { return headers_.size(); }
  [[nodiscard]] HeaderField header(std::size_t index) const;  // index < header_count()
  [[nodiscard]] bool has(HeaderName name) const { return headers_.first(name) != no_header; }
  // How many lines have this name.
  [[nodiscard]] std::size_t count(HeaderName name) const;
  // The value of the first line of this name; empty view if there is none.
  [[nodiscard]] std::string_view value(HeaderName name) const;
  // The same for a header field that HeaderName does not list; compares without case.
  [[nodiscard]] std::optional<std::string_view> value_of_other(std::string_view name) const;
  // The first line of this name and the next one after `index`; no_header at the end.
  [[nodiscard]] std::uint8_t first(HeaderName name) const { return headers_.first(name); }
  [[nodiscard]] std::uint8_t next_same(std::uint8_t index) const { return headers_.next(index); }

  [[nodiscard]] ListReader list(HeaderName name) const;
  // Whether the comma-separated tokens of this header hold `token` (Require, Supported, Allow …).
  [[nodiscard]] bool lists_token(HeaderName name, std::string_view token) const;

  // Errors of all of these: not_found where the field is missing, malformed with the place.
  [[nodiscard]] Expected<Via> top_via() const;
  // Without its parameters, whether they can be read or not.
  [[nodiscard]] Expected<Via> top_sent_by() const;
  [[nodiscard]] Expected<NameAddress> from() const { return address(HeaderName::from); }
  [[nodiscard]] Expected<NameAddress> to() const { return address(HeaderName::to); }
  // The first (or only) element of an address header.
  [[nodiscard]] Expected<NameAddress> address(HeaderName name) const;
  // All elements of an address header, in order; none is not an error. More than list_elements_max
  // are one (limit), here and in vias().
  [[nodiscard]] Expected<std::vector<NameAddress>> addresses(HeaderName name) const;
  [[nodiscard]] Expected<std::vector<NameAddress>> contacts() const {
    return addresses(HeaderName::contact);
  }
  [[nodiscard]] Expected<std::vector<NameAddress>> routes() const {
    return addresses(HeaderName::route);
  }
  [[nodiscard]] Expected<std::vector<Via>> vias() const;
  [[nodiscard]] Expected<CSeq> cseq() const;
  [[nodiscard]] Expected<std::string_view> call_id() const;
  [[nodiscard]] Expected<std::uint32_t> max_forwards() const;  // 0 to 255
  [[nodiscard]] Expected<std::uint32_t> content_length() const;
  // Seconds; a larger number counts as 2^32-1.
  [[nodiscard]] Expected<std::uint32_t> expires_s() const;
  [[nodiscard]] Expected<std::uint32_t> number(HeaderName name, std::uint32_t max) const;

  [[nodiscard]] ByteView bytes() const { return bytes_; }  // start line to the end of the body
  [[nodiscard]] std::string_view text() const { return as_text(bytes_); }
  [[nodiscard]] ByteView body() const { return bytes_.subspan(body_at_); }
  // The place of the empty line that ends the headers.
  [[nodiscard]] std::size_t headers_end() const { return body_at_ - 2U; }
  // Where a view taken from this message stands in it.
  [[nodiscard]] std::uint32_t offset_of(std::string_view part) const;

  // The same index over a copy of the same bytes. Caller's duty: copy.size() == bytes().size().
  [[nodiscard]] Message rebased(ByteView copy) const;

 private:
  // What is wrong with the start line and still lets an answer be built.
  enum class StartFlaw : std::uint8_t { none, version, spaces };

  Message() = default;
  Expected<void> read_start_line(std::string_view line);
  Expected<void> read_request_line(std::string_view line);
  Expected<void> read_status_line(std::string_view line);
  Expected<void> read_headers(std::size_t at);
  Expected<void> add_header(std::size_t at, std::size_t end);
  void cut_body();
  [[nodiscard]] Expected<void> validate_start_line() const;
  [[nodiscard]] Expected<void> validate_numbers() const;
  [[nodiscard]] std::string_view part(std::size_t at, std::size_t length) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + at, length};
  }

  ByteView bytes_;
  HeaderIndex headers_;
  std::uint16_t method_length_ = 0;
  std::uint16_t uri_at_ = 0;      // of the reason phrase in a response
  std::uint16_t uri_length_ = 0;  // likewise
  std::uint16_t body_at_ = 0;
  std::uint16_t status_ = 0;
  Method method_ = Method::other;
  StartFlaw start_flaw_ = StartFlaw::none;
  bool body_short_ = false;
  // What every step on a request's way asks for, read once. Not copied: a copy stands over other
  // bytes, and one that is kept shall be small.
  struct ReadValues {
    std::optional<Via> via;
    std::optional<NameAddress> from;
    std::optional<NameAddress> to;
  };
  struct ReadOnce {
    ReadOnce() = default;
    ReadOnce(const ReadOnce&) {}
    ReadOnce& operator=(const ReadOnce&) {
      values.reset();
      return *this;
    }
    ReadOnce(ReadOnce&&) = default;
    ReadOnce& operator=(ReadOnce&&) = default;
    ~ReadOnce() = default;
    ReadValues& operator*() {
      if (!values) values = std::make_unique<ReadValues>();
      return *values;
    }
    std::unique_ptr<ReadValues> values;
  };
  mutable ReadOnce read_;
};

// A message with its bytes, for those who answer later. Moving keeps its views valid.
class StoredMessage {
 public:
  explicit StoredMessage(const Message& message)
      : bytes_(to_bytes(message.bytes())), message_(message.rebased(bytes_)) {}
  StoredMessage(StoredMessage&&) = default;
  StoredMessage& operator=(StoredMessage&&) = default;

  [[nodiscard]] const Message& operator*() const { return message_; }
  [[nodiscard]] const Message* operator->() const { return &message_; }

 private:
  Bytes bytes_;
  Message message_;
};

// The response a request with this error earns (§21.4): 505 for another version, 400 for the rest.
[[nodiscard]] std::uint16_t status_for(const Error& error);

}  // namespace chordial::sip
