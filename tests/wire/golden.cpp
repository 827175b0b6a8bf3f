#include "wire/golden.h"

namespace chordial::wire::test {

Bytes hex(std::string_view text) {
  auto bytes = from_hex(text);
  if (!bytes) {
    ADD_FAILURE() << "not hexadecimal: " << text;
    std::abort();
  }
  return *bytes;
}

NodeId node(std::uint8_t byte) {
  return *NodeId::from_bytes(Bytes(16, byte));
}

ResourceId resource(std::uint8_t byte) {
  return *ResourceId::from_bytes(Bytes(16, byte));
}

std::vector<Golden> all_goldens() {
  std::vector<Golden> all;
  for (const auto& part : {topology_goldens(), link_goldens(), attach_goldens(), storage_goldens()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes message_around(MessageCode code, ByteView body) {
  ForwardingHeader header;
  header.overlay = 0x12345678;
  header.configuration_sequence = 7;
  header.transaction_id = 0x0102030405060708;
  const Destination destination = Destination::of(node(0x11));
  header.destination_list = std::span(&destination, 1);
  const Bytes hash(32, 0xaa), value{0xaa, 0xbb, 0xcc};
  SecurityBlock block;
  block.signature = {hash_sha256, signature_ecdsa, SignerIdentity::cert_hash(hash), value};
  return MessageBuilder(header, code, body).finish(block);
}

void patch_length(Bytes& message) {
  if (message.size() < 20) return;
  for (unsigned i = 0; i < 4; ++i)
    message[16 + i] = static_cast<std::uint8_t>(message.size() >> (24 - 8 * i));
}

}  // namespace chordial::wire::test
