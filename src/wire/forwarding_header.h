// The forwarding header (RFC 6940 §6.3.2): all that a peer on the way reads of a message. Reading
// it allocates nothing. Knows nothing of routing and of what follows the header.
#pragma once

#include "wire/destination.h"

namespace chordial::wire {

inline constexpr std::uint32_t relo_token = 0xd2454c4f;
inline constexpr std::uint8_t reload_version = 0x0a;
inline constexpr std::size_t fixed_header_bytes = 38;       // all before via_list
inline constexpr std::uint32_t fragment_only = 0xC0000000;  // the last fragment, at offset 0
inline constexpr std::uint32_t fragment_high_bit = 0x80000000;
inline constexpr std::uint32_t fragment_last_bit = 0x40000000;
inline constexpr std::uint32_t fragment_offset_mask = 0x00FFFFFF;

// §6.3.2.3
struct ForwardingOption {
  static constexpr std::uint8_t forward_critical = 0x01;
  static constexpr std::uint8_t destination_critical = 0x02;
  static constexpr std::uint8_t response_copy = 0x04;

  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  ByteView option;  // at most 65535 bytes
};

void read(ByteReader& reader, ForwardingOption& option);
void write(ByteWriter& writer, const ForwardingOption& option);

struct ForwardingHeader {
  std::uint32_t overlay = 0;  // low 32 bits of SHA-1(overlay name)
  std::uint16_t configuration_sequence = 0;
  std::uint8_t version = reload_version;
  std::uint8_t ttl = 100;
  std::uint32_t fragment = fragment_only;
  std::uint32_t length = 0;  // of the whole message; set when it is written
  std::uint64_t transaction_id = 0;
  std::uint32_t max_response_length = 0;
  DestinationList via_list;
  DestinationList destination_list;
  List<ForwardingOption> options;

  // Whether the message is complete, and no fragment.
  [[nodiscard]] bool is_whole() const {
    return (fragment & (fragment_last_bit | fragment_offset_mask)) == fragment_last_bit;
  }
  [[nodiscard]] bool is_last_fragment() const { return (fragment & fragment_last_bit) != 0; }
  [[nodiscard]] std::uint32_t fragment_offset() const { return fragment & fragment_offset_mask; }
};

// Checks token, version, the fragment's high bit (§6.7), the lists and their limits, and that
// `length` is what is there. Errors: malformed, truncated, limit, unsupported (version). Nothing is
// said about overlay, ttl and sequence: that is forwarding's business.
void read(ByteReader& reader, ForwardingHeader& header);
// With `length` for a body of body_bytes; header.length does not matter.
void write(ByteWriter& writer, const ForwardingHeader& header, std::size_t body_bytes);
[[nodiscard]] std::size_t header_length(const ForwardingHeader& header);

}  // namespace chordial::wire
