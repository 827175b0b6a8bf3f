#include "sip/message/values.h"

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr auto npos = std::string_view::npos;

std::uint32_t distance(std::string_view whole, std::string_view part) {
  return static_cast<std::uint32_t>(part.data() - whole.data());
}

std::size_t skip_white(std::string_view text, std::size_t at) {
  while (at < text.size() && is_white(text[at]))
    ++at;
  return at;
}

// Where '<' opens the URI of a name-addr; npos for an addr-spec. `unclosed` tells of a quoted name
// that never ends or that no '<' follows.
std::size_t find_angle(std::string_view text, bool& unclosed) {
  unclosed = false;
  if (!text.empty() && text.front() == '"') {
    const std::size_t behind = skip_quoted(text, 0);
    const std::size_t angle = behind == npos ? npos : skip_white(text, behind);
    unclosed = angle == npos || angle >= text.size() || text[angle] != '<';
    return unclosed ? npos : angle;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') return i;
    if (!is_token_char(text[i]) && !is_white(text[i])) return npos;
  }
  return npos;
}

}  // namespace

Expected<NameAddress> NameAddress::parse(std::string_view text, const char* field,
                                         std::uint32_t offset) {
  NameAddress out;
  out.text = text;
  if (text == "*") {
    out.star = true;
    return out;
  }
  bool unclosed = false;
  const std::size_t angle = find_angle(text, unclosed);
  if (unclosed) return failure(ErrorKind::malformed, field, "a quote without end", offset);
  std::string_view uri_text;
  std::string_view rest;
  if (angle != npos) {
    const std::size_t end = text.find('>', angle);
    if (end == npos) return failure(ErrorKind::malformed, field, "'<' without '>'", offset);
    out.display_name = trim(text.substr(0, angle));
    uri_text = text.substr(angle + 1, end - angle - 1);
    rest = trim(text.substr(end + 1));
  } else {
    const std::size_t semicolon = text.find(';');
    uri_text = trim(text.substr(0, semicolon));
    if (semicolon != npos) rest = text.substr(semicolon);
    // §20.10: such a URI must stand in <>, or nobody knows whose parameters follow.
    if (const std::size_t bad = uri_text.find_first_of(",?"); bad != npos) {
      return failure(ErrorKind::malformed, field, "a URI that needs <>",
                     offset + static_cast<std::uint32_t>(bad));
    }
  }
  auto uri = Uri::parse(uri_text, field, offset + distance(text, uri_text));
  if (!uri) return Failure(uri.error());
  out.uri = *uri;
  if (!rest.empty()) {
    const auto good =
        Parameters::check(rest, ParameterStyle::header, field, offset + distance(text, rest));
    if (!good) return Failure(good.error());
    out.parameters = Parameters(rest);
  }
  return out;
}

std::optional<std::uint32_t> NameAddress::expires_s() const {
  const auto parameter = parameters.find("expires");
  if (!parameter) return std::nullopt;
  const std::string_view value = parameter->value;
  if (const auto number = parse_decimal(value)) return number;
  return !value.empty() && value.find_first_not_of("0123456789") == npos ? 0xffffffffU : 3600U;
}

std::uint16_t NameAddress::q_thousandths() const {
  const std::string_view q = parameters.value("q");
  if (q.empty() || q.size() > 5 || (q[0] != '0' && q[0] != '1')) return 1000;
  if (q.size() > 1 && q[1] != '.') return 1000;
  unsigned thousandths = q[0] == '1' ? 1000 : 0;
  unsigned weight = 100;
  for (const char c : q.substr(q.size() > 1 ? 2 : 1)) {
    if (!is_digit(c)) return 1000;
    thousandths += static_cast<unsigned>(c - '0') * weight;
    weight /= 10;
  }
  return thousandths > 1000 ? std::uint16_t{1000} : static_cast<std::uint16_t>(thousandths);
}

