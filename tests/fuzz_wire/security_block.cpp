// Any bytes as a security block.
#include "fuzz_wire/same.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chordial::wire::fuzz::check_structure<chordial::wire::SecurityBlock>({data, size});
  return 0;
}
