#include "wire/message.h"

#include <algorithm>

namespace chordial::wire {
namespace {

// Enough for a hop or two more without growing the buffer.
constexpr std::size_t header_reserve_bytes = 128;

Bytes reserved(std::size_t bytes) {
  Bytes buffer;
  buffer.reserve(bytes);
  return buffer;
}

}  // namespace

Expected<MessageView> MessageView::parse(ByteView bytes) {
  MessageView view;
  ByteReader reader(bytes);
  read(reader, view.header_);
  if (!reader.ok()) return Failure(reader.error());
  view.bytes_ = bytes;
  view.header_bytes_ = reader.position();
  return view;
}

Expected<MessageContents> MessageView::contents() const {
  ByteReader reader(body(), static_cast<std::uint32_t>(header_bytes_));
  MessageContents contents;
  read(reader, contents);
  if (!reader.ok()) return Failure(reader.error());
  return contents;
}

Expected<SecurityBlock> MessageView::security_block() const {
  ByteReader reader(body(), static_cast<std::uint32_t>(header_bytes_));
  MessageContents contents;
  read(reader, contents);
  SecurityBlock block;
  read(reader, block);
  reader.expect_end("SecurityBlock");
  if (!reader.ok()) return Failure(reader.error());
  return block;
}

MessageBuilder::MessageBuilder(const ForwardingHeader& header, const MessageContents& contents)
    : writer_(reserved(header_reserve_bytes + contents.message_body.size())),
      overlay_(header.overlay),
      transaction_id_(header.transaction_id) {
  write(writer_, header, 0);
  contents_at_ = writer_.size();
  write(writer_, contents);
}

MessageSignatureInput MessageBuilder::signature_input(ByteView identity) const {
  return wire::signature_input(overlay_, transaction_id_, writer_.view().subspan(contents_at_),
                               identity);
}

Bytes MessageBuilder::finish(const SecurityBlock& block) {
  write(writer_, block);
  constexpr std::size_t length_at = 16;
  writer_.patch_u32(length_at, static_cast<std::uint32_t>(writer_.size()));
  return writer_.take();
}

Bytes with_header(const ForwardingHeader& header, ByteView body) {
  ByteWriter writer(reserved(header_length(header) + body.size()));
  write(writer, header, body.size());
  writer.raw(body);
  return writer.take();
}

Expected<Bytes> forwarded(const MessageView& message, const HeaderChange& change) {
  const ForwardingHeader& header = message.header();
  const std::size_t removed = std::min(change.destinations_removed, header.destination_list.size());
  const std::size_t via_count = header.via_list.size() + (change.via_appended ? 1 : 0);
  const std::size_t destination_count =
      header.destination_list.size() - removed + change.destinations_prepended.size();
  if (via_count > destinations_max)
    return failure(ErrorKind::limit, "via_list", "more elements than the limit");
  if (destination_count > destinations_max)
    return failure(ErrorKind::limit, "destination_list", "more elements than the limit");

  ByteView destinations = header.destination_list.bytes();
  std::size_t to_skip = removed;
  for (const Destination& destination : header.destination_list) {
    if (to_skip-- == 0) break;
    destinations = destinations.subspan(destination.wire_bytes());
  }
  ByteWriter prepended;
  write_items(prepended, change.destinations_prepended);
  const std::size_t via_bytes = header.via_list.bytes().size() +
                                (change.via_appended ? change.via_appended->wire_bytes() : 0);
  const std::size_t destination_bytes = prepended.size() + destinations.size();
  const std::size_t total = fixed_header_bytes + via_bytes + destination_bytes +
                            header.options.bytes().size() + message.body().size();

  ByteWriter writer(reserved(total));
  constexpr std::size_t ttl_at = 11, length_at = 16, via_list_length_at = 32;
  writer.raw(message.bytes().first(ttl_at));
  writer.u8(change.ttl);
  writer.raw(message.bytes().subspan(ttl_at + 1, via_list_length_at - ttl_at - 1));
  writer.u16(static_cast<std::uint16_t>(via_bytes));
  writer.u16(static_cast<std::uint16_t>(destination_bytes));
  writer.u16(static_cast<std::uint16_t>(header.options.bytes().size()));
  writer.raw(header.via_list.bytes());
  if (change.via_appended) write(writer, *change.via_appended);
  writer.raw(prepended.view());
  writer.raw(destinations);
  writer.raw(header.options.bytes());
  writer.raw(message.body());
  writer.patch_u32(length_at, static_cast<std::uint32_t>(total));
  return writer.take();
}

}  // namespace chordial::wire
