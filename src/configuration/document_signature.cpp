#include "configuration/document_signature.h"

#include <algorithm>

namespace chordial::configuration {

namespace {

constexpr std::uint8_t hash_sha256 = 4;

// Whether the block's identity means this certificate, as the certificate of `signer`.
bool identifies(const SecurityBlock& block, const crypto::Certificate& certificate,
                const NodeId& signer) {
  if (block.identity == SecurityBlock::Identity::cert_hash) {
    return equal(block.signer_hash, certificate.hash);
  }
  return equal(block.signer_hash, crypto::sha256({signer.bytes(), certificate.der}));
}

bool is_signer(const SecurityBlock& block, const crypto::Certificate& certificate,
               const std::vector<NodeId>& signers) {
  return std::any_of(signers.begin(), signers.end(), [&](const NodeId& signer) {
    return crypto::names_node(certificate, signer) && identifies(block, certificate, signer);
  });
}

Expected<void> verify_with(ByteView element, const SecurityBlock& block,
                           const crypto::Certificate& certificate, crypto::CertificateStore& store,
                           crypto::Verifier& verifier, Now now) {
  if (const auto usable = store.usable(certificate, now); !usable) return usable;
  return verifier.verify(certificate, block.algorithm, block.signature, {element});
}

}  // namespace

Expected<void> verify_element(ByteView element, const SecurityBlock& block,
                              const std::vector<NodeId>& signers, crypto::CertificateStore& store,
                              crypto::Verifier& verifier, Now now) {
  if (block.hash_algorithm != hash_sha256) {
    return failure(ErrorKind::unsupported, "signature", "the signer's hash is not SHA-256");
  }
  Error why{ErrorKind::unauthentic, "signature", 0, "not by a signer of the overlay"};
  for (const Bytes& der : block.certificates) {
    const auto certificate = store.add(der, now);
    if (!certificate) {
      why = certificate.error();
      continue;
    }
    if (!is_signer(block, **certificate, signers)) continue;
    return verify_with(element, block, **certificate, store, verifier, now);
  }
  // The bucket may leave out what the receiver has already (§6.3.4).
  crypto::CertificateHash hash{};
  if (block.identity == SecurityBlock::Identity::cert_hash &&
      block.signer_hash.size() == hash.size()) {
    std::copy(block.signer_hash.begin(), block.signer_hash.end(), hash.begin());
    const crypto::Certificate* known = store.find(hash);
    if (known != nullptr && is_signer(block, *known, signers)) {
      return verify_with(element, block, *known, store, verifier, now);
    }
  }
  return Failure(why);
}

Expected<void> verify_configuration(const SignedConfiguration& configuration,
                                    const std::vector<NodeId>& signers,
                                    crypto::CertificateStore& store, crypto::Verifier& verifier,
                                    Now now) {
  Expected<void> result = failure(ErrorKind::unauthentic, "signature", "missing");
  for (const SecurityBlock& block : configuration.signatures) {
    result = verify_element(configuration.element, block, signers, store, verifier, now);
    if (result) break;
  }
  return result;
}

Expected<void> verify_kinds(const OverlayConfiguration& configuration,
                            crypto::CertificateStore& store, crypto::Verifier& verifier, Now now) {
  for (const KindBlock& block : configuration.required_kinds) {
    if (!block.signature) return failure(ErrorKind::unauthentic, "kind-signature", "missing");
    const auto verified = verify_element(block.element, *block.signature,
                                         configuration.kind_signers, store, verifier, now);
    if (!verified) {
      return failure(verified.error().kind, "kind-signature", verified.error().reason);
    }
  }
  return {};
}

Expected<void> check_update(const OverlayConfiguration& previous, const SignedConfiguration& next,
                            crypto::CertificateStore& store, crypto::Verifier& verifier, Now now) {
  const OverlayConfiguration& configuration = next.configuration;
  if (configuration.instance_name != previous.instance_name) {
    return failure(ErrorKind::conflict, "instance-name", "the document of another overlay");
  }
  if (!sequence_newer(configuration.sequence, previous.sequence)) {
    return failure(ErrorKind::conflict, "sequence", "not newer than the present document's");
  }
  if (configuration.expiration && *configuration.expiration <= now.wall) {
    return failure(ErrorKind::expired, "expiration", "has passed");
  }
  const auto verified =
      verify_configuration(next, previous.configuration_signers, store, verifier, now);
  if (!verified) return verified;
  return verify_kinds(configuration, store, verifier, now);
}

}  // namespace chordial::configuration
