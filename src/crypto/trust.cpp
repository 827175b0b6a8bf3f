#include "crypto/trust.h"

#include <algorithm>

namespace chordial::crypto {

namespace {

constexpr std::string_view uri_scheme = "reload://";
constexpr std::string_view node_prefix = "node-";
// A Destination of type node (RFC 6940 §6.3.2.2): its type, and the length of what follows.
constexpr std::uint8_t destination_type_node = 1;
constexpr std::size_t destination_bytes = 2 + node_id_bytes;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string node_user_name(const NodeId& node, std::string_view overlay) {
  std::string name(node_prefix);
  name += node.hex();
  name += '@';
  for (const char c : overlay)
    name += lower(c);
  return name;
}

bool is_reserved_user_name(std::string_view user_name) {
  const std::string_view user = user_name.substr(0, user_name.find('@'));
  return equal_without_case(user, "bootstrap") ||
         equal_without_case(user.substr(0, node_prefix.size()), node_prefix) ||
         NodeId::from_hex(user).has_value();
}

std::optional<std::string> normalized_user_name(std::string_view text) {
  const std::size_t at = text.find('@');
  if (text.size() > user_name_bytes_max || at == 0 || at == std::string_view::npos ||
      at + 1 == text.size() || text.find('@', at + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; })) return std::nullopt;
  std::string name(text);
  std::transform(name.begin() + static_cast<std::ptrdiff_t>(at), name.end(),
                 name.begin() + static_cast<std::ptrdiff_t>(at), lower);
  return name;
}

std::string reload_uri(const NodeId& node, std::string_view overlay) {
  std::string uri(uri_scheme);
  const std::uint8_t header[] = {destination_type_node, std::uint8_t{node_id_bytes}};
  uri += to_hex(header);
  uri += node.hex();
  uri += '@';
  uri += overlay;
  uri += '/';
  return uri;
}

Expected<NodeId> node_of_reload_uri(std::string_view uri, std::string_view overlay) {
  const auto malformed = [](const char* reason) {
    return failure(ErrorKind::malformed, "reload_uri", reason);
  };
  if (!equal_without_case(uri.substr(0, uri_scheme.size()), uri_scheme)) {
    return malformed("not a reload: URI");
  }
  const std::string_view rest = uri.substr(uri_scheme.size());
  const std::size_t at = rest.find('@');
  if (at == std::string_view::npos) return malformed("no overlay");
  std::string_view host = rest.substr(at + 1);
  // The grammar demands the slash; a URI without it means the same peer. Anything behind it is the
  // specifier of a stored value, which is no identity.
  if (host.ends_with('/')) host.remove_suffix(1);
  if (host.empty() || host.find('/') != std::string_view::npos) {
    return malformed("names no peer of an overlay");
  }
  const std::string_view digits = rest.substr(0, at);
  const auto destination = from_hex(digits);
  if (!destination || digits.size() != 2 * destination_bytes ||
      destination->size() != destination_bytes || (*destination)[0] != destination_type_node ||
      (*destination)[1] != node_id_bytes) {
    return malformed("not one destination of type node");
  }
  const auto node = NodeId::from_bytes(ByteView(*destination).subspan(2));
  if (*node == invalid_node_id || *node == wildcard_node_id) {
    return malformed("a Node-ID that nobody may have");
  }
  if (!equal_without_case(host, overlay)) {
    return failure(ErrorKind::unauthentic, "reload_uri", "names another overlay");
  }
  return *node;
}

}  // namespace chordial::crypto
