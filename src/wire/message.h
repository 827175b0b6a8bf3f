// A whole RELOAD message: forwarding header, contents, security block (RFC 6940 §6.3). MessageView
// reads, MessageBuilder writes, with_header and forwarded put a new header in front of an untouched
// body. Knows no keys and no routes.
#pragma once

#include "wire/forwarding_header.h"
#include "wire/message_contents.h"
#include "wire/security_block.h"

namespace chordial::wire {

// A window on a message's bytes, which outlive it. The header is parsed at once, the rest when it
// is asked for. Reading header, contents and security block allocates nothing.
class MessageView {
 public:
  // Errors: those of the forwarding header. `bytes` is one message or one fragment.
  [[nodiscard]] static Expected<MessageView> parse(ByteView bytes);

  [[nodiscard]] const ForwardingHeader& header() const { return header_; }
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] std::size_t header_bytes() const { return header_bytes_; }
  // Everything behind the header.
  [[nodiscard]] ByteView body() const { return bytes_.subspan(header_bytes_); }

  // Only of a whole message (header().is_whole()). Errors: malformed, truncated, limit.
  [[nodiscard]] Expected<MessageContents> contents() const;
  [[nodiscard]] Expected<SecurityBlock> security_block() const;

 private:
  ByteView bytes_;
  ForwardingHeader header_;
  std::size_t header_bytes_ = 0;
};

// Writes a message in the order in which it must be made, because the signature covers the
// contents:
//
//   MessageBuilder builder(header, contents);
//   auto input = builder.signature_input(identity);        // identity = encode(SignerIdentity)
//   signature = signer.sign({input.prefix, input.contents, input.identity});
//   Bytes message = builder.finish(security_block);
class MessageBuilder {
 public:
  MessageBuilder(const ForwardingHeader& header, const MessageContents& contents);
  // `body` is written by the structure's own write(): body_of(store_req).
  MessageBuilder(const ForwardingHeader& header, MessageCode code, ByteView body,
                 List<MessageExtension> extensions = {})
      : MessageBuilder(header, MessageContents{code, body, extensions, 0, {}}) {}

  // Good until finish() and while `identity` lives.
  [[nodiscard]] MessageSignatureInput signature_input(ByteView identity) const;
  // Appends the security block and fills in the length. The builder is spent.
  [[nodiscard]] Bytes finish(const SecurityBlock& block);

 private:
  ByteWriter writer_;
  std::uint32_t overlay_;
  std::uint64_t transaction_id_;
  std::size_t contents_at_;
};

// A structure's bytes: the body of a message, the value of a record.
template <class T>
[[nodiscard]] Bytes body_of(const T& structure) {
  ByteWriter writer;
  write(writer, structure);
  return writer.take();
}

// Reads one structure from all of `reader`'s bytes.
template <class T>
[[nodiscard]] Expected<T> parse_all(ByteReader reader, const char* field) {
  T structure{};
  read(reader, structure);
  reader.expect_end(field);
  if (!reader.ok()) return Failure(reader.error());
  return structure;
}
// The body of a message: parse_body<StoreReq>(*view.contents()).
template <class T>
[[nodiscard]] Expected<T> parse_body(const MessageContents& contents) {
  return parse_all<T>(contents.body_reader(), "message_body");
}
// A structure that stands alone, as the value of a record does.
template <class T>
[[nodiscard]] Expected<T> parse_value(ByteView bytes) {
  return parse_all<T>(ByteReader(bytes), "value");
}

// `header` in front of `body` (everything behind the old header), the length filled in.
[[nodiscard]] Bytes with_header(const ForwardingHeader& header, ByteView body);

// What one hop changes in a message it passes on (§6.1.2). Everything else is copied as bytes.
struct HeaderChange {
  std::uint8_t ttl = 0;
  std::optional<Destination> via_appended;   // the node it came from
  std::size_t destinations_removed = 0;      // from the front, at most all
  DestinationList destinations_prepended{};  // in front of those left
};
// The forwarded message, in one buffer. Errors: limit (a list grew above destinations_max).
[[nodiscard]] Expected<Bytes> forwarded(const MessageView& message, const HeaderChange& change);

}  // namespace chordial::wire
