// Two bytes of message_code, then any bytes as its body, within a well-formed message.
#include "fuzz_wire/same.h"
#include "wire/walk.h"

using namespace chordial;
using namespace chordial::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto code = static_cast<MessageCode>((data[0] << 8) | data[1]);
  const Bytes message =
      MessageBuilder(ForwardingHeader{}, code, ByteView(data + 2, size - 2)).finish({});
  const auto again = reencode(message, RegisteredKindModels());
  if (again) {
    fuzz::expect_same(*again, message);
  } else {
    fuzz::expect_place(again.error(), message.size());
  }
  return 0;
}
