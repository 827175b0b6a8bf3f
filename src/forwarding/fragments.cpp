#include "forwarding/fragments.h"

#include <algorithm>

#include "wire/forwarding_header.h"

namespace chordial::forwarding {

namespace {

// Places of the two fields in the header (§6.3.2).
constexpr std::size_t fragment_at = 12;
constexpr std::size_t length_at = 16;

void put_u32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

std::uint32_t get_u32(ByteView bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value = (value << 8) | bytes[at + i];
  return value;
}

FragmentPlan equal_pieces(std::size_t body, std::size_t room) {
  const std::size_t count = (body + room - 1) / room;
  return {count, (body + count - 1) / count};
}

}  // namespace

Expected<FragmentPlan> FragmentPlan::of(std::size_t message_bytes, std::size_t header_bytes,
                                        std::size_t link_bytes_max) {
  const std::size_t body = message_bytes - header_bytes;
  if (message_bytes <= link_bytes_max) return FragmentPlan{1, body};
  if (header_bytes + fragment_body_bytes_min > link_bytes_max) {
    return failure(ErrorKind::limit, "fragment", "the link cannot hold the header and 256 bytes");
  }
  const std::size_t room = link_bytes_max - header_bytes;
  const std::size_t with_slack = room - std::min(room, fragment_slack_bytes);
  FragmentPlan plan = equal_pieces(body, std::max(with_slack, fragment_body_bytes_min));
  // Fewer and fuller pieces where equal ones would be too small.
  if (plan.body_bytes < fragment_body_bytes_min) plan = equal_pieces(body, room);
  return plan;
}

void make_fragment(ByteView message, std::size_t header_bytes, const FragmentPlan& plan,
                   std::size_t index, Bytes& piece) {
  const std::size_t begin = header_bytes + index * plan.body_bytes;
  const std::size_t end = std::min(begin + plan.body_bytes, message.size());
  piece.assign(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(header_bytes));
  piece.insert(piece.end(), message.begin() + static_cast<std::ptrdiff_t>(begin),
               message.begin() + static_cast<std::ptrdiff_t>(end));
  const std::uint32_t fragment = get_u32(message, fragment_at);
  const std::uint32_t offset =
      (fragment & wire::fragment_offset_mask) + static_cast<std::uint32_t>(index * plan.body_bytes);
  const std::uint32_t last = end == message.size() ? fragment & wire::fragment_last_bit : 0;
  put_u32(piece, fragment_at,
          wire::fragment_high_bit | last | (offset & wire::fragment_offset_mask));
  put_u32(piece, length_at, static_cast<std::uint32_t>(piece.size()));
}

}  // namespace chordial::forwarding
