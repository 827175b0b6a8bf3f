// The third part of a message: certificates and signature (RFC 6940 §6.3.4), and the bytes that
// signatures cover (§6.3.4, §7.1). Signs and checks nothing itself.
#pragma once

#include <array>
#include <string>

#include "wire/codes.h"
#include "wire/limits.h"
#include "wire/list.h"

namespace chordial::wire {

inline constexpr std::uint8_t certificate_type_x509 = 0;  // RFC 6091

struct GenericCertificate {
  std::uint8_t type = certificate_type_x509;
  ByteView certificate;  // DER, at most 65535 bytes
};

void read(ByteReader& reader, GenericCertificate& certificate);
void write(ByteWriter& writer, const GenericCertificate& certificate);

enum class SignerIdentityType : std::uint8_t {
  invalid = 0,
  cert_hash = 1,
  cert_hash_node_id = 2,
  none = 3,
};

struct SignerIdentity {
  SignerIdentityType identity_type = SignerIdentityType::none;
  std::uint8_t hash_alg = hash_sha256;  // of cert_hash and cert_hash_node_id
  // certificate_hash, certificate_node_id_hash (both at most 255 bytes), or the value of an unknown
  // type; empty for none.
  ByteView value;
  // As it was read.
  ByteView encoded;

  // H(certificate), for a certificate with one Node-ID. `sha256` outlives it.
  static SignerIdentity cert_hash(ByteView sha256) {
    return {SignerIdentityType::cert_hash, hash_sha256, sha256, {}};
  }
  // H(NodeId || certificate), for a certificate with several.
  static SignerIdentity cert_hash_node_id(ByteView sha256) {
    return {SignerIdentityType::cert_hash_node_id, hash_sha256, sha256, {}};
  }
};

void read(ByteReader& reader, SignerIdentity& identity);
void write(ByteWriter& writer, const SignerIdentity& identity);
// What is signed of it.
[[nodiscard]] Bytes encode(const SignerIdentity& identity);

struct Signature {
  std::uint8_t hash_algorithm = hash_none;
  std::uint8_t signature_algorithm = signature_anonymous;
  SignerIdentity identity;
  ByteView signature_value;  // at most 65535 bytes

  // The mark of synthetic values (§7.4.2.2): identity none, algorithms 0 and 0, no signature_value.
  [[nodiscard]] bool is_none() const;
  // Whether any of the marks forbidden in a Store is there (§7.4.1.1): identity none, or
  // "anonymous" or "none" as an algorithm.
  [[nodiscard]] bool is_unsigned() const;
};

void read(ByteReader& reader, Signature& signature);
void write(ByteWriter& writer, const Signature& signature);

struct SecurityBlock {
  List<GenericCertificate> certificates;  // all together at most 65535 bytes on the wire
  Signature signature;
};

void read(ByteReader& reader, SecurityBlock& block);
void write(ByteWriter& writer, const SecurityBlock& block);

// overlay || transaction_id || MessageContents || SignerIdentity. Hand the parts to Signer::sign or
// Verifier::verify in this order: {input.prefix, input.contents, input.identity}.
struct MessageSignatureInput {
  std::array<std::uint8_t, 12> prefix{};
  ByteView contents;
  ByteView identity;
};
// `contents` and `identity` are encoded and outlive the input.
[[nodiscard]] MessageSignatureInput signature_input(std::uint32_t overlay,
                                                    std::uint64_t transaction_id, ByteView contents,
                                                    ByteView identity);

}  // namespace chordial::wire
