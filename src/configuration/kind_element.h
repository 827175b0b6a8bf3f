// The <kind-block> and <kind> elements (RFC 6940 §11.1; domain restrictions: RFC 7904 §3.4).
#pragma once

#include "configuration/kind.h"
#include "configuration/xml_element.h"
#include "configuration/xml_writer.h"

namespace chordial::configuration {

// Errors: malformed, limit, unsupported (a name, data model or policy nobody here knows).
[[nodiscard]] Expected<KindBlock> read_kind_block(const XmlElement& element);

void write_kind_element(XmlWriter& writer, const Kind& kind);
void write_kind_block(XmlWriter& writer, const KindBlock& block);

}  // namespace chordial::configuration
