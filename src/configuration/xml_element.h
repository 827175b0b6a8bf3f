// One element as a plain tree with its namespaces resolved. The XML library is behind it; nothing
// outside xml_element.cpp sees that library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace chordial::configuration {

// The namespaces a document of ours may mix.
enum class Vocabulary : std::uint8_t {
  none,       // no namespace
  base,       // urn:ietf:params:xml:ns:p2p:config-base
  chord,      // urn:ietf:params:xml:ns:p2p:config-chord
  sip,        // RFC 7904 §3.4
  redir,      // RFC 7374 §7
  extension,  // the project's own
  foreign,    // anybody else's
};

// The namespace's URI; empty for none and foreign.
[[nodiscard]] const char* vocabulary_uri(Vocabulary vocabulary);

struct XmlAttribute {
  std::string name;  // without a namespace; others are left out
  std::string value;
};

struct XmlElement {
  Vocabulary vocabulary = Vocabulary::none;
  bool bound_inside = false;  // its namespace is declared within the bytes that were parsed
  std::string name;           // local part
  std::string text;           // all character data, ends trimmed
  std::vector<XmlAttribute> attributes;
  std::vector<XmlElement> children;
  std::uint32_t begin = 0;  // where it stands in the whole document
  ByteView bytes;           // from its first < to its last >; lives as long as what was parsed

  // Null when it is absent.
  [[nodiscard]] const std::string* attribute(std::string_view attribute_name) const;
  [[nodiscard]] bool is(Vocabulary in, std::string_view local_name) const {
    return vocabulary == in && name == local_name;
  }
};

// The prefixes in force around an element.
struct NamespaceScope {
  struct Binding {
    std::string prefix;  // empty: the default namespace
    Vocabulary vocabulary = Vocabulary::none;
    bool inside = false;
  };
  std::vector<Binding> bindings;  // the last one of a prefix counts
};

// Parses bytes that hold exactly one element (as outline_xml found it). Offsets count from
// `base_offset`. Errors, with `field` "document": malformed, limit.
[[nodiscard]] Expected<XmlElement> parse_element(ByteView bytes, std::uint32_t base_offset,
                                                 const NamespaceScope& around);
// The start tag alone: the element without its content, and the scope inside it.
[[nodiscard]] Expected<XmlElement> parse_start_tag(ByteView start_tag, std::uint32_t base_offset,
                                                   NamespaceScope& inside);

}  // namespace chordial::configuration
