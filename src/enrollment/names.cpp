#include "enrollment/names.h"

#include "configuration/overlay_name.h"
#include "crypto/trust.h"

namespace chordial::enrollment {

namespace {

bool is_user_character(char c) {
  const bool letter_or_digit =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter_or_digit || std::string_view("-_.!~*'()&=+$").find(c) != std::string_view::npos;
}

bool is_user_part(std::string_view user) {
  if (user.empty() || user.size() > user_part_bytes_max) return false;
  for (const char c : user) {
    if (!is_user_character(c)) return false;
  }
  return true;
}

}  // namespace

Expected<std::string> user_aor(std::string_view name, std::string_view overlay) {
  if (name.starts_with("sip:")) name.remove_prefix(4);
  const std::size_t at = name.find('@');
  const std::string_view user = name.substr(0, at);
  if (!is_user_part(user)) {
    return failure(ErrorKind::invalid, "user",
                   "a name has 1 to 64 letters, digits or characters of -_.!~*'()&=+$");
  }
  const std::string_view host = at == std::string_view::npos ? overlay : name.substr(at + 1);
  const auto aor = crypto::normalized_user_name(std::string(user) + '@' + std::string(host));
  const auto home = crypto::normalized_user_name(std::string(user) + '@' + std::string(overlay));
  if (!aor || aor != home) {
    return failure(ErrorKind::invalid, "user", "belongs to another domain than this overlay");
  }
  if (crypto::is_reserved_user_name(*aor)) {
    return failure(ErrorKind::forbidden, "user", "names like this one belong to nodes");
  }
  return *aor;
}

std::string_view user_part(std::string_view aor) {
  return aor.substr(0, aor.find('@'));
}

bool is_node_name(std::string_view name) {
  return name.size() <= node_name_bytes_max && name.find('.') == std::string_view::npos &&
         configuration::is_overlay_name(name);
}

}  // namespace chordial::enrollment
