// A byte stream in two cuttings: both give the same items, and no more is kept than is allowed. The
// first byte says how long the pieces of the second cutting are.
#include <string>
#include <vector>

#include "base/assert.h"
#include "sip/flow/stream_framer.h"
#include "sip/message/message.h"

namespace {

using namespace chordial;
using namespace chordial::sip;

// Items until the end or the first error.
std::vector<std::string> items_of(ByteView stream, std::size_t piece_bytes, bool& failed) {
  StreamFramer framer;
  std::vector<std::string> items;
  failed = false;
  while (!stream.empty() && !failed) {
    ByteView piece = stream.first(std::min(piece_bytes, stream.size()));
    stream = stream.subspan(piece.size());
    while (true) {
      const auto item = framer.next(piece);
      failed = !item;
      if (failed || !*item) break;
      items.push_back(std::to_string(static_cast<int>((*item)->kind)) +
                      std::string(as_text((*item)->bytes)));
    }
    CHORDIAL_INVARIANT(framer.held_bytes() <= 2 * message_bytes_max);
  }
  return items;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > message_bytes_max) return 0;
  const ByteView stream(data + 1, size - 1);
  bool failed_whole = false;
  bool failed_cut = false;
  const auto whole = items_of(stream, stream.size(), failed_whole);
  const auto cut = items_of(stream, 1U + data[0], failed_cut);
  CHORDIAL_INVARIANT(whole == cut);
  CHORDIAL_INVARIANT(failed_whole == failed_cut);
  return 0;
}
