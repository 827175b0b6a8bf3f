#include <algorithm>

#include "configuration/document.h"
#include "configuration/element_rules.h"
#include "configuration/kind_element.h"
#include "configuration/timestamp.h"

namespace chordial::configuration {

namespace {

constexpr const char* declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

bool same_kinds(const OverlayConfiguration& a, const OverlayConfiguration& b) {
  return std::ranges::equal(a.required_kinds, b.required_kinds, {}, &KindBlock::kind,
                            &KindBlock::kind);
}

}  // namespace

Expected<Bytes> write_kind(const Kind& kind) {
  XmlWriter writer(0);
  write_kind_element(writer, kind);
  const std::string element = writer.take();
  const std::string block = "<kind-block>" + element + "</kind-block>";
  if (const auto read_back = read_kind_blocks(as_bytes(block)); !read_back) {
    return Failure(read_back.error());
  }
  return to_bytes(as_bytes(element));
}

Expected<Bytes> write_configuration(const OverlayConfiguration& configuration) {
  XmlWriter writer(0);
  writer.open(Vocabulary::base, "configuration");
  for (const Vocabulary vocabulary :
       {Vocabulary::base, Vocabulary::chord, Vocabulary::redir, Vocabulary::extension}) {
    writer.declare(vocabulary);
  }
  writer.attribute("instance-name", configuration.instance_name);
  writer.attribute("sequence", std::to_string(configuration.sequence));
  if (configuration.expiration) {
    writer.attribute("expiration", to_timestamp(*configuration.expiration));
  }
  for (const ElementRule& rule : element_rules())
    rule.write(writer, rule, configuration);
  writer.close();
  const std::string element = writer.take();
  SignedConfiguration unsigned_one;
  unsigned_one.element = to_bytes(as_bytes(element));
  const auto read_back = read_document(write_document({unsigned_one}));
  if (!read_back) return Failure(read_back.error());
  if (!same_kinds(read_back->configurations[0].configuration, configuration)) {
    return failure(ErrorKind::invalid, "kind",
                   "its bytes mean something else outside of the document they came from");
  }
  return std::move(unsigned_one.element);
}

Bytes write_document(const std::vector<SignedConfiguration>& configurations) {
  XmlWriter writer(0);
  writer.open(Vocabulary::base, "overlay");
  writer.declare(Vocabulary::base);
  for (const SignedConfiguration& configuration : configurations) {
    writer.raw(as_text(configuration.element));
    for (const SecurityBlock& block : configuration.signatures) {
      writer.text_element(Vocabulary::base, "signature", security_block_text(block));
    }
  }
  writer.close();
  return to_bytes(as_bytes(declaration + writer.take() + '\n'));
}

}  // namespace chordial::configuration
