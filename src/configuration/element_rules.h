// The elements inside <configuration>: one row each says how it is read and how it is written, so
// that the two cannot drift apart.
#pragma once

#include <span>

#include "configuration/overlay_configuration.h"
#include "configuration/xml_element.h"
#include "configuration/xml_writer.h"

namespace chordial::configuration {

struct ElementRule {
  Vocabulary vocabulary;
  const char* name;         // what is written
  const char* misspelling;  // what is read besides; null for most
  std::size_t count_max;
  Expected<void> (*read)(const XmlElement& element, const ElementRule& rule,
                         OverlayConfiguration& configuration);
  void (*write)(XmlWriter& writer, const ElementRule& rule,
                const OverlayConfiguration& configuration);
};

// In the order in which they are written.
[[nodiscard]] std::span<const ElementRule> element_rules();

}  // namespace chordial::configuration
