// Changing a message on its way through (RFC 3261 §16.6, §16.7, RFC 3581): splices over the
// received bytes, gathered once into one buffer. What is not touched stays byte for byte. CR, LF
// and NUL are left out of every text that is put in, so that no value can become a header of its
// own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "sip/message/message.h"

namespace chordial::sip {

class Rewriter {
 public:
  // `message` and its bytes must outlive the Rewriter.
  explicit Rewriter(const Message& message) : message_(&message) {}

  void set_request_uri(std::string_view uri);

  // Values are without name and CRLF. Prepended lines stand before all others of their name; of
  // several prepended ones the first call's stands lowest.
  void prepend(HeaderName name, std::string_view value);
  void prepend_via(std::string_view value) { prepend(HeaderName::via, value); }
  // At the end of the header.
  void append(HeaderName name, std::string_view value);
  void append_other(std::string_view name, std::string_view value);
  // Replaces the value of the only line, or appends one; further lines of the name are removed.
  void set(HeaderName name, std::string_view value);
  void remove_all(HeaderName name);
  // Takes away the first element of Via, Route, Path …, with its line if nothing is left on it.
  // Each call takes the next one. False if none is left.
  bool remove_first(HeaderName name);
  bool remove_top_via() { return remove_first(HeaderName::via); }
  bool remove_first_route() { return remove_first(HeaderName::route); }

  // received and rport in the top Via, as RFC 3261 §18.2.1 and RFC 3581 §4 want them: `received`
  // where the sent-by is not this address or rport was asked for, rport where it was asked for.
  // What the sender wrote into either is replaced.
  void stamp_top_via(const SocketAddress& source);

  // One less, or 70 where there was none (§16.6 step 3). Caller's duty: the value has been read and
  // is not 0.
  void decrement_max_forwards();

  // Replaces a view taken from this message.
  void replace(std::string_view part, std::string_view text);
  // Content-Type and Content-Length follow; an empty type removes Content-Type. `body` must outlive
  // gather().
  void set_body(std::string_view content_type, ByteView body);

  [[nodiscard]] Bytes gather();

 private:
  struct Splice {
    std::uint32_t at;       // in the message
    std::uint32_t removed;  // bytes
    std::uint32_t text_at;  // in text_
    std::uint32_t text_length;
    std::int32_t order;  // among those at the same place
  };
  struct Taken {
    HeaderName name;
    std::uint32_t elements;
  };

  void splice(std::size_t at, std::size_t removed, std::string_view text);
  void insert_line(std::size_t at, std::string_view name, std::string_view value,
                   std::int32_t order);
  void put(std::string_view text);
  Splice& add(std::size_t at, std::size_t removed, std::int32_t order);

  const Message* message_;
  std::vector<Splice> splices_;
  std::vector<Taken> taken_;  // by remove_first
  std::string text_;          // everything that is put in
  std::optional<ByteView> body_;
};

// The text of a Via with received and rport for a message that came from `source` (RFC 3261
// §18.2.1, RFC 3581 §4).
[[nodiscard]] std::string stamped(const Via& via, const SocketAddress& source);

}  // namespace chordial::sip
