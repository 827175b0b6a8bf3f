// Any bytes as the SecurityBlock of a configuration document's signature: refused, or the same
// bytes again; and any text as its base64.
#include <cstdlib>

#include "configuration/security_block.h"

using namespace chordial;
using namespace chordial::configuration;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto block = decode_security_block(bytes)) {
    if (!equal(encode_security_block(*block), bytes)) std::abort();
  } else if (block.error().field[0] == '\0' || block.error().offset > size) {
    std::abort();
  }
  if (const auto block = security_block_from_text(as_text(bytes))) {
    const auto again = security_block_from_text(security_block_text(*block));
    if (!again || !equal(encode_security_block(*again), encode_security_block(*block)))
      std::abort();
  }
  return 0;
}
