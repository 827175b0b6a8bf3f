#include "configuration/xml_element.h"

#include <algorithm>
#include <array>
#include <pugixml.hpp>

#include "configuration/overlay_configuration.h"
#include "configuration/xml_outline.h"

namespace chordial::configuration {

namespace {

constexpr std::size_t attributes_max = 32;
constexpr std::size_t bindings_max = 64;
constexpr const char* field = "document";

struct KnownNamespace {
  Vocabulary vocabulary;
  const char* uri;
};

constexpr std::array<KnownNamespace, 5> known_namespaces{{
    {Vocabulary::base, "urn:ietf:params:xml:ns:p2p:config-base"},
    {Vocabulary::chord, "urn:ietf:params:xml:ns:p2p:config-chord"},
    {Vocabulary::sip, "urn:ietf:params:xml:ns:p2p:config-base:sip"},
    {Vocabulary::redir, redir_namespace},
    {Vocabulary::extension, extension_namespace},
}};

Vocabulary vocabulary_of(std::string_view uri) {
  if (uri.empty()) return Vocabulary::none;
  for (const KnownNamespace& known : known_namespaces) {
    if (uri == known.uri) return known.vocabulary;
  }
  return Vocabulary::foreign;
}

std::string_view trimmed(std::string_view text) {
  constexpr const char* space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

struct QualifiedName {
  std::string_view prefix;
  std::string_view local;
};

QualifiedName split(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {{}, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

// Copies the library's tree into ours. Recursion is bounded by document_depth_max.
class TreeReader {
 public:
  TreeReader(ByteView source, const std::vector<XmlSpan>& spans, std::uint32_t base)
      : source_(source), spans_(spans), base_(base) {}

  // Adds the element's own bindings to the scope.
  Expected<XmlElement> read(const pugi::xml_node& node, NamespaceScope& scope) {
    const auto local_begin = static_cast<std::uint32_t>(node.offset_debug() - 1);
    XmlElement element;
    element.begin = base_ + local_begin;
    const auto span =
        std::lower_bound(spans_.begin(), spans_.end(), local_begin,
                         [](const XmlSpan& s, std::uint32_t begin) { return s.begin < begin; });
    if (span == spans_.end() || span->begin != local_begin) {
      return fail(element, ErrorKind::malformed, "markup that readers may take in different ways");
    }
    element.bytes = source_.subspan(span->begin, span->end - span->begin);
    auto result = read_attributes(node, element, scope);
    if (result) result = resolve(node, element, scope);
    if (result) result = read_content(node, element, scope);
    if (!result) return Failure(result.error());
    return element;
  }

 private:
  static Failure fail(const XmlElement& element, ErrorKind kind, const char* reason) {
    return failure(kind, field, reason, element.begin);
  }

  // Raw bytes are checked beforehand; a character reference can still make one.
  static Failure bad_character(const XmlElement& element) {
    return fail(element, ErrorKind::malformed, "a character that XML forbids");
  }

  static Expected<void> read_attributes(const pugi::xml_node& node, XmlElement& element,
                                        NamespaceScope& scope) {
    std::vector<std::string_view> names;
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      const std::string_view name = attribute.name();
      if (names.size() == attributes_max) {
        return fail(element, ErrorKind::limit, "more than 32 attributes");
      }
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        return fail(element, ErrorKind::malformed, "an attribute stands twice");
      }
      if (!is_xml_text(attribute.value())) return bad_character(element);
      names.push_back(name);
      const QualifiedName parts = split(name);
      if (name == "xmlns" || parts.prefix == "xmlns") {
        if (scope.bindings.size() == bindings_max) {
          return fail(element, ErrorKind::limit, "more than 64 namespace declarations");
        }
        scope.bindings.push_back({std::string(name == "xmlns" ? std::string_view() : parts.local),
                                  vocabulary_of(attribute.value()), true});
      } else if (parts.prefix.empty()) {
        element.attributes.push_back({std::string(parts.local), attribute.value()});
      }
    }
    return {};
  }

  static Expected<void> resolve(const pugi::xml_node& node, XmlElement& element,
                                const NamespaceScope& scope) {
    const QualifiedName parts = split(node.name());
    element.name = parts.local;
    if (parts.prefix == "xml") {
      element.vocabulary = Vocabulary::foreign;
      return {};
    }
    for (auto binding = scope.bindings.rbegin(); binding != scope.bindings.rend(); ++binding) {
      if (binding->prefix != parts.prefix) continue;
      element.vocabulary = binding->vocabulary;
      element.bound_inside = binding->inside;
      return {};
    }
    if (parts.prefix.empty()) return {};
    return fail(element, ErrorKind::malformed, "a prefix that is bound to no namespace");
  }

  Expected<void> read_content(const pugi::xml_node& node, XmlElement& element,
                              NamespaceScope& scope) {
    const std::size_t own_bindings = scope.bindings.size();
    std::string text;
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_element) {
        auto read_child = read(child, scope);
        scope.bindings.resize(own_bindings);
        if (!read_child) return Failure(read_child.error());
        element.children.push_back(std::move(*read_child));
      } else {
        text += child.value();
      }
    }
    if (!is_xml_text(text)) return bad_character(element);
    element.text = trimmed(text);
    return {};
  }

  ByteView source_;
  const std::vector<XmlSpan>& spans_;
  std::uint32_t base_;
};

Expected<XmlElement> parse(ByteView bytes, std::uint32_t base_offset, NamespaceScope& scope) {
  const auto shifted = [base_offset](Error error) {
    error.offset += base_offset;
    return Failure(error);
  };
  const auto spans = outline_xml(bytes);
  if (!spans) return shifted(spans.error());
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(bytes.data(), bytes.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    return failure(ErrorKind::malformed, field, result.description(),
                   base_offset + static_cast<std::uint32_t>(result.offset));
  }
  const pugi::xml_node root = document.first_child();
  if (root.type() != pugi::node_element || root.next_sibling()) {
    return failure(ErrorKind::malformed, field, "not one element", base_offset);
  }
  return TreeReader(bytes, *spans, base_offset).read(root, scope);
}

}  // namespace

const char* vocabulary_uri(Vocabulary vocabulary) {
  for (const KnownNamespace& known : known_namespaces) {
    if (known.vocabulary == vocabulary) return known.uri;
  }
  return "";
}

const std::string* XmlElement::attribute(std::string_view attribute_name) const {
  for (const XmlAttribute& candidate : attributes) {
    if (candidate.name == attribute_name) return &candidate.value;
  }
  return nullptr;
}

Expected<XmlElement> parse_element(ByteView bytes, std::uint32_t base_offset,
                                   const NamespaceScope& around) {
  NamespaceScope scope = around;
  for (NamespaceScope::Binding& binding : scope.bindings)
    binding.inside = false;
  return parse(bytes, base_offset, scope);
}

Expected<XmlElement> parse_start_tag(ByteView start_tag, std::uint32_t base_offset,
                                     NamespaceScope& inside) {
  if (start_tag.size() < 3) return failure(ErrorKind::malformed, field, "not a tag", base_offset);
  Bytes empty = to_bytes(start_tag);
  if (empty[empty.size() - 2] != '/') {
    empty.back() = '/';
    empty.push_back('>');
  }
  auto element = parse(empty, base_offset, inside);
  if (element) element->bytes = {};
  return element;
}

}  // namespace chordial::configuration
