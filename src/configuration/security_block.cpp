#include "configuration/security_block.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "configuration/base64.h"

namespace chordial::configuration {

namespace {

constexpr std::uint8_t certificate_type_x509 = 0;  // RFC 6091 §3.1
constexpr std::uint8_t hash_sha256 = 4;            // RFC 5246 §7.4.1.4.1

void read_certificates(ByteReader& reader, SecurityBlock& block) {
  while (!reader.done()) {
    if (block.certificates.size() == security_block_certificates_max) {
      return reader.fail(ErrorKind::limit, "certificates", "more than 8");
    }
    if (reader.u8("CertificateType") != certificate_type_x509) {
      return reader.fail(ErrorKind::unsupported, "CertificateType", "not X.509");
    }
    block.certificates.push_back(to_bytes(reader.vector(2, "certificate")));
  }
}

void read_identity(ByteReader& reader, SecurityBlock& block) {
  const std::uint8_t type = reader.u8("identity_type");
  ByteReader value = reader.sub_reader(2, "SignerIdentity");
  if (reader.ok() && type != static_cast<std::uint8_t>(SecurityBlock::Identity::cert_hash) &&
      type != static_cast<std::uint8_t>(SecurityBlock::Identity::cert_hash_node_id)) {
    return reader.fail(ErrorKind::unsupported, "identity_type", "neither cert_hash kind");
  }
  block.identity = static_cast<SecurityBlock::Identity>(type);
  block.hash_algorithm = value.u8("hash_alg");
  block.signer_hash = to_bytes(value.vector(1, "certificate_hash"));
  value.expect_end("SignerIdentity");
  reader.adopt(value);
}

}  // namespace

Bytes encode_security_block(const SecurityBlock& block) {
  ByteWriter writer;
  const std::size_t bucket = writer.open(2);
  for (const Bytes& certificate : block.certificates) {
    writer.u8(certificate_type_x509);
    writer.vector(2, certificate);
  }
  writer.close(bucket, 2);
  writer.u8(block.algorithm.hash);
  writer.u8(block.algorithm.signature);
  writer.u8(static_cast<std::uint8_t>(block.identity));
  const std::size_t identity = writer.open(2);
  writer.u8(block.hash_algorithm);
  writer.vector(1, block.signer_hash);
  writer.close(identity, 2);
  writer.vector(2, block.signature);
  return writer.take();
}

Expected<SecurityBlock> decode_security_block(ByteView bytes) {
  if (bytes.size() > security_block_bytes_max) {
    return failure(ErrorKind::limit, "SecurityBlock", "longer than 16 KiB");
  }
  SecurityBlock block;
  ByteReader reader(bytes);
  ByteReader bucket = reader.sub_reader(2, "certificates");
  read_certificates(bucket, block);
  reader.adopt(bucket);
  block.algorithm.hash = reader.u8("HashAlgorithm");
  block.algorithm.signature = reader.u8("SignatureAlgorithm");
  read_identity(reader, block);
  block.signature = to_bytes(reader.vector(2, "signature_value"));
  reader.expect_end("SecurityBlock");
  if (!reader.ok()) return Failure(reader.error());
  return block;
}

std::string security_block_text(const SecurityBlock& block) {
  return to_base64(encode_security_block(block));
}

std::optional<SecurityBlock> security_block_from_text(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes) return std::nullopt;
  auto block = decode_security_block(*bytes);
  if (!block) return std::nullopt;
  return std::move(*block);
}

SecurityBlock sign_element(ByteView element, crypto::Signer& signer) {
  const crypto::Certificate& certificate = signer.certificate();
  SecurityBlock block;
  block.certificates.push_back(certificate.der);
  block.algorithm = signer.algorithm();
  block.hash_algorithm = hash_sha256;
  block.signer_hash = to_bytes(certificate.hash);
  block.signature = signer.sign({element});
  return block;
}

}  // namespace chordial::configuration
