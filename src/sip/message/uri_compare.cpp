// When two URIs mean the same thing, and the one name a user is stored under.
#include <algorithm>
#include <array>

#include "sip/message/syntax.h"
#include "sip/message/uri.h"

namespace chordial::sip {

namespace {

// Takes the next unit of text: a character, or 256 + its value where it is a reserved one that was
// escaped (RFC 2396 §2.2: escaping those changes the meaning).
int take_unit(std::string_view& text) {
  static constexpr std::string_view reserved = ";/?:@&=+$,";
  if (text.front() == '%' && text.size() >= 3) {
    if (const auto decoded = percent_decode(text.substr(0, 3))) {
      text.remove_prefix(3);
      const char c = decoded->front();
      const int value = static_cast<unsigned char>(c);
      return reserved.find(c) == std::string_view::npos ? value : 256 + value;
    }
  }
  const int value = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  return value;
}

bool equal_escaped(std::string_view a, std::string_view b, bool ignore_case) {
  while (!a.empty() && !b.empty()) {
    int left = take_unit(a);
    int right = take_unit(b);
    if (ignore_case && left < 128) left = lower(static_cast<char>(left));
    if (ignore_case && right < 128) right = lower(static_cast<char>(right));
    if (left != right) return false;
  }
  return a.empty() && b.empty();
}

// A parameter's name and value decide even where only one URI has it.
bool must_be_in_both(std::string_view name) {
  static constexpr std::array<std::string_view, 5> names = {"user", "ttl", "method", "maddr",
                                                            "transport"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return equal_nocase(name, known); });
}

bool parameters_agree(const Parameters& a, const Parameters& b, bool all_must_match) {
  std::string_view rest = a.text();
  while (const auto mine = Parameters::take(rest)) {
    const auto theirs = b.find(mine->name);
    if (!theirs) {
      if (all_must_match || must_be_in_both(mine->name)) return false;
      continue;
    }
    if (mine->has_value != theirs->has_value || !equal_escaped(mine->value, theirs->value, true))
      return false;
  }
  return true;
}

// Takes "name=value" off the headers behind '?'.
std::string_view take_header(std::string_view& rest) {
  const std::size_t end = rest.find('&');
  const std::string_view header = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return header;
}

bool same_header(std::string_view a, std::string_view b) {
  const std::size_t equals_a = a.find('=');
  const std::size_t equals_b = b.find('=');
  if ((equals_a == std::string_view::npos) != (equals_b == std::string_view::npos)) return false;
  if (!equal_escaped(a.substr(0, equals_a), b.substr(0, equals_b), true)) return false;
  return equals_a == std::string_view::npos ||
         equal_escaped(a.substr(equals_a + 1), b.substr(equals_b + 1), false);
}

constexpr int uri_headers_max = 32;

// Deviation: values compare as text, not by the rules of each header field; and URIs with more than
// uri_headers_max headers are never the same.
bool headers_agree(std::string_view a, std::string_view b) {
  int count = 0;
  for (std::string_view rest = a; !rest.empty();) {
    const std::string_view mine = take_header(rest);
    if (++count > uri_headers_max) return false;
    bool found = false;
    int others = 0;
    for (std::string_view other = b; !other.empty() && !found;) {
      if (++others > uri_headers_max) return false;
      found = same_header(mine, take_header(other));
    }
    if (!found) return false;
  }
  return true;
}

std::string number_of_tel(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("-.()").find(c) == std::string_view::npos) out += lower(c);
  }
  return out;
}

}  // namespace

bool equivalent(const Uri& a, const Uri& b) {
  if (a.scheme != b.scheme) return false;
  if (a.scheme == UriScheme::other) return a.text == b.text;
  if (a.scheme == UriScheme::tel) {
    return number_of_tel(a.user) == number_of_tel(b.user) &&
           parameters_agree(a.parameters, b.parameters, true) &&
           parameters_agree(b.parameters, a.parameters, true);
  }
  return a.has_user == b.has_user && equal_escaped(a.user, b.user, false) &&
         a.password.empty() == b.password.empty() && equal_escaped(a.password, b.password, false) &&
         equal_nocase(a.host, b.host) && a.port == b.port &&
         parameters_agree(a.parameters, b.parameters, false) &&
         parameters_agree(b.parameters, a.parameters, false) &&
         headers_agree(a.headers, b.headers) && headers_agree(b.headers, a.headers);
}

Expected<std::string> canonical_aor(const Uri& uri) {
  if (!uri.is_sip())
    return failure(ErrorKind::unsupported, "address of record", "not a SIP or SIPS URI");
  if (!uri.has_user) return failure(ErrorKind::malformed, "address of record", "no user");
  auto user = percent_decode(uri.user);
  if (!user) return failure(ErrorKind::malformed, "address of record", "a broken escape");
  for (const char c : *user) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      return failure(ErrorKind::malformed, "address of record", "a control character");
  }
  std::string aor = std::move(*user);
  aor += '@';
  aor += lower(uri.host);
  return aor;
}

}  // namespace chordial::sip
