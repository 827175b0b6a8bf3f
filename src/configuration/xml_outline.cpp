#include "configuration/xml_outline.h"

#include "configuration/document.h"

namespace chordial::configuration {

namespace {

constexpr const char* field = "document";

// The length of the UTF-8 sequence at the front, 0 where there is none (RFC 3629 §4) or where XML
// forbids the character (XML 1.0 §2.2).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) {
    return lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
  }
  const std::size_t count = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < count) return 0;
  for (std::size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool outside = (lead == 0xed && byte(1) >= 0xa0) || (lead == 0xf4 && byte(1) >= 0x90);
  const bool noncharacter = lead == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe;
  return overlong || outside || noncharacter ? 0 : count;
}

// How many bytes from the front are text that XML permits.
std::size_t xml_text_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t count = character_bytes(text.substr(at));
    if (count == 0) break;
    at += count;
  }
  return at;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

class Outliner {
 public:
  explicit Outliner(ByteView xml) : text_(as_text(xml)) {}

  Expected<std::vector<XmlSpan>> run() {
    if (text_.size() > document_bytes_max) return fail(0, ErrorKind::limit, "longer than 256 KiB");
    if (const std::size_t good = xml_text_prefix(text_); good != text_.size()) {
      return fail(good, ErrorKind::malformed, "not a UTF-8 character of XML");
    }
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    while (ok_ && at_ < text_.size())
      step();
    if (ok_ && !open_.empty()) {
      return fail(spans_[open_.back()].begin, ErrorKind::malformed, "element is never closed");
    }
    if (ok_ && spans_.empty()) return fail(0, ErrorKind::malformed, "no element in it");
    if (!ok_) return Failure(error_);
    return std::move(spans_);
  }

 private:
  Failure fail(std::size_t at, ErrorKind kind, const char* reason) {
    ok_ = false;
    error_ = Error{kind, field, static_cast<std::uint32_t>(at), reason};
    return Failure(error_);
  }

  [[nodiscard]] bool sees(std::string_view token) const {
    return text_.substr(at_).starts_with(token);
  }

  // Moves past the next `token`, which begins at `from` or later.
  void skip_past(std::string_view token, std::size_t from) {
    const std::size_t found = text_.find(token, from);
    if (found == std::string_view::npos) {
      fail(at_, ErrorKind::malformed, "markup is never closed");
      return;
    }
    at_ = found + token.size();
  }

  void step() {
    if (text_[at_] != '<') {
      if (open_.empty() && !is_space(text_[at_])) {
        fail(at_, ErrorKind::malformed, "text outside of all elements");
        return;
      }
      if (sees("]]>")) {
        fail(at_, ErrorKind::malformed, "]]> in text");
        return;
      }
      ++at_;
    } else if (sees("<?")) {
      skip_past("?>", at_ + 2);
    } else if (sees("<!--")) {
      skip_past("-->", at_ + 4);
    } else if (sees("<![CDATA[") && !open_.empty()) {
      skip_past("]]>", at_ + 9);
    } else if (sees("<!")) {
      fail(at_, ErrorKind::unsupported, "a document type declaration is never read");
    } else if (sees("</")) {
      end_tag();
    } else {
      start_tag();
    }
  }

  [[nodiscard]] std::string_view name_at(std::size_t from) const {
    const std::size_t end = text_.find_first_of(" \t\r\n/><=\"'&", from);
    return text_.substr(from, end == std::string_view::npos ? end : end - from);
  }

  void start_tag() {
    const std::size_t begin = at_;
    const std::string_view name = name_at(begin + 1);
    if (name.empty()) {
      fail(begin, ErrorKind::malformed, "a tag without a name");
      return;
    }
    if (spans_.size() == document_elements_max) {
      fail(begin, ErrorKind::limit, "more than 8192 elements");
      return;
    }
    if (open_.size() == document_depth_max) {
      fail(begin, ErrorKind::limit, "elements nested deeper than 16");
      return;
    }
    char quote = '\0';
    for (at_ = begin + 1 + name.size(); at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '<') break;  // XML forbids it in attribute values too
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return open_element(begin, text_[at_ - 1] == '/');
      }
    }
    fail(begin, ErrorKind::malformed, "the start tag is never closed");
  }

  // at_ is on the > of the start tag.
  void open_element(std::size_t begin, bool empty) {
    ++at_;
    const auto here = static_cast<std::uint32_t>(at_);
    const auto depth = static_cast<std::uint32_t>(open_.size() + 1);
    spans_.push_back({static_cast<std::uint32_t>(begin), here, empty ? here : 0, depth});
    if (!empty) open_.push_back(spans_.size() - 1);
  }

  void end_tag() {
    const std::size_t begin = at_;
    const std::string_view name = name_at(begin + 2);
    std::size_t end = begin + 2 + name.size();
    while (end < text_.size() && is_space(text_[end]))
      ++end;
    if (open_.empty() || end == text_.size() || text_[end] != '>' ||
        name_at(spans_[open_.back()].begin + 1) != name) {
      fail(begin, ErrorKind::malformed, "the end tag closes no open element");
      return;
    }
    at_ = end + 1;
    spans_[open_.back()].end = static_cast<std::uint32_t>(at_);
    open_.pop_back();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<XmlSpan> spans_;
  std::vector<std::size_t> open_;  // indexes into spans_
  bool ok_ = true;
  Error error_;
};

}  // namespace

Expected<std::vector<XmlSpan>> outline_xml(ByteView xml) {
  return Outliner(xml).run();
}

bool is_xml_text(std::string_view text) {
  return xml_text_prefix(text) == text.size();
}

}  // namespace chordial::configuration
