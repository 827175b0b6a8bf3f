// Writes XML text with the document's fixed prefixes: none for the base namespace, `chord`, `sip`,
// `redir` and `c` for the others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "configuration/xml_element.h"

namespace chordial::configuration {

class XmlWriter {
 public:
  // `depth` is how far the first element is indented.
  explicit XmlWriter(unsigned depth) : depth_(depth) {}

  void open(Vocabulary vocabulary, std::string_view name);
  // Between open() and whatever follows it.
  void attribute(std::string_view name, std::string_view value);
  void declare(Vocabulary vocabulary);
  void close();
  // Ends the innermost element with text and nothing else in it.
  void close_text(std::string_view text);
  void text_element(Vocabulary vocabulary, std::string_view name, std::string_view text);
  // Bytes that are XML already, on lines of their own.
  void raw(std::string_view xml);

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void begin_line();
  void end_start_tag();
  void escaped(std::string_view text);

  std::string text_;
  std::vector<std::string> open_names_;
  unsigned depth_;
  bool in_start_tag_ = false;
};

}  // namespace chordial::configuration
