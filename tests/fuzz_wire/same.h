// What every fuzz target here asks: bytes that the codec takes are the bytes it writes.
#pragma once

#include <cstdlib>

#include "wire/message.h"

namespace chordial::wire::fuzz {

inline void expect_same(ByteView written, ByteView read) {
  if (!equal(written, read)) std::abort();
}

// An error names a field and lies within what was read.
inline void expect_place(const Error& error, std::size_t size) {
  if (error.field[0] == '\0' || error.reason[0] == '\0' || error.offset > size) std::abort();
}

template <class T>
void check_structure(ByteView bytes) {
  const auto parsed = parse_value<T>(bytes);
  if (parsed) {
    expect_same(body_of(*parsed), bytes);
  } else {
    expect_place(parsed.error(), bytes.size());
  }
}

}  // namespace chordial::wire::fuzz
