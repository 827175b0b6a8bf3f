// Base64 (RFC 4648 §4) as XML and PEM-like files carry it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chordial::configuration {

[[nodiscard]] std::string to_base64(ByteView bytes);
// White space between digits is skipped and padding is required. Empty on anything else.
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);

}  // namespace chordial::configuration
