#include "wire/framing.h"

#include "base/assert.h"

namespace chordial::wire {

void read(ByteReader& reader, FramedMessage& frame) {
  ByteReader start = reader;
  frame = FramedMessage();
  const std::uint8_t type = reader.u8("FramedMessage.type");
  switch (type) {
    case frame_data:
      frame.sequence = reader.u32("sequence");
      frame.message = reader.vector(3, "message");
      break;
    case frame_ack:
      frame.is_ack = true;
      frame.sequence = reader.u32("ack_sequence");
      frame.received = reader.u32("received");
      break;
    default:
      if (!reader.ok()) return;
      start.fail(ErrorKind::malformed, "FramedMessage.type", "neither data nor ack");
      reader.adopt(start);
  }
}

void write(ByteWriter& writer, const FramedMessage& frame) {
  if (frame.is_ack) {
    writer.u8(frame_ack);
    writer.u32(frame.sequence);
    writer.u32(frame.received);
  } else {
    write_data_header(writer, frame.sequence, frame.message.size());
    writer.raw(frame.message);
  }
}

void write_data_header(ByteWriter& writer, std::uint32_t sequence, std::size_t message_bytes) {
  CHORDIAL_INVARIANT(message_bytes <= framed_message_bytes_max);
  writer.u8(frame_data);
  writer.u32(sequence);
  writer.u8(static_cast<std::uint8_t>(message_bytes >> 16));
  writer.u16(static_cast<std::uint16_t>(message_bytes));
}

bool acknowledges(const FramedMessage& ack, std::uint32_t sequence) {
  const std::uint32_t back = ack.sequence - sequence;  // sequence numbers wrap
  if (back == 0) return true;
  return back < 32 && ((ack.received >> back) & 1) != 0;
}

}  // namespace chordial::wire
