// The values of a message's headers, read when they are asked for.
#include <array>

#include "sip/message/message.h"
#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr std::array<bool, 256> separates = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view(",<>\""))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// The end of the first element of a comma-separated value: quoted strings and <…> hide commas.
std::size_t element_end(std::string_view text) {
  bool in_angle = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!separates[static_cast<unsigned char>(c)]) continue;
    if (c == ',' && !in_angle) return i;
    if (c == '<') in_angle = true;
    if (c == '>') in_angle = false;
    if (c == '"' && !in_angle) {
      const std::size_t behind = skip_quoted(text, i);
      if (behind == std::string_view::npos) return text.size();
      i = behind - 1;
    }
  }
  return text.size();
}

const char* field_text(HeaderName name) {
  return text_of(name).data();  // a literal, hence ended by a zero
}

Failure too_many(HeaderName name) {
  return failure(ErrorKind::limit, field_text(name), "more than 256 elements");
}

Failure not_found(HeaderName name) {
  return failure(ErrorKind::not_found, field_text(name), "missing");
}

}  // namespace

ListReader::ListReader(const Message& message, std::uint8_t header)
    : message_(&message), header_(header) {
  if (header_ != no_header) rest_ = message.header(header_).value;
}

std::optional<ListElement> ListReader::next() {
  while (header_ != no_header) {
    while (!rest_.empty()) {
      const std::size_t end = element_end(rest_);
      const std::string_view element = trim(rest_.substr(0, end));
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      if (!element.empty()) return ListElement{element, header_};
    }
    header_ = message_->next_same(header_);
    if (header_ != no_header) rest_ = message_->header(header_).value;
  }
  return std::nullopt;
}

ListReader Message::list(HeaderName name) const {
  return ListReader(*this, headers_.first(name));
}

std::size_t Message::count(HeaderName name) const {
  std::size_t lines = 0;
  for (std::uint8_t i = first(name); i != no_header; i = next_same(i))
    ++lines;
  return lines;
}

std::string_view Message::value(HeaderName name) const {
  const std::uint8_t index = headers_.first(name);
  if (index == no_header) return {};
  const HeaderIndex::Entry& entry = headers_[index];
  return part(entry.value_at, entry.value_length);
}

std::optional<std::string_view> Message::value_of_other(std::string_view name) const {
  for (std::uint8_t i = first(HeaderName::other); i != no_header; i = next_same(i)) {
    const HeaderField field = header(i);
    if (equal_nocase(field.name_text, name)) return field.value;
  }
  return std::nullopt;
}

bool Message::lists_token(HeaderName name, std::string_view token) const {
  ListReader elements = list(name);
  while (const auto element = elements.next()) {
    if (equal_nocase(element->text, token)) return true;
  }
  return false;
}

Expected<Via> Message::top_via() const {
  if (read_.values && read_.values->via) return *read_.values->via;
  const auto element = list(HeaderName::via).next();
  if (!element) return not_found(HeaderName::via);
  auto via = Via::parse(element->text, offset_of(element->text));
  if (via) (*read_).via = *via;
  return via;
}

Expected<Via> Message::top_sent_by() const {
  const auto element = list(HeaderName::via).next();
  if (!element) return not_found(HeaderName::via);
  return Via::parse_sent_by(element->text, offset_of(element->text));
}

Expected<std::vector<Via>> Message::vias() const {
  std::vector<Via> out;
  ListReader elements = list(HeaderName::via);
  while (const auto element = elements.next()) {
    auto via = Via::parse(element->text, offset_of(element->text));
    if (!via) return Failure(via.error());
    if (out.size() == list_elements_max) return too_many(HeaderName::via);
    out.push_back(*via);
  }
  return out;
}

Expected<NameAddress> Message::address(HeaderName name) const {
  // From and To stand for one address; a comma in their display name is no separator but an error.
  if (name == HeaderName::from || name == HeaderName::to) {
    const auto kept = name == HeaderName::from ? &ReadValues::from : &ReadValues::to;
    if (read_.values && (*read_.values).*kept) return *((*read_.values).*kept);
    if (!has(name)) return not_found(name);
    const std::string_view text = value(name);
    auto address = NameAddress::parse(text, field_text(name), offset_of(text));
    if (address) (*read_).*kept = *address;
    return address;
  }
  const auto element = list(name).next();
  if (!element) return not_found(name);
  return NameAddress::parse(element->text, field_text(name), offset_of(element->text));
}

Expected<std::vector<NameAddress>> Message::addresses(HeaderName name) const {
  std::vector<NameAddress> out;
  ListReader elements = list(name);
  while (const auto element = elements.next()) {
    auto address = NameAddress::parse(element->text, field_text(name), offset_of(element->text));
    if (!address) return Failure(address.error());
    if (out.size() == list_elements_max) return too_many(name);
    out.push_back(*address);
  }
  return out;
}

Expected<CSeq> Message::cseq() const {
  if (!has(HeaderName::cseq)) return not_found(HeaderName::cseq);
  const std::string_view text = value(HeaderName::cseq);
  return CSeq::parse(text, offset_of(text));
}

Expected<std::string_view> Message::call_id() const {
  if (!has(HeaderName::call_id)) return not_found(HeaderName::call_id);
  const std::string_view text = value(HeaderName::call_id);
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f')
      return failure(ErrorKind::malformed, "Call-ID", "white space or a control character",
                     offset_of(text));
  }
  if (text.empty()) return failure(ErrorKind::malformed, "Call-ID", "empty", offset_of(text));
  return text;
}

Expected<std::uint32_t> Message::number(HeaderName name, std::uint32_t max) const {
  if (!has(name)) return not_found(name);
  const std::string_view text = value(name);
  const auto read = parse_decimal(text, max);
  if (!read) {
    return failure(ErrorKind::malformed, field_text(name), "not a number in range",
                   offset_of(text));
  }
  return *read;
}

Expected<std::uint32_t> Message::max_forwards() const {
  return number(HeaderName::max_forwards, 255);
}

Expected<std::uint32_t> Message::content_length() const {
  if (count(HeaderName::content_length) > 1)
    return failure(ErrorKind::malformed, "Content-Length", "stands twice");
  return number(HeaderName::content_length, 0x7fffffff);
}

Expected<std::uint32_t> Message::expires_s() const {
  auto read = number(HeaderName::expires, 0xffffffffU);
  if (read || read.error().kind == ErrorKind::not_found) return read;
  const std::string_view text = value(HeaderName::expires);
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos)
    return 0xffffffffU;
  return read;
}

}  // namespace chordial::sip
