#include "base/byte_reader.h"

namespace chordial {

std::uint64_t ByteReader::number(unsigned count, const char* field) {
  const ByteView view = take(count, field);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : view)
    value = (value << 8) | byte;
  return value;
}

ByteView ByteReader::take(std::size_t count, const char* field) {
  if (failed_) return {};
  if (count > left()) {
    fail(ErrorKind::truncated, field, "the bytes end inside this field");
    return {};
  }
  const ByteView view = bytes_.subspan(at_, count);
  at_ += count;
  return view;
}

ByteView ByteReader::vector(unsigned length_bytes, const char* field) {
  const std::uint64_t length = number(length_bytes, field);
  return take(static_cast<std::size_t>(length), field);
}

ByteReader ByteReader::sub_reader(unsigned length_bytes, const char* field) {
  const std::uint64_t length = number(length_bytes, field);
  const std::uint32_t start = offset();
  ByteReader inner(take(static_cast<std::size_t>(length), field), start);
  inner.failed_ = failed_;
  inner.error_ = error_;
  return inner;
}

ByteView ByteReader::rest() {
  return take(left(), "");
}

void ByteReader::fail(ErrorKind kind, const char* field, const char* reason) {
  if (failed_) return;
  failed_ = true;
  error_ = Error{kind, field, offset(), reason};
}

void ByteReader::expect_end(const char* field) {
  if (!failed_ && left() != 0)
    fail(ErrorKind::malformed, field, "bytes are left over after the end");
}

bool ByteReader::adopt(const ByteReader& inner) {
  if (!failed_ && inner.failed_) {
    failed_ = true;
    error_ = inner.error_;
  }
  return !failed_;
}

}  // namespace chordial
