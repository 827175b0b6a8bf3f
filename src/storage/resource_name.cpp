#include "storage/resource_name.h"

#include "crypto/hash.h"

namespace chordial::storage {
namespace {

ResourceId truncated(const crypto::Sha1& digest) {
  return *ResourceId::from_bytes(ByteView(digest).first(node_id_bytes));
}

}  // namespace

ResourceId resource_id_of(std::string_view resource_name) {
  return truncated(crypto::sha1({as_bytes(resource_name)}));
}

ResourceId resource_id_of(const NodeId& node) {
  return truncated(crypto::sha1({node.bytes()}));
}

ResourceId resource_id_of(const NodeId& node, std::uint8_t i) {
  return truncated(crypto::sha1({node.bytes(), ByteView(&i, 1)}));
}

}  // namespace chordial::storage
