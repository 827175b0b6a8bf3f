// Bounded reading of big-endian fields with the presentation language's vectors (RFC 5246 §4,
// RFC 6940 §6.3.1). The first failure sticks: later reads return zeros and empty views, so a parser
// reads a structure straight through and asks once. Never reads outside its view.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"

namespace chordial {

class ByteReader {
 public:
  // `base_offset` is the place of `bytes` in the whole message; errors count from there.
  explicit ByteReader(ByteView bytes, std::uint32_t base_offset = 0)
      : bytes_(bytes), base_(base_offset) {}

  std::uint8_t u8(const char* field) { return static_cast<std::uint8_t>(number(1, field)); }
  std::uint16_t u16(const char* field) { return static_cast<std::uint16_t>(number(2, field)); }
  std::uint32_t u32(const char* field) { return static_cast<std::uint32_t>(number(4, field)); }
  std::uint64_t u64(const char* field) { return number(8, field); }

  // Exactly `count` bytes.
  ByteView take(std::size_t count, const char* field);
  // opaque field<0..2^(8*length_bytes)-1>: the length, then so many bytes. length_bytes is 1 to 4.
  ByteView vector(unsigned length_bytes, const char* field);
  // A reader of such a vector's inside, with offsets that still count from the whole message. It
  // has failed already where this one has.
  ByteReader sub_reader(unsigned length_bytes, const char* field);
  // Everything that is left.
  ByteView rest();

  void fail(ErrorKind kind, const char* field, const char* reason);
  // Fails if bytes are left over.
  void expect_end(const char* field);

  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] bool done() const { return failed_ || at_ == bytes_.size(); }
  [[nodiscard]] std::uint32_t offset() const { return base_ + static_cast<std::uint32_t>(at_); }
  // Position in the view this reader was given, for callers that slice it.
  [[nodiscard]] std::size_t position() const { return at_; }

  // Takes over another reader's failure; true when this reader is still well.
  bool adopt(const ByteReader& inner);

 private:
  std::uint64_t number(unsigned count, const char* field);

  ByteView bytes_;
  std::size_t at_ = 0;
  std::uint32_t base_ = 0;
  bool failed_ = false;
  Error error_;
};

}  // namespace chordial