Expected<Via> Via::parse_sent_by(std::string_view text, std::uint32_t offset) {
  const auto malformed = [&](const char* reason, std::size_t at) {
    return failure(ErrorKind::malformed, "Via", reason, offset + static_cast<std::uint32_t>(at));
  };
  Via via;
  via.text = text;
  // sent-protocol: name "/" version "/" transport, with white space around each slash (§25.1).
  const std::size_t slash = text.find('/');
  const std::size_t second = slash == npos ? npos : text.find('/', slash + 1);
  if (second == npos) return malformed("no protocol", 0);
  const std::string_view name = trim(text.substr(0, slash));
  const std::string_view version = trim(text.substr(slash + 1, second - slash - 1));
  if (!is_token(name) || !is_token(version)) return malformed("not a protocol and version", 0);
  via.is_sip_2 = equal_nocase(name, "SIP") && version == "2.0";
  const std::size_t transport_at = skip_white(text, second + 1);
  std::size_t at = transport_at;
  while (at < text.size() && is_token_char(text[at]))
    ++at;
  via.transport = text.substr(transport_at, at - transport_at);
  if (via.transport.empty()) return malformed("no transport", transport_at);
  const std::size_t sent_by_at = skip_white(text, at);
  if (sent_by_at == at) return malformed("no sent-by", at);
  const std::size_t semicolon = text.find(';', sent_by_at);
  const std::string_view sent_by =
      text.substr(sent_by_at, semicolon == npos ? npos : semicolon - sent_by_at);
  if (!split_host_port(sent_by, via.host, via.port))
    return malformed("sent-by is not a host and port", sent_by_at);
  return via;
}

Expected<Via> Via::parse(std::string_view text, std::uint32_t offset) {
  auto via = parse_sent_by(text, offset);
  const std::size_t semicolon = text.find(';');
  if (!via || semicolon == npos) return via;
  const std::string_view rest = text.substr(semicolon);
  const auto good = Parameters::check(rest, ParameterStyle::header, "Via",
                                      offset + static_cast<std::uint32_t>(semicolon));
  if (!good) return Failure(good.error());
  via->parameters = Parameters(rest);
  return via;
}

bool Via::has_magic_cookie() const {
  const std::string_view text_of_branch = branch();
  return text_of_branch.size() > magic_cookie.size() &&
         equal_nocase(text_of_branch.substr(0, magic_cookie.size()), magic_cookie);
}

Expected<CSeq> CSeq::parse(std::string_view text, std::uint32_t offset) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end]))
    ++end;
  const auto number = parse_decimal(text.substr(0, end), 0x7fffffffU);
  if (!number) return failure(ErrorKind::malformed, "CSeq", "not a number below 2^31", offset);
  const std::size_t method_at = skip_white(text, end);
  CSeq cseq;
  cseq.number = *number;
  cseq.method_text = text.substr(method_at);
  if (method_at == end || !is_token(cseq.method_text)) {
    return failure(ErrorKind::malformed, "CSeq", "no method",
                   offset + static_cast<std::uint32_t>(method_at));
  }
  cseq.method = method_of(cseq.method_text);
  return cseq;
}

Expected<Authentication> Authentication::parse(std::string_view text, const char* field,
                                               std::uint32_t offset) {
  Authentication out;
  std::size_t end = 0;
  while (end < text.size() && is_token_char(text[end]))
    ++end;
  const std::size_t rest = skip_white(text, end);
  if (end == 0 || (rest == end && rest < text.size()))
    return failure(ErrorKind::malformed, field, "no authentication scheme", offset);
  out.scheme = text.substr(0, end);
  out.parameters = text.substr(rest);
  return out;
}

std::optional<std::string> Authentication::find(std::string_view name) const {
  std::string_view rest = parameters;
  while (!rest.empty()) {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != ',') {
      if (rest[end] == '"') {
        end = skip_quoted(rest, end);
        if (end == npos) return std::nullopt;
      } else {
        ++end;
      }
    }
    const std::string_view element = rest.substr(0, end);
    rest = end < rest.size() ? rest.substr(end + 1) : std::string_view{};
    const std::size_t equals = element.find('=');
    if (equals == npos || !equal_nocase(trim(element.substr(0, equals)), name)) continue;
    return unquote(trim(element.substr(equals + 1)));
  }
  return std::nullopt;
}

Expected<DialogReference> DialogReference::parse(std::string_view text, const char* field,
                                                 std::uint32_t offset) {
  const std::size_t semicolon = text.find(';');
  DialogReference out;
  out.call_id = trim(text.substr(0, semicolon));
  const std::string_view rest = semicolon == npos ? std::string_view{} : text.substr(semicolon);
  const auto good =
      Parameters::check(rest, ParameterStyle::header, field,
                        offset + static_cast<std::uint32_t>(text.size() - rest.size()));
  if (!good) return Failure(good.error());
  const Parameters parameters(rest);
  out.to_tag = parameters.value("to-tag");
  out.from_tag = parameters.value("from-tag");
  out.early_only = parameters.has("early-only");
  if (out.call_id.empty() || out.to_tag.empty() || out.from_tag.empty())
    return failure(ErrorKind::malformed, field, "a Call-ID and two tags are needed", offset);
  return out;
}

}  // namespace chordial::sip
