// Any bytes as frames one after the other.
#include "wire/framing.h"

#include "fuzz_wire/same.h"

using namespace chordial;
using namespace chordial::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  ByteReader reader(bytes);
  ByteWriter writer;
  while (!reader.done()) {
    FramedMessage frame;
    read(reader, frame);
    if (!reader.ok()) break;
    write(writer, frame);
    if (frame.is_ack && !acknowledges(frame, frame.sequence)) std::abort();
  }
  if (reader.ok()) {
    fuzz::expect_same(writer.view(), bytes);
  } else {
    fuzz::expect_place(reader.error(), size);
  }
  return 0;
}
