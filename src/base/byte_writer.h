// Appends big-endian fields and length-prefixed vectors to one buffer (RFC 5246 §4). A length is
// written as a hole and filled when the vector is closed.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace chordial {

class ByteWriter {
 public:
  ByteWriter() = default;
  // Appends to `initial`; offsets count from its first byte.
  explicit ByteWriter(Bytes initial) : bytes_(std::move(initial)) {}

  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void raw(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  // Caller's duty: bytes.size() fits length_bytes (1 to 4); anything longer is a broken invariant.
  void vector(unsigned length_bytes, ByteView bytes);

  // Opens a vector whose length is not known yet; close() fills it in. They nest.
  [[nodiscard]] std::size_t open(unsigned length_bytes);
  void close(std::size_t hole, unsigned length_bytes);
  // Overwrites four bytes written earlier.
  void patch_u32(std::size_t at, std::uint32_t value);

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  void number(std::uint64_t value, unsigned count);

  Bytes bytes_;
};

}  // namespace chordial
