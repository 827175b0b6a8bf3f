#include "configuration/kind_element.h"

#include <array>

#include "configuration/element_values.h"
#include "configuration/overlay_configuration.h"

namespace chordial::configuration {

namespace {

constexpr std::uint32_t values_max = 0x7fffffff;    // xsd:int
constexpr std::uint32_t kind_id_last = 0xfffffffe;  // 0xffffffff is not in any range of §14.6
constexpr std::size_t pattern_bytes_max = 256;

constexpr std::array data_models{DataModel::single, DataModel::array, DataModel::dictionary};
constexpr std::array access_policies{AccessControl::user_match, AccessControl::node_match,
                                     AccessControl::user_node_match, AccessControl::node_multiple,
                                     AccessControl::node_id_match};

ElementName at(const char* name, const XmlElement& element) {
  return {name, element.begin};
}

// The child of that name; an error names `name` at the parent's place.
Expected<const XmlElement*> only_child(const XmlElement& parent, const char* name) {
  const XmlElement* found = nullptr;
  for (const XmlElement& child : parent.children) {
    if (!child.is(Vocabulary::base, name)) continue;
    if (found != nullptr) return at(name, child).error(ErrorKind::malformed, "stands twice");
    found = &child;
  }
  if (found == nullptr) return at(name, parent).error(ErrorKind::malformed, "is missing");
  return found;
}

Expected<std::uint32_t> read_child_number(const XmlElement& parent, const char* name,
                                          std::uint32_t low) {
  const auto child = only_child(parent, name);
  if (!child) return Failure(child.error());
  return read_number((*child)->text, at(name, **child), low, values_max);
}

template <class Values, class Name>
auto read_child_name(const XmlElement& parent, const char* name, const Values& values, Name name_of)
    -> Expected<typename Values::value_type> {
  const auto child = only_child(parent, name);
  if (!child) return Failure(child.error());
  for (const auto value : values) {
    if ((*child)->text == name_of(value)) return value;
  }
  return at(name, **child).error(ErrorKind::unsupported, "a value that this build does not know");
}

Expected<void> read_identity(const XmlElement& element, Kind& kind) {
  const std::string* name = element.attribute("name");
  const std::string* id = element.attribute("id");
  if ((name == nullptr) == (id == nullptr)) {
    return at("kind", element).error(ErrorKind::malformed, "has not just one of name and id");
  }
  if (name != nullptr) {
    const RegisteredKind* known = registered_kind(*name);
    if (known == nullptr) {
      return at("kind", element).error(ErrorKind::unsupported, "no registered Kind has that name");
    }
    kind.name = *name;
    kind.id = known->id;
    return {};
  }
  const auto number = read_number(*id, at("kind", element), 1, kind_id_last);
  if (!number) return Failure(number.error());
  kind.id = *number;
  return {};
}

Expected<void> read_access(const XmlElement& element, Kind& kind) {
  const auto model = read_child_name(element, "data-model", data_models, data_model_name);
  if (!model) return Failure(model.error());
  const auto policy =
      read_child_name(element, "access-control", access_policies, access_control_name);
  if (!policy) return Failure(policy.error());
  const RegisteredKind* known = registered_kind(kind.id);
  kind.data_model = known != nullptr ? known->data_model : *model;
  kind.access_control = known != nullptr ? known->access_control : *policy;
  return {};
}

Expected<void> read_quotas(const XmlElement& element, Kind& kind) {
  const auto count = read_child_number(element, "max-count", 1);
  if (!count) return Failure(count.error());
  const auto size = read_child_number(element, "max-size", 1);
  if (!size) return Failure(size.error());
  kind.max_count = *count;
  kind.max_size = *size;
  if (kind.access_control != AccessControl::node_multiple) return {};
  const auto multiple = read_child_number(element, "max-node-multiple", 1);
  if (!multiple) return Failure(multiple.error());
  kind.max_node_multiple = *multiple;
  return {};
}

// RFC 7904's text says domain-restrictions, its grammar domain-restriction: read both.
Expected<void> read_domains(const XmlElement& element, Kind& kind) {
  for (const XmlElement& child : element.children) {
    if (!child.is(Vocabulary::sip, "domain-restriction") &&
        !child.is(Vocabulary::sip, "domain-restrictions")) {
      continue;
    }
    const ElementName where = at("domain-restriction", child);
    if (kind.domains) return where.error(ErrorKind::malformed, "stands twice");
    kind.domains.emplace();
    if (const std::string* enable = child.attribute("enable")) {
      const auto value = read_boolean(*enable, where);
      if (!value) return Failure(value.error());
      kind.domains->enable = *value;
    }
    for (const XmlElement& pattern : child.children) {
      if (!pattern.is(Vocabulary::sip, "pattern")) continue;
      if (pattern.text.empty() || pattern.text.size() > pattern_bytes_max ||
          kind.domains->patterns.size() == patterns_max) {
        return at("pattern", pattern)
            .error(ErrorKind::limit, "empty, longer than 256 bytes, or more than 32 of them");
      }
      kind.domains->patterns.push_back(pattern.text);
    }
  }
  return {};
}

}  // namespace

Expected<KindBlock> read_kind_block(const XmlElement& element) {
  const auto kind_child = only_child(element, "kind");
  if (!kind_child) return Failure(kind_child.error());
  const XmlElement& kind_element = **kind_child;
  KindBlock block;
  block.element = to_bytes(kind_element.bytes);
  auto result = read_identity(kind_element, block.kind);
  if (result) result = read_access(kind_element, block.kind);
  if (result) result = read_quotas(kind_element, block.kind);
  if (result) result = read_domains(kind_element, block.kind);
  if (!result) return Failure(result.error());
  for (const XmlElement& child : element.children) {
    if (child.is(Vocabulary::base, "kind-signature") && !block.signature) {
      block.signature = security_block_from_text(child.text);
    }
  }
  return block;
}

void write_kind_element(XmlWriter& writer, const Kind& kind) {
  constexpr auto base = Vocabulary::base;
  constexpr auto sip = Vocabulary::sip;
  writer.open(base, "kind");
  if (kind.name.empty()) {
    writer.attribute("id", std::to_string(kind.id));
  } else {
    writer.attribute("name", kind.name);
  }
  if (kind.domains) writer.declare(sip);
  writer.text_element(base, "max-count", std::to_string(kind.max_count));
  writer.text_element(base, "max-size", std::to_string(kind.max_size));
  if (kind.max_node_multiple != 0) {
    writer.text_element(base, "max-node-multiple", std::to_string(kind.max_node_multiple));
  }
  writer.text_element(base, "data-model", data_model_name(kind.data_model));
  writer.text_element(base, "access-control", access_control_name(kind.access_control));
  if (kind.domains) {
    writer.open(sip, "domain-restriction");
    writer.attribute("enable", kind.domains->enable ? "true" : "false");
    for (const std::string& pattern : kind.domains->patterns) {
      writer.text_element(sip, "pattern", pattern);
    }
    writer.close();
  }
  writer.close();
}

void write_kind_block(XmlWriter& writer, const KindBlock& block) {
  writer.open(Vocabulary::base, "kind-block");
  writer.raw(as_text(block.element));
  if (block.signature) {
    writer.text_element(Vocabulary::base, "kind-signature", security_block_text(*block.signature));
  }
  writer.close();
}

}  // namespace chordial::configuration
