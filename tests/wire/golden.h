// Bodies written out by hand from the RFCs' structures, beside what the codec makes of the same
// values. Knows no expectations: golden_test.cpp asks the questions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/message.h"

namespace chordial::wire::test {

// White space is skipped; anything that is not hexadecimal ends the test run.
[[nodiscard]] Bytes hex(std::string_view text);
// 16 bytes of this value.
[[nodiscard]] NodeId node(std::uint8_t byte);
[[nodiscard]] ResourceId resource(std::uint8_t byte);

inline constexpr std::string_view node_11 = "11111111111111111111111111111111";
inline constexpr std::string_view node_22 = "22222222222222222222222222222222";
inline constexpr std::string_view resource_33 = "33333333333333333333333333333333";

struct Golden {
  const char* name;
  MessageCode code;
  Bytes by_hand;
  Bytes built;
};

[[nodiscard]] std::vector<Golden> topology_goldens();
[[nodiscard]] std::vector<Golden> link_goldens();
[[nodiscard]] std::vector<Golden> attach_goldens();
[[nodiscard]] std::vector<Golden> storage_goldens();
[[nodiscard]] std::vector<Golden> all_goldens();

// A header to node 11, and a security block signed by a certificate whose hash is 32 bytes of aa.
[[nodiscard]] Bytes message_around(MessageCode code, ByteView body);

// Writes what is in the message's length field, so that a shortened message gets past the header.
void patch_length(Bytes& message);

}  // namespace chordial::wire::test
