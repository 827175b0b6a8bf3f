// Any bytes as a whole message: shown, and written again.
#include "fuzz_wire/same.h"
#include "wire/walk.h"

using namespace chordial;
using namespace chordial::wire;

namespace {

class Depth final : public FieldVisitor {
 public:
  void begin_object(const char*) override { ++depth; }
  void end_object() override { --depth; }
  void begin_list(const char*) override { ++depth; }
  void end_list() override { --depth; }
  void number(const char*, std::uint64_t) override {}
  void enumerated(const char*, std::uint64_t, const char*) override {}
  void boolean(const char*, bool) override {}
  void text(const char*, std::string_view) override {}
  void bytes(const char*, ByteView) override {}
  void node_id(const char*, const NodeId&) override {}

  int depth = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, data + size);
  for (unsigned i = 0; i < 4 && size >= 20; ++i)
    bytes[16 + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
  const auto again = reencode(bytes, RegisteredKindModels());
  Depth visitor;
  const auto shown = walk(bytes, visitor, RegisteredKindModels());
  if (shown.has_value() != again.has_value()) std::abort();
  if (again) {
    if (visitor.depth != 0) std::abort();
    fuzz::expect_same(*again, bytes);
  } else {
    fuzz::expect_place(again.error(), size);
  }
  return 0;
}
