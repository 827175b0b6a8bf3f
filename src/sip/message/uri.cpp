#include "sip/message/uri.h"

#include <array>

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr auto npos = std::string_view::npos;

bool is_alpha(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_alpha(text.front())) return false;
  for (const char c : text) {
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

constexpr std::array<bool, 256> forbidden_chars = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c)
    table[c] = c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' || c == '\\';
  return table;
}();

constexpr std::array<bool, 256> host_chars = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// Where a character stands that no part of any URI may hold; npos if there is none.
std::size_t find_forbidden(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (forbidden_chars[static_cast<unsigned char>(text[i])]) return i;
  }
  return npos;
}

bool escapes_are_whole(std::string_view text) {
  return text.find('%') == npos || percent_decode(text).has_value();
}

UriScheme scheme_of(std::string_view text) {
  if (equal_nocase(text, "sip")) return UriScheme::sip;
  if (equal_nocase(text, "sips")) return UriScheme::sips;
  if (equal_nocase(text, "tel")) return UriScheme::tel;
  return UriScheme::other;
}

// Reads the parts behind "scheme:" into one Uri.
class UriReader {
 public:
  UriReader(Uri& uri, std::string_view rest, const char* field, std::uint32_t offset)
      : uri_(uri), rest_(rest), field_(field), offset_(offset) {}

  Expected<void> read_tel() {
    const std::size_t semicolon = rest_.find(';');
    uri_.user = rest_.substr(0, semicolon);
    uri_.has_user = true;
    if (uri_.user.empty()) return malformed("no number", uri_.user);
    return read_parameters(semicolon == npos ? std::string_view{} : rest_.substr(semicolon));
  }

  Expected<void> read_sip() {
    if (auto user = read_user(); !user) return user;
    const std::size_t question = rest_.find('?');
    if (question != npos) {
      uri_.headers = rest_.substr(question + 1);
      rest_ = rest_.substr(0, question);
      if (uri_.headers.empty() || !escapes_are_whole(uri_.headers))
        return malformed("bad headers behind '?'", uri_.headers);
    }
    const std::size_t semicolon = rest_.find(';');
    const std::string_view host_port = rest_.substr(0, semicolon);
    // White space was refused already, so "host : port" cannot get in here.
    if (!split_host_port(host_port, uri_.host, uri_.port))
      return malformed("not a host and port", host_port);
    return read_parameters(semicolon == npos ? std::string_view{} : rest_.substr(semicolon));
  }

 private:
  // '@' must be escaped everywhere but behind the user; a second one is refused, so that nobody can
  // disagree with us about which part is the host.
  Expected<void> read_user() {
    const std::size_t at = rest_.find('@');
    if (at == npos) return {};
    const std::string_view userinfo = rest_.substr(0, at);
    const std::size_t colon = userinfo.find(':');
    uri_.user = userinfo.substr(0, colon);
    if (colon != npos) uri_.password = userinfo.substr(colon + 1);
    uri_.has_user = true;
    rest_.remove_prefix(at + 1);
    if (uri_.user.empty()) return malformed("an empty user", userinfo);
    if (!escapes_are_whole(userinfo)) return malformed("a broken escape", userinfo);
    if (const std::size_t second = rest_.find('@'); second != npos)
      return malformed("a second '@'", rest_.substr(second));
    return {};
  }

  Expected<void> read_parameters(std::string_view text) {
    if (auto good = Parameters::check(text, ParameterStyle::uri, field_, place(text)); !good)
      return good;
    if (!escapes_are_whole(text)) return malformed("a broken escape", text);
    uri_.parameters = Parameters(text);
    return {};
  }

  Failure malformed(const char* reason, std::string_view where) const {
    return failure(ErrorKind::malformed, field_, reason, place(where));
  }
  std::uint32_t place(std::string_view where) const {
    if (where.data() == nullptr) return offset_;
    return offset_ + static_cast<std::uint32_t>(where.data() - uri_.text.data());
  }

  Uri& uri_;
  std::string_view rest_;
  const char* field_;
  std::uint32_t offset_;
};

}  // namespace

Expected<Uri> Uri::parse(std::string_view text, const char* field, std::uint32_t offset) {
  Uri uri;
  uri.text = text;
  if (const std::size_t bad = find_forbidden(text); bad != npos) {
    return failure(ErrorKind::malformed, field, "a character no URI may hold",
                   offset + static_cast<std::uint32_t>(bad));
  }
  const std::size_t colon = text.find(':');
  if (colon == npos || !is_scheme(text.substr(0, colon)))
    return failure(ErrorKind::malformed, field, "no scheme", offset);
  uri.scheme_text = text.substr(0, colon);
  uri.scheme = scheme_of(uri.scheme_text);
  const std::string_view rest = text.substr(colon + 1);
  if (uri.scheme == UriScheme::other) {
    uri.user = rest;
    if (rest.empty()) return failure(ErrorKind::malformed, field, "nothing but a scheme", offset);
    return uri;
  }
  UriReader reader(uri, rest, field, offset);
  const auto read = uri.scheme == UriScheme::tel ? reader.read_tel() : reader.read_sip();
  if (!read) return Failure(read.error());
  return uri;
}

std::optional<IpAddress> Uri::host_address() const {
  return IpAddress::parse(host);
}

std::uint16_t Uri::port_or_default() const {
  if (port != 0) return port;
  return scheme == UriScheme::sips ? 5061 : 5060;
}

bool is_host(std::string_view text) {
  if (text.empty()) return false;
  if (text.front() == '[') {
    const auto address = IpAddress::parse(text);
    if (address) return text.back() == ']' && address->is_v6();
    // RFC 5118 §4.10: the grammar of RFC 3261 allows a colon too many in front of an IPv4 address.
    const std::size_t colons = text.find(":::");
    if (colons == npos || text.find('.', colons) == npos) return false;
    std::string mended(text);
    mended.erase(colons, 1);
    return IpAddress::parse(mended).has_value();
  }
  for (const char c : text) {
    if (!host_chars[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

bool split_host_port(std::string_view text, std::string_view& host, std::uint16_t& port) {
  text = trim(text);
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == npos ? 0 : bracket);
  host = trim(text.substr(0, colon));
  port = 0;
  if (colon != npos) {
    const auto number = parse_decimal(trim(text.substr(colon + 1)), 65535);
    if (!number || *number == 0) return false;
    port = static_cast<std::uint16_t>(*number);
  }
  return is_host(host);
}

std::string escape_user(std::string_view plain) {
  static constexpr std::string_view allowed = "-_.!~*'()&=+$,;?/";
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(plain.size());
  for (const char c : plain) {
    if (is_alpha(c) || is_digit(c) || allowed.find(c) != npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace chordial::sip
