// Cuts a byte stream into SIP messages by Content-Length (RFC 3261 §7.5, §18.3) and finds the CRLF
// keepalives between them (RFC 5626 §4.4.1). The head is read by the message reader itself, so that
// nobody can frame a stream in one way and have it read in another.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/error.h"

namespace chordial::sip {

struct StreamItem {
  enum class Kind : std::uint8_t {
    message,
    ping,  // CRLF CRLF: the other end wants a CRLF back
    pong,  // CRLF, where one was expected
  };
  Kind kind = Kind::message;
  ByteView bytes;  // of a message
};

class StreamFramer {
 public:
  // Takes the next item from what earlier calls kept and from the front of `received`. Nothing when
  // more bytes are needed; `received` is empty then and its bytes are kept. An item's bytes live
  // until the next call and, where nothing was kept, point into `received`. Errors (malformed,
  // limit) cannot be mended: close the stream. Where only the length of a body is missing or wrong,
  // the head alone comes as a message first, for whoever answers 400. Never keeps more than a
  // message and the rest of one `received`.
  Expected<std::optional<StreamItem>> next(ByteView& received);

  // A ping was sent: the next lone CRLF is its answer.
  void expect_pong() { pong_expected_ = true; }

  [[nodiscard]] std::size_t held_bytes() const { return buffer_.size() - start_; }

 private:
  Expected<std::optional<StreamItem>> read(ByteView& received);
  // Looks at the front of `bytes`; says in `used` how many of them the item takes (or an idle
  // CRLF).
  Expected<std::optional<StreamItem>> scan(ByteView bytes, std::size_t& used);
  Expected<std::optional<StreamItem>> scan_message(ByteView bytes, std::size_t& used);

  Bytes buffer_;
  std::size_t start_ = 0;     // of what is still to be read in buffer_
  std::size_t searched_ = 0;  // no end of header begins in so many bytes
  std::size_t needed_ = 0;    // the whole length of the message at the front; 0 while unknown
  bool pong_expected_ = false;
  std::optional<Error> broken_;  // nothing more can be read
};

}  // namespace chordial::sip
