#include "sip/auth/digest_credentials.h"

#include <algorithm>
#include <charconv>

namespace chordial::sip {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
}

// Walks over a header field's value. White space includes folded lines.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != npos)
      ++at_;
  }
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view token() {
    const std::size_t from = at_;
    while (at_ < text_.size() && is_token_char(text_[at_]))
      ++at_;
    return text_.substr(from, at_ - from);
  }
  // The inside of a quoted-string whose opening quote is taken already; false if it never ends.
  bool quoted_rest(std::string_view& inside) {
    const std::size_t from = at_;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        inside = text_.substr(from, at_++ - from);
        return true;
      }
      if (text_[at_] == '\\') ++at_;
    }
    at_ = text_.size();
    return false;
  }
  [[nodiscard]] bool done() const { return at_ == text_.size(); }
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(at_); }

 private:
  static constexpr auto npos = std::string_view::npos;
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Field {
  const char* name;
  std::string_view DigestCredentials::*member;
};

constexpr Field fields[] = {
    {"username", &DigestCredentials::username}, {"realm", &DigestCredentials::realm},
    {"nonce", &DigestCredentials::nonce},       {"uri", &DigestCredentials::uri},
    {"response", &DigestCredentials::response}, {"algorithm", &DigestCredentials::algorithm},
    {"cnonce", &DigestCredentials::cnonce},     {"opaque", &DigestCredentials::opaque},
    {"qop", &DigestCredentials::qop},           {"nc", &DigestCredentials::nc},
};

Expected<void> complete(DigestCredentials& credentials) {
  for (const Field& field : {fields[0], fields[1], fields[2], fields[3], fields[4]}) {
    if ((credentials.*field.member).empty())
      return failure(ErrorKind::malformed, field.name, "a required parameter is missing or empty");
  }
  if (credentials.nc.empty()) return {};
  const char* end = credentials.nc.data() + credentials.nc.size();
  const auto [stop, error] =
      std::from_chars(credentials.nc.data(), end, credentials.nonce_count, 16);
  if (credentials.nc.size() != 8 || error != std::errc{} || stop != end)
    return failure(ErrorKind::malformed, "nc", "not eight hexadecimal digits");
  return {};
}

}  // namespace

Expected<DigestCredentials> parse_digest_credentials(std::string_view value) {
  if (value.size() > digest_header_bytes_max)
    return failure(ErrorKind::limit, "credentials", "longer than its limit");
  Scanner scan(value);
  scan.skip_space();
  if (!same_word(scan.token(), "Digest"))
    return failure(ErrorKind::unsupported, "auth-scheme", "another scheme than Digest");
  DigestCredentials credentials;
  for (std::size_t count = 0;; ++count) {
    if (count == digest_parameters_max)
      return failure(ErrorKind::limit, "credentials", "too many parameters", scan.offset());
    scan.skip_space();
    const std::uint32_t start = scan.offset();
    const std::string_view name = scan.token();
    scan.skip_space();
    if (name.empty() || !scan.take('='))
      return failure(ErrorKind::malformed, "credentials", "no parameter where one must be", start);
    scan.skip_space();
    std::string_view text;
    if (scan.take('"')) {
      if (!scan.quoted_rest(text))
        return failure(ErrorKind::malformed, "credentials", "a quoted string never ends", start);
    } else {
      text = scan.token();
      if (text.empty())
        return failure(ErrorKind::malformed, "credentials", "a parameter has no value", start);
    }
    if (same_word(name, "username*") || (same_word(name, "userhash") && same_word(text, "true")))
      return failure(ErrorKind::unsupported, "username", "hashed or encoded user name", start);
    for (const Field& field : fields) {
      if (!same_word(name, field.name)) continue;
      std::string_view& member = credentials.*field.member;
      if (member.data() != nullptr)
        return failure(ErrorKind::malformed, field.name, "the parameter is there twice", start);
      member = text;
    }
    scan.skip_space();
    if (scan.done()) break;
    if (!scan.take(','))
      return failure(ErrorKind::malformed, "credentials", "no comma between parameters",
                     scan.offset());
  }
  if (const auto well = complete(credentials); !well) return Failure(well.error());
  return credentials;
}

}  // namespace chordial::sip
