// Where the elements of an XML text lie, byte by byte, before anything is interpreted: signatures
// cover bytes, so their extent must not be guessed from a parsed tree. Also the gate that holds
// size, depth and count within limits. Knows no names and no namespaces.
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace chordial::configuration {

struct XmlSpan {
  std::uint32_t begin = 0;          // the first <
  std::uint32_t start_tag_end = 0;  // past the > of the start tag
  std::uint32_t end = 0;            // past the last >
  std::uint32_t depth = 0;          // 1 for an element outside all others
};

// All elements in the order of their beginnings. Errors, with `field` "document": limit, malformed
// (unbalanced tags, bytes that are not UTF-8), unsupported (a DTD).
[[nodiscard]] Expected<std::vector<XmlSpan>> outline_xml(ByteView xml);

// Whether it is UTF-8 and holds only characters that XML permits (XML 1.0 §2.2).
[[nodiscard]] bool is_xml_text(std::string_view text);

}  // namespace chordial::configuration
