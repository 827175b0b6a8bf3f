// Any bytes as a forwarding header with something behind it; forwarding it changes what it says.
#include "fuzz_wire/same.h"

using namespace chordial;
using namespace chordial::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, data + size);
  // The length field is made right, or nearly no input would get past it.
  for (unsigned i = 0; i < 4 && size >= 20; ++i)
    bytes[16 + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
  const auto view = MessageView::parse(bytes);
  if (!view) {
    fuzz::expect_place(view.error(), size);
    return 0;
  }
  if (header_length(view->header()) != view->header_bytes()) std::abort();
  fuzz::expect_same(with_header(view->header(), view->body()), bytes);

  HeaderChange change;
  change.ttl = 3;
  change.via_appended = Destination::compressed(9);
  change.destinations_removed = 1;
  const auto passed_on = forwarded(*view, change);
  if (!passed_on) return 0;
  const auto again = MessageView::parse(*passed_on);
  if (!again || again->header().via_list.size() != view->header().via_list.size() + 1) std::abort();
  fuzz::expect_same(again->body(), view->body());
  return 0;
}
