#include "configuration/xml_writer.h"

namespace chordial::configuration {

namespace {

std::string_view prefix_of(Vocabulary vocabulary) {
  switch (vocabulary) {
    case Vocabulary::chord:
      return "chord";
    case Vocabulary::sip:
      return "sip";
    case Vocabulary::redir:
      return "redir";
    case Vocabulary::extension:
      return "c";
    case Vocabulary::none:
    case Vocabulary::base:
    case Vocabulary::foreign:
      break;
  }
  return "";
}

std::string qualified(Vocabulary vocabulary, std::string_view name) {
  std::string text(prefix_of(vocabulary));
  if (!text.empty()) text += ':';
  text += name;
  return text;
}

}  // namespace

void XmlWriter::begin_line() {
  if (!text_.empty()) text_ += '\n';
  text_.append(2 * (depth_ + open_names_.size()), ' ');
}

void XmlWriter::end_start_tag() {
  if (in_start_tag_) text_ += '>';
  in_start_tag_ = false;
}

void XmlWriter::escaped(std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        text_ += "&amp;";
        break;
      case '<':
        text_ += "&lt;";
        break;
      case '>':
        text_ += "&gt;";
        break;
      case '"':
        text_ += "&quot;";
        break;
      case '\r':
      case '\n':
      case '\t':
        // Readers turn a bare one into something else.
        text_ += "&#" + std::to_string(static_cast<int>(c)) + ';';
        break;
      default:
        text_ += c;
    }
  }
}

void XmlWriter::open(Vocabulary vocabulary, std::string_view name) {
  end_start_tag();
  begin_line();
  open_names_.push_back(qualified(vocabulary, name));
  text_ += '<';
  text_ += open_names_.back();
  in_start_tag_ = true;
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
  text_ += ' ';
  text_ += name;
  text_ += "=\"";
  escaped(value);
  text_ += '"';
}

void XmlWriter::declare(Vocabulary vocabulary) {
  const std::string_view prefix = prefix_of(vocabulary);
  attribute(prefix.empty() ? std::string("xmlns") : "xmlns:" + std::string(prefix),
            vocabulary_uri(vocabulary));
}

void XmlWriter::close() {
  const std::string name = std::move(open_names_.back());
  open_names_.pop_back();
  if (in_start_tag_) {
    text_ += "/>";
    in_start_tag_ = false;
    return;
  }
  begin_line();
  text_ += "</" + name + '>';
}

void XmlWriter::close_text(std::string_view text) {
  end_start_tag();
  escaped(text);
  text_ += "</" + open_names_.back() + '>';
  open_names_.pop_back();
}

void XmlWriter::text_element(Vocabulary vocabulary, std::string_view name, std::string_view text) {
  open(vocabulary, name);
  close_text(text);
}

void XmlWriter::raw(std::string_view xml) {
  end_start_tag();
  begin_line();
  text_ += xml;
}

}  // namespace chordial::configuration
