#include "storage/access_control.h"

#include <algorithm>

#include "storage/resource_name.h"

namespace chordial::storage {
namespace {

bool names_user_at(const crypto::Certificate& certificate, const ResourceId& resource) {
  return std::ranges::any_of(certificate.user_names, [&](const std::string& name) {
    return resource_id_of(name) == resource;
  });
}

bool key_is(const wire::StoredDataValue& value, const NodeId& node) {
  return value.model == wire::DataModel::dictionary && equal(value.key, node.bytes());
}

bool policy_permits(const Kind& kind, const ResourceId& resource,
                    const wire::StoredDataValue& value, const Signer& signer) {
  switch (kind.access) {
    case AccessControl::user_match:
      return names_user_at(*signer.certificate, resource);
    case AccessControl::node_match:
      return resource_id_of(signer.node) == resource;
    case AccessControl::user_node_match:
      return key_is(value, signer.node) && names_user_at(*signer.certificate, resource);
    case AccessControl::node_multiple:
      for (std::uint32_t i = 0; i <= kind.max_node_multiple; ++i) {
        if (resource_id_of(signer.node, static_cast<std::uint8_t>(i)) == resource) return true;
      }
      return false;
    case AccessControl::node_id_match:
      return key_is(value, signer.node);
  }
  return false;
}

}  // namespace

Expected<Signer> signer_of(const wire::SignerIdentity& identity,
                           const crypto::CertificateStore& certificates, Certificates candidates) {
  constexpr const char* field = "SignerIdentity";
  crypto::CertificateHash hash{};
  if (identity.hash_alg != wire::hash_sha256 || identity.value.size() != hash.size())
    return failure(ErrorKind::unsupported, field, "not a SHA-256 hash of a certificate");
  std::ranges::copy(identity.value, hash.begin());

  if (identity.identity_type == wire::SignerIdentityType::cert_hash) {
    const crypto::Certificate* certificate = certificates.find(hash);
    if (certificate == nullptr)
      return failure(ErrorKind::not_found, field, "the certificate is not known");
    if (certificate->node_ids.size() != 1)
      return failure(ErrorKind::unauthentic, field, "cert_hash of several Node-IDs");
    return Signer{certificate, certificate->node_ids.front()};
  }
  if (identity.identity_type == wire::SignerIdentityType::cert_hash_node_id) {
    for (const crypto::Certificate* certificate : candidates) {
      if (certificate == nullptr) continue;
      for (const NodeId& node : certificate->node_ids) {
        if (crypto::sha256({node.bytes(), certificate->der}) == hash)
          return Signer{certificate, node};
      }
    }
    return failure(ErrorKind::not_found, field, "the certificate is not known");
  }
  return failure(ErrorKind::unsupported, field, "unknown identity_type");
}

bool may_write(const Kind& kind, const ResourceId& resource, const wire::StoredDataValue& value,
               const Signer& signer) {
  return signer.certificate != nullptr && policy_permits(kind, resource, value, signer) &&
         (kind.rule == nullptr || kind.rule->permits(resource, value, *signer.certificate));
}

Expected<Signer> judge(Now now, const Judges& judges, const Kind& kind, const ResourceId& resource,
                       std::uint64_t storage_time, const wire::StoredDataParts& parts,
                       Certificates candidates) {
  const wire::Signature& signature = parts.signature;
  if (signature.is_unsigned())
    return failure(ErrorKind::forbidden, "Signature", "the value is not signed");
  const auto signer = signer_of(signature.identity, *judges.certificates, candidates);
  if (!signer) return signer;
  if (const auto usable = judges.certificates->usable(*signer->certificate, now); !usable)
    return Failure(usable.error());
  if (!may_write(kind, resource, parts.value, *signer))
    return failure(ErrorKind::forbidden, "StoredData", "the signer may not write this value here");
  const wire::DataSignatureInput input = wire::data_signature_input(
      resource, kind.id, storage_time, kind.model, parts.value_bytes, signature.identity.encoded);
  const auto verified = judges.verifier->verify(
      *signer->certificate, {signature.hash_algorithm, signature.signature_algorithm},
      signature.signature_value, {input.prefix, input.value, input.identity});
  if (!verified) return Failure(verified.error());
  return signer;
}

}  // namespace chordial::storage
