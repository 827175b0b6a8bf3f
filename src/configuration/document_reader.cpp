#include "configuration/document.h"
#include "configuration/element_rules.h"
#include "configuration/element_values.h"
#include "configuration/kind_element.h"
#include "configuration/overlay_name.h"
#include "configuration/xml_outline.h"

namespace chordial::configuration {

namespace {

NamespaceScope base_scope() {
  return {{{"", Vocabulary::base, false}}};
}

Expected<void> read_identity(const XmlElement& element, OverlayConfiguration& configuration) {
  const std::string* name = element.attribute("instance-name");
  if (name == nullptr || !is_overlay_name(*name)) {
    return failure(ErrorKind::malformed, "instance-name", "missing, or not a DNS name",
                   element.begin);
  }
  configuration.instance_name = *name;
  if (const std::string* text = element.attribute("sequence")) {
    const auto sequence = read_number(*text, {"sequence", element.begin}, 0, sequence_max);
    if (!sequence) return Failure(sequence.error());
    configuration.sequence = static_cast<std::uint16_t>(*sequence);
  }
  if (const std::string* text = element.attribute("expiration")) {
    const auto time = read_time(*text, {"expiration", element.begin});
    if (!time) return Failure(time.error());
    configuration.expiration = *time;
  }
  return {};
}

const ElementRule* rule_for(const XmlElement& element) {
  for (const ElementRule& rule : element_rules()) {
    if (element.is(rule.vocabulary, rule.name) ||
        (rule.misspelling != nullptr && element.is(rule.vocabulary, rule.misspelling))) {
      return &rule;
    }
  }
  return nullptr;
}

Expected<OverlayConfiguration> read_configuration_element(const XmlElement& element) {
  OverlayConfiguration configuration;
  if (const auto identity = read_identity(element, configuration); !identity) {
    return Failure(identity.error());
  }
  std::vector<std::size_t> counts(element_rules().size());
  for (const XmlElement& child : element.children) {
    const ElementRule* rule = rule_for(child);
    if (rule == nullptr) continue;
    const ElementName where{rule->name, child.begin};
    // Whoever carries the document can rewrite what stands outside the signed bytes: a declaration
    // there must not decide whether an element of ours counts.
    if (rule->vocabulary == Vocabulary::extension && !child.bound_inside) {
      return where.error(ErrorKind::malformed,
                         "its namespace is declared outside of the signed configuration");
    }
    const auto index = static_cast<std::size_t>(rule - element_rules().data());
    if (counts[index]++ == rule->count_max) {
      return where.error(ErrorKind::limit, "stands more often than is allowed");
    }
    if (const auto read = rule->read(child, *rule, configuration); !read) {
      return Failure(read.error());
    }
  }
  return configuration;
}

// The children of <overlay>, each parsed from its own bytes.
class DocumentReader {
 public:
  Expected<void> child(ByteView bytes, std::uint32_t begin, const NamespaceScope& scope) {
    const auto element = parse_element(bytes, begin, scope);
    if (!element) return Failure(element.error());
    if (element->is(Vocabulary::base, "configuration")) {
      if (document.configurations.size() == configurations_max) {
        return failure(ErrorKind::limit, "configuration", "more than 16 of them", begin);
      }
      auto configuration = read_configuration_element(*element);
      if (!configuration) return Failure(configuration.error());
      document.configurations.push_back({std::move(*configuration), to_bytes(bytes), {}});
    } else if (element->is(Vocabulary::base, "signature")) {
      return signature(*element);
    }
    return {};
  }

  Document document;

 private:
  Expected<void> signature(const XmlElement& element) {
    if (document.configurations.empty()) {
      return failure(ErrorKind::malformed, "signature", "stands before any configuration",
                     element.begin);
    }
    auto& signatures = document.configurations.back().signatures;
    if (signatures.size() == signatures_max) {
      return failure(ErrorKind::limit, "signature", "more than 8 for one configuration",
                     element.begin);
    }
    if (auto block = security_block_from_text(element.text)) {
      signatures.push_back(std::move(*block));
    }
    return {};
  }
};

}  // namespace

Expected<Document> read_document(ByteView xml) {
  const auto spans = outline_xml(xml);
  if (!spans) return Failure(spans.error());
  const XmlSpan& root_span = spans->front();
  NamespaceScope scope;
  const auto root =
      parse_start_tag(xml.subspan(root_span.begin, root_span.start_tag_end - root_span.begin),
                      root_span.begin, scope);
  if (!root) return Failure(root.error());
  if (!root->is(Vocabulary::base, "overlay")) {
    return failure(ErrorKind::malformed, "overlay", "the outermost element is another",
                   root_span.begin);
  }
  DocumentReader reader;
  for (const XmlSpan& span : *spans) {
    if (span.depth == 1 && span.begin != root_span.begin) {
      return failure(ErrorKind::malformed, "overlay", "a second outermost element", span.begin);
    }
    if (span.depth != 2) continue;
    const auto read =
        reader.child(xml.subspan(span.begin, span.end - span.begin), span.begin, scope);
    if (!read) return Failure(read.error());
  }
  if (reader.document.configurations.empty()) {
    return failure(ErrorKind::malformed, "configuration", "none in the document", root_span.begin);
  }
  return std::move(reader.document);
}

Expected<SignedConfiguration> read_configuration(ByteView xml, std::string_view instance_name) {
  auto document = read_document(xml);
  if (!document) return Failure(document.error());
  for (SignedConfiguration& configuration : document->configurations) {
    if (configuration.configuration.instance_name == instance_name) {
      return std::move(configuration);
    }
  }
  return failure(ErrorKind::not_found, "instance-name", "the document is about other overlays");
}

Expected<std::vector<KindBlock>> read_kind_blocks(ByteView xml) {
  const auto spans = outline_xml(xml);
  if (!spans) return Failure(spans.error());
  std::vector<KindBlock> blocks;
  for (const XmlSpan& span : *spans) {
    if (span.depth != 1) continue;
    if (blocks.size() == kinds_max) {
      return failure(ErrorKind::limit, "kind-block", "more than 64", span.begin);
    }
    const auto element =
        parse_element(xml.subspan(span.begin, span.end - span.begin), span.begin, base_scope());
    if (!element) return Failure(element.error());
    if (!element->is(Vocabulary::base, "kind-block")) {
      return failure(ErrorKind::malformed, "kind-block", "another element", span.begin);
    }
    auto block = read_kind_block(*element);
    if (!block) return Failure(block.error());
    blocks.push_back(std::move(*block));
  }
  return blocks;
}

}  // namespace chordial::configuration
