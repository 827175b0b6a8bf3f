// Cutting a message, or a fragment once more, into fragments for a link (RFC 6940 §6.7). Each piece
// has the whole header; only `fragment` and `length` in it differ. Knows no links.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

namespace chordial::forwarding {

inline constexpr std::size_t fragment_body_bytes_min = 256;
// Room left in each piece for the via list to grow on the way.
inline constexpr std::size_t fragment_slack_bytes = 32;

struct FragmentPlan {
  std::size_t count = 1;
  std::size_t body_bytes = 0;  // of each piece but the last

  // Equal pieces of at least 256 bytes, unless two halves of the body are less. Errors: limit
  // (header and 256 bytes do not fit, or the offset has no room in its 24 bits).
  [[nodiscard]] static Expected<FragmentPlan> of(std::size_t message_bytes,
                                                 std::size_t header_bytes,
                                                 std::size_t link_bytes_max);
};

// Piece number `index` of the plan, into `piece`, whose memory is used again.
void make_fragment(ByteView message, std::size_t header_bytes, const FragmentPlan& plan,
                   std::size_t index, Bytes& piece);

}  // namespace chordial::forwarding
