#include "transport/signature.h"

#include "crypto/hash.h"

namespace chordial::transport {

namespace {

// H(NodeId || certificate) does not name a certificate: each must be parsed to be compared. A
// message cannot make this node parse more than these.
constexpr std::size_t node_hash_certificates_max = 4;

crypto::Sha256 hash_with_node(const NodeId& node, ByteView der) {
  return crypto::sha256({node.bytes(), der});
}

// The certificate when the identity means it, with the Node-ID it means.
std::optional<Proven> identified(const wire::SignerIdentity& identity,
                                 const crypto::Certificate& certificate) {
  if (identity.identity_type == wire::SignerIdentityType::cert_hash) {
    // §6.3.4: cert_hash is for a certificate with one Node-ID.
    if (certificate.node_ids.size() != 1 || !equal(identity.value, certificate.hash)) {
      return std::nullopt;
    }
    return Proven{&certificate, certificate.node_ids.front()};
  }
  for (const NodeId& node : certificate.node_ids) {
    if (equal(identity.value, hash_with_node(node, certificate.der))) {
      return Proven{&certificate, node};
    }
  }
  return std::nullopt;
}

Expected<Proven> find_signer(const wire::SecurityBlock& block, crypto::CertificateStore& store,
                             Now now) {
  const wire::SignerIdentity& identity = block.signature.identity;
  const bool plain = identity.identity_type == wire::SignerIdentityType::cert_hash;
  if (!plain && identity.identity_type != wire::SignerIdentityType::cert_hash_node_id) {
    return failure(ErrorKind::unsupported, "identity_type", "messages are signed by certificates");
  }
  crypto::CertificateHash hash{};
  if (identity.hash_alg != wire::hash_sha256 || identity.value.size() != hash.size()) {
    return failure(ErrorKind::unsupported, "hash_alg", "only SHA-256 is used");
  }
  std::copy(identity.value.begin(), identity.value.end(), hash.begin());
  if (plain) {
    if (const crypto::Certificate* known = store.find(hash)) {
      if (const auto proven = identified(identity, *known)) return *proven;
    }
  }
  std::size_t tried = 0;
  for (const wire::GenericCertificate& item : block.certificates) {
    if (item.type != wire::certificate_type_x509) continue;
    if (!plain && ++tried > node_hash_certificates_max) break;
    if (plain && crypto::sha256({item.certificate}) != hash) continue;
    const auto added = store.add(item.certificate, now);
    if (!added) {
      if (plain) return Failure(added.error());
      continue;
    }
    if (const auto proven = identified(identity, **added)) return *proven;
  }
  return failure(ErrorKind::unauthentic, "certificates", "the signer's certificate is not known");
}

}  // namespace

Bytes sign_contents(crypto::Signer& signer, const NodeId& node, std::uint32_t overlay,
                    std::uint64_t transaction_id, ByteView contents) {
  const crypto::Certificate& certificate = signer.certificate();
  crypto::Sha256 hash = certificate.hash;
  wire::Signature signature;
  signature.hash_algorithm = signer.algorithm().hash;
  signature.signature_algorithm = signer.algorithm().signature;
  if (certificate.node_ids.size() == 1) {
    signature.identity = wire::SignerIdentity::cert_hash(hash);
  } else {
    hash = hash_with_node(node, certificate.der);
    signature.identity = wire::SignerIdentity::cert_hash_node_id(hash);
  }
  const Bytes identity = wire::encode(signature.identity);
  const auto input = wire::signature_input(overlay, transaction_id, contents, identity);
  const Bytes value = signer.sign({input.prefix, input.contents, input.identity});
  signature.signature_value = value;
  return wire::body_of(signature);
}

Bytes message_body(ByteView contents, const std::vector<ByteView>& certificates,
                   ByteView signature) {
  Bytes buffer;
  std::size_t size = contents.size() + 2 + signature.size();
  for (const ByteView der : certificates)
    size += der.size() + 3;
  buffer.reserve(size);
  ByteWriter writer(std::move(buffer));
  writer.raw(contents);
  const std::size_t hole = writer.open(2);
  for (const ByteView der : certificates)
    wire::write(writer, wire::GenericCertificate{wire::certificate_type_x509, der});
  writer.close(hole, 2);
  writer.raw(signature);
  return writer.take();
}

Expected<Proven> prove(const wire::MessageView& message, const wire::MessageContents& contents,
                       crypto::CertificateStore& store, crypto::Verifier& verifier, Now now) {
  const auto block = message.security_block();
  if (!block) return Failure(block.error());
  auto signer = find_signer(*block, store, now);
  if (!signer) return signer;
  if (const auto usable = store.usable(*signer->certificate, now); !usable) {
    return Failure(usable.error());
  }
  const wire::Signature& signature = block->signature;
  const auto input =
      wire::signature_input(message.header().overlay, message.header().transaction_id,
                            contents.encoded, signature.identity.encoded);
  const auto checked = verifier.verify(
      *signer->certificate, {signature.hash_algorithm, signature.signature_algorithm},
      signature.signature_value, {input.prefix, input.contents, input.identity});
  if (!checked) return Failure(checked.error());

  // What else the message needs, now that a member has been proven to vouch for it. `add` may move
  // the signer's certificate, so it is looked up again.
  const crypto::CertificateHash hash = signer->certificate->hash;
  const NodeId node = signer->node;
  for (const wire::GenericCertificate& item : block->certificates) {
    if (item.type == wire::certificate_type_x509) (void)store.add(item.certificate, now);
  }
  const crypto::Certificate* certificate = store.find(hash);
  if (certificate == nullptr) {
    return failure(ErrorKind::limit, "certificates", "more certificates than the store holds");
  }
  return Proven{certificate, node};
}

}  // namespace chordial::transport
