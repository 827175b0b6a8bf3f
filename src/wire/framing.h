// The framing header of links (RFC 6940 §6.6.2): data and ack. Knows nothing of RELOAD messages.
#pragma once

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace chordial::wire {

inline constexpr std::uint8_t frame_data = 128;
inline constexpr std::uint8_t frame_ack = 129;
inline constexpr std::size_t frame_data_header_bytes = 8;
inline constexpr std::size_t frame_ack_bytes = 9;
inline constexpr std::size_t framed_message_bytes_max = 0xffffff;

struct FramedMessage {
  bool is_ack = false;
  std::uint32_t sequence = 0;  // of data: its own; of an ack: ack_sequence, the one acknowledged
  ByteView message;            // data
  std::uint32_t received = 0;  // ack: see acknowledges()
};

// Reads one frame from the front; several may follow each other in one datagram or stream. The
// reader ends behind it. Errors: truncated (of a stream: more bytes are needed), malformed (type).
void read(ByteReader& reader, FramedMessage& frame);
void write(ByteWriter& writer, const FramedMessage& frame);
// A data frame's eight bytes, which go in front of a message of message_bytes.
void write_data_header(ByteWriter& writer, std::uint32_t sequence, std::size_t message_bytes);

// Whether an ack says that `sequence` has been received: it is the acknowledged one, or its bit in
// `received` is set. §6.6.2 calls it "the N-M bit" for M greater than N-32 and less than N: bit 0
// is the least significant and stays zero, N-1 is bit 1, N-31 bit 31.
[[nodiscard]] bool acknowledges(const FramedMessage& ack, std::uint32_t sequence);

}  // namespace chordial::wire
