#include "sip/message/parameters.h"

#include <array>

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

// paramchar of uri-parameter: param-unreserved, unreserved, and '%' for escapes; '=' besides, which
// phones write unescaped into the tokens of push services.
bool is_uri_value_char(char c) {
  return is_token_char(c) || std::string_view("[]/:&+$()=").find(c) != std::string_view::npos;
}

// gen-value is a token, a host or a quoted string; base64 and bare IPv6 addresses occur as well.
bool is_header_value_char(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != '\x7f' &&
         std::string_view(";,\"<>").find(c) == std::string_view::npos;
}

bool is_valid(const Parameter& parameter, ParameterStyle style) {
  const bool in_uri = style == ParameterStyle::uri;
  if (parameter.name.empty() || (parameter.has_value && parameter.value.empty())) return false;
  for (const char c : parameter.name) {
    if (!is_token_char(c) && !(in_uri && is_uri_value_char(c))) return false;
  }
  if (!in_uri && parameter.has_value && parameter.value.front() == '"') {
    return skip_quoted(parameter.value, 0) == parameter.value.size();
  }
  for (const char c : parameter.value) {
    if (!(in_uri ? is_uri_value_char(c) : is_header_value_char(c))) return false;
  }
  return true;
}

}  // namespace

std::optional<Parameter> Parameters::take(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  std::size_t end = 1;
  std::size_t equals = std::string_view::npos;
  for (; end < rest.size() && rest[end] != ';'; ++end) {
    if (rest[end] == '=' && equals == std::string_view::npos) equals = end;
    if (rest[end] == '"' && equals != std::string_view::npos) {
      const std::size_t behind = skip_quoted(rest, end);
      if (behind == std::string_view::npos) {
        end = rest.size();
        break;
      }
      end = behind - 1;
    }
  }
  Parameter parameter;
  parameter.has_value = equals != std::string_view::npos;
  const std::size_t name_end = parameter.has_value ? equals : end;
  parameter.name = trim(rest.substr(1, name_end - 1));
  if (parameter.has_value) parameter.value = trim(rest.substr(equals + 1, end - equals - 1));
  rest.remove_prefix(end);
  return parameter;
}

Expected<void> Parameters::check(std::string_view text, ParameterStyle style, const char* field,
                                 std::uint32_t offset) {
  if (text.empty()) return {};
  const char* begin = text.data();
  const auto place = [&](std::string_view rest) {
    return offset + static_cast<std::uint32_t>(rest.data() - begin);
  };
  if (text.front() != ';')
    return failure(ErrorKind::malformed, field, "something stands where ';' belongs", offset);
  // Not cleared: most values have two parameters, and this runs for every value.
  struct Seen {
    const char* data;
    std::size_t size;
  };
  std::array<Seen, parameters_max> seen;
  std::size_t count = 0;
  while (!text.empty()) {
    const std::string_view here = text;
    const auto parameter = take(text);
    if (!is_valid(*parameter, style))
      return failure(ErrorKind::malformed, field, "not a parameter", place(here));
    if (count == parameters_max)
      return failure(ErrorKind::limit, field, "too many parameters", place(here));
    for (std::size_t i = 0; i < count; ++i) {
      if (equal_nocase({seen[i].data, seen[i].size}, parameter->name))
        return failure(ErrorKind::malformed, field, "a parameter stands twice", place(here));
    }
    seen[count++] = {parameter->name.data(), parameter->name.size()};
  }
  return {};
}

std::optional<Parameter> Parameters::find(std::string_view name) const {
  std::string_view rest = text_;
  while (auto parameter = take(rest)) {
    if (equal_nocase(parameter->name, name)) return parameter;
  }
  return std::nullopt;
}

std::string_view Parameters::value(std::string_view name) const {
  const auto parameter = find(name);
  return parameter ? parameter->value : std::string_view{};
}

}  // namespace chordial::sip
