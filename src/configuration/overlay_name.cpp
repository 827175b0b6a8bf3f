#include "configuration/overlay_name.h"

#include "crypto/hash.h"

namespace chordial::configuration {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63) return false;
  for (const char c : label) {
    if (!is_letter_or_digit(c) && c != '-') return false;
  }
  return label.front() != '-' && label.back() != '-';
}

}  // namespace

bool is_overlay_name(std::string_view name) {
  if (name.size() > overlay_name_bytes_max) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::uint32_t overlay_hash(std::string_view name) {
  const crypto::Sha1 digest = crypto::sha1({as_bytes(name)});
  std::uint32_t low = 0;
  for (std::size_t i = digest.size() - 4; i < digest.size(); ++i)
    low = (low << 8) | digest[i];
  return low;
}

}  // namespace chordial::configuration
