// Who may write what where (RFC 6940 §7.3), and who signed a value (§6.3.4). Pure functions for the
// storing peer and for the reader alike.
#pragma once

#include <span>

#include "crypto/certificate_store.h"
#include "crypto/signer.h"
#include "storage/kind_table.h"
#include "wire/security_block.h"

namespace chordial::storage {

// What one overlay's stored values are judged by. Everything outlives its user.
struct Judges {
  const KindTable* kinds = nullptr;
  crypto::CertificateStore* certificates = nullptr;
  crypto::Verifier* verifier = nullptr;
};

using Certificates = std::span<const crypto::Certificate* const>;

// A signer: the certificate and which of its Node-IDs signed.
struct Signer {
  const crypto::Certificate* certificate = nullptr;
  NodeId node;
};

// Who a SignerIdentity means. cert_hash names a certificate with one Node-ID, cert_hash_node_id one
// of several, looked for among `candidates` (the certificates of the message's security block; null
// entries are skipped). Errors: not_found (a certificate nobody has sent), unsupported (hash),
// unauthentic (the wrong form for this certificate).
[[nodiscard]] Expected<Signer> signer_of(const wire::SignerIdentity& identity,
                                         const crypto::CertificateStore& certificates,
                                         Certificates candidates);

// Whether `signer` may write `value` there, by the Kind's policy and its further rule. Says nothing
// of signatures.
[[nodiscard]] bool may_write(const Kind& kind, const ResourceId& resource,
                             const wire::StoredDataValue& value, const Signer& signer);

// The whole judgement on one stored value: the certificate is known and usable now, the policy
// permits, the signature holds. Errors: those of signer_of, expired or forbidden (certificate),
// forbidden (policy, or an unsigned value), unauthentic.
[[nodiscard]] Expected<Signer> judge(Now now, const Judges& judges, const Kind& kind,
                                     const ResourceId& resource, std::uint64_t storage_time,
                                     const wire::StoredDataParts& parts, Certificates candidates);

}  // namespace chordial::storage
