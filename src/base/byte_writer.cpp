#include "base/byte_writer.h"

#include "base/assert.h"

namespace chordial {

void ByteWriter::number(std::uint64_t value, unsigned count) {
  for (unsigned shift = count * 8; shift > 0; shift -= 8) {
    bytes_.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
  }
}

void ByteWriter::vector(unsigned length_bytes, ByteView bytes) {
  const std::size_t hole = open(length_bytes);
  raw(bytes);
  close(hole, length_bytes);
}

std::size_t ByteWriter::open(unsigned length_bytes) {
  const std::size_t hole = bytes_.size();
  number(0, length_bytes);
  return hole;
}

void ByteWriter::close(std::size_t hole, unsigned length_bytes) {
  std::uint64_t length = bytes_.size() - hole - length_bytes;
  CHORDIAL_INVARIANT(length < (std::uint64_t{1} << (8 * length_bytes)));
  for (unsigned i = length_bytes; i > 0; --i) {
    bytes_[hole + i - 1] = static_cast<std::uint8_t>(length);
    length >>= 8;
  }
}

void ByteWriter::patch_u32(std::size_t at, std::uint32_t value) {
  CHORDIAL_INVARIANT(at + 4 <= bytes_.size());
  for (unsigned i = 0; i < 4; ++i)
    bytes_[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

}  // namespace chordial
