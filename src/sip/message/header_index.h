// Where the header lines of a message stand: ten bytes a line, the first 32 without an allocation,
// lines of one name chained. Knows offsets only.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sip/message/header_name.h"

namespace chordial::sip {

inline constexpr std::size_t headers_max = 255;
inline constexpr std::uint8_t no_header = 255;

class HeaderIndex {
 public:
  struct Entry {
    std::uint16_t line_at;
    std::uint16_t line_length;  // with the final CRLF
    std::uint16_t value_at;
    std::uint16_t value_length;
    HeaderName name;
    std::uint8_t next;  // the next line of this name, or no_header
  };

  HeaderIndex() { first_.fill(no_header); }

  // False when there are headers_max lines already.
  bool add(const Entry& entry);
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] const Entry& operator[](std::size_t index) const {
    return index < inline_count ? inline_[index] : more_[index - inline_count];
  }
  [[nodiscard]] std::uint8_t first(HeaderName name) const {
    return first_[static_cast<std::size_t>(name)];
  }
  [[nodiscard]] std::uint8_t next(std::uint8_t index) const { return (*this)[index].next; }

 private:
  static constexpr std::size_t inline_count = 32;

  Entry& at(std::size_t index) {
    return index < inline_count ? inline_[index] : more_[index - inline_count];
  }

  std::array<Entry, inline_count> inline_;  // entries beyond count_ mean nothing
  std::vector<Entry> more_;
  std::array<std::uint8_t, header_name_count> first_;
  std::array<std::uint8_t, header_name_count> last_;
  std::uint8_t count_ = 0;
};

}  // namespace chordial::sip
