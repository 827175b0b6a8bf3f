// The overlay configuration document, "application/p2p-overlay+xml" (RFC 6940 §11.1, §11.1.1):
// reading and writing. Signatures are carried here and checked in document_signature.h.
#pragma once

#include <vector>

#include "base/error.h"
#include "configuration/overlay_configuration.h"

namespace chordial::configuration {

inline constexpr std::size_t document_bytes_max = 256 * 1024;
inline constexpr std::size_t document_depth_max = 16;
inline constexpr std::size_t document_elements_max = 8192;
inline constexpr std::size_t configurations_max = 16;
inline constexpr std::size_t signatures_max = 8;  // per configuration

// One overlay's configuration with the very bytes its signatures cover, from <configuration to
// </configuration>. Meaning is read from those bytes alone.
struct SignedConfiguration {
  OverlayConfiguration configuration;
  Bytes element;
  std::vector<SecurityBlock> signatures;  // those of a form that is known here
};

struct Document {
  std::vector<SignedConfiguration> configurations;  // never empty
};

// Errors name the element and the byte in `xml`: malformed, limit, unsupported (a node-id-length
// other than 16, a DTD, an unknown data model or access control policy). Elements that nobody here
// knows are passed over.
[[nodiscard]] Expected<Document> read_document(ByteView xml);
// The configuration of that overlay; not_found when the document has none.
[[nodiscard]] Expected<SignedConfiguration> read_configuration(ByteView xml,
                                                               std::string_view instance_name);
// Kind-blocks as they stand alone in a ConfigUpdate (§6.5.4.1), one after the other.
[[nodiscard]] Expected<std::vector<KindBlock>> read_kind_blocks(ByteView xml);

// The bytes of <kind>: what a kind signer signs.
[[nodiscard]] Expected<Bytes> write_kind(const Kind& kind);
// The bytes of <configuration>: what a configuration signer signs. Kinds are copied byte by byte
// from their blocks. Errors: those of reading the result back, so that nothing is ever written that
// cannot be read.
[[nodiscard]] Expected<Bytes> write_configuration(const OverlayConfiguration& configuration);
// The whole file. Elements are copied byte by byte.
[[nodiscard]] Bytes write_document(const std::vector<SignedConfiguration>& configurations);

}  // namespace chordial::configuration
