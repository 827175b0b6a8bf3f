// Fragments by script: whatever comes out whole is covered, byte by byte, by fragments that went
// in, and the limits hold all the while. Each step of the script is six bytes: id, offset (2),
// length (2), flags.
#include "transport/reassembly.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chordial;
  using namespace chordial::transport;
  constexpr std::size_t message_bytes_max = 20'000;
  static const Bytes source = [] {
    Bytes bytes(std::size_t{1} << 17);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::uint8_t>(i * 13 + i / 256);
    return bytes;
  }();
  const Bytes header{1, 2, 3, 4};
  Reassembly reassembly;
  std::int64_t now_s = 0;
  for (std::size_t at = 0; at + 6 <= size && at < 6 * 4096; at += 6) {
    const std::uint8_t* step = data + at;
    const auto offset = static_cast<std::uint32_t>(step[1] << 8 | step[2]);
    const auto length = static_cast<std::size_t>(step[3] << 8 | step[4]) % 4096;
    const std::uint8_t flags = step[5];
    if ((flags & 4) != 0) now_s += flags >> 4;
    // The message with an odd flag bit has other bytes: a contradiction.
    const ByteView body = ByteView(source).subspan(offset + (flags >> 1 & 1), length);
    const auto message =
        reassembly.add({MonotonicTime(std::chrono::seconds(now_s)), WallTime{}},
                       {step[0], NodeId{{step[0] % 7U, 0}}, header, offset, (flags & 1) != 0, body},
                       message_bytes_max);
    if (reassembly.messages() > reassembly_messages_max) std::abort();
    if (reassembly.bytes() > reassembly_bytes_max) std::abort();
    if (!message) continue;
    if (message->body.size() > message_bytes_max || message->header != header) std::abort();
    // All from the one source or all from the other.
    for (std::size_t shift = 0; shift < 2; ++shift) {
      if (equal(message->body, ByteView(source).subspan(shift, message->body.size()))) break;
      if (shift == 1) std::abort();
    }
  }
  return 0;
}
