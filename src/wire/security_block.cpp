#include "wire/security_block.h"

namespace chordial::wire {

void read(ByteReader& reader, GenericCertificate& certificate) {
  certificate.type = reader.u8("GenericCertificate.type");
  certificate.certificate = reader.vector(2, "GenericCertificate.certificate");
}

void write(ByteWriter& writer, const GenericCertificate& certificate) {
  writer.u8(certificate.type);
  writer.vector(2, certificate.certificate);
}

void read(ByteReader& reader, SignerIdentity& identity) {
  ByteReader start = reader;
  identity.identity_type = static_cast<SignerIdentityType>(reader.u8("identity_type"));
  ByteReader value = reader.sub_reader(2, "SignerIdentity.identity");
  switch (identity.identity_type) {
    case SignerIdentityType::cert_hash:
      identity.hash_alg = value.u8("SignerIdentityValue.hash_alg");
      identity.value = value.vector(1, "SignerIdentityValue.certificate_hash");
      break;
    case SignerIdentityType::cert_hash_node_id:
      identity.hash_alg = value.u8("SignerIdentityValue.hash_alg");
      identity.value = value.vector(1, "SignerIdentityValue.certificate_node_id_hash");
      break;
    case SignerIdentityType::none:
      identity.hash_alg = hash_none;
      break;
    default:
      identity.hash_alg = hash_none;
      identity.value = value.rest();
  }
  value.expect_end("SignerIdentity.identity");
  reader.adopt(value);
  identity.encoded = start.take(reader.position() - start.position(), "SignerIdentity");
}

void write(ByteWriter& writer, const SignerIdentity& identity) {
  writer.u8(static_cast<std::uint8_t>(identity.identity_type));
  const std::size_t hole = writer.open(2);
  switch (identity.identity_type) {
    case SignerIdentityType::cert_hash:
    case SignerIdentityType::cert_hash_node_id:
      writer.u8(identity.hash_alg);
      writer.vector(1, identity.value);
      break;
    case SignerIdentityType::none:
      break;
    default:
      writer.raw(identity.value);
  }
  writer.close(hole, 2);
}

Bytes encode(const SignerIdentity& identity) {
  ByteWriter writer;
  write(writer, identity);
  return writer.take();
}

bool Signature::is_none() const {
  return hash_algorithm == hash_none && signature_algorithm == signature_anonymous &&
         identity.identity_type == SignerIdentityType::none && signature_value.empty();
}

bool Signature::is_unsigned() const {
  return hash_algorithm == hash_none || signature_algorithm == signature_anonymous ||
         identity.identity_type == SignerIdentityType::none;
}

void read(ByteReader& reader, Signature& signature) {
  signature.hash_algorithm = reader.u8("SignatureAndHashAlgorithm.hash");
  signature.signature_algorithm = reader.u8("SignatureAndHashAlgorithm.signature");
  read(reader, signature.identity);
  signature.signature_value = reader.vector(2, "signature_value");
}

void write(ByteWriter& writer, const Signature& signature) {
  writer.u8(signature.hash_algorithm);
  writer.u8(signature.signature_algorithm);
  write(writer, signature.identity);
  writer.vector(2, signature.signature_value);
}

void read(ByteReader& reader, SecurityBlock& block) {
  block.certificates =
      read_list<GenericCertificate>(reader, 2, certificates_max, "SecurityBlock.certificates");
  read(reader, block.signature);
}

void write(ByteWriter& writer, const SecurityBlock& block) {
  write_list(writer, 2, block.certificates);
  write(writer, block.signature);
}

MessageSignatureInput signature_input(std::uint32_t overlay, std::uint64_t transaction_id,
                                      ByteView contents, ByteView identity) {
  MessageSignatureInput input;
  for (unsigned i = 0; i < 4; ++i)
    input.prefix[i] = static_cast<std::uint8_t>(overlay >> (24 - 8 * i));
  for (unsigned i = 0; i < 8; ++i)
    input.prefix[4 + i] = static_cast<std::uint8_t>(transaction_id >> (56 - 8 * i));
  input.contents = contents;
  input.identity = identity;
  return input;
}

}  // namespace chordial::wire
