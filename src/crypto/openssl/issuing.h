// Making certificates (RFC 6940 §11.3): roots, delegates, leaves, and the requests that ask for
// them. Knows neither who may have one nor how a request arrives: that is enrollment's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/node_id.h"
#include "base/time.h"
#include "crypto/openssl/private_key.h"
#include "crypto/trust.h"

namespace chordial::crypto::openssl {

// Whole seconds; both ends belong to it.
struct Validity {
  WallTime not_before{};
  WallTime not_after{};
};

// A CA that signs: the overlay's root or a delegate. Both outlive the call they are given to.
struct Issuer {
  const PrivateKey& key;
  ByteView certificate;  // DER
};

// What a leaf says. Node certificates name one Node-ID and `node-<hex>@<overlay>`
// (node_user_name), user certificates one Node-ID and the AOR. The Subject is empty.
struct LeafContents {
  std::vector<NodeId> node_ids;  // 1 to node_ids_max
  std::string user_name;         // user@host without a scheme; the host is made lower-case
  std::string overlay;
  Validity validity;
  Bytes public_key;  // SubjectPublicKeyInfo in DER
};

// All return DER and fail with `invalid` (names, validity, foreign or too weak key: `unsupported`)
// or `internal`. Serial numbers are 127 random bits.

// `name` becomes the Common Name: the overlay's.
[[nodiscard]] Expected<Bytes> issue_root(const PrivateKey& key, std::string_view name,
                                         const Validity& validity);
// A CA with path length 0 that may sign leaves only. What else limits it stands in the
// configuration document (crypto::Delegate).
[[nodiscard]] Expected<Bytes> issue_delegate(const Issuer& root, std::string_view name,
                                             const Validity& validity, ByteView public_key);
[[nodiscard]] Expected<Bytes> issue_leaf(const Issuer& issuer, const LeafContents& contents);
// §11.3.1: for overlays that permit it. The Node-ID is computed from the key (see
// self_signed_node_id); contents.node_ids and contents.public_key are ignored.
[[nodiscard]] Expected<Bytes> issue_self_signed(const PrivateKey& key, SelfSignedDigest digest,
                                                const LeafContents& contents);

// The Node-ID that belongs to a key in a self-signed overlay: the digest of the
// SubjectPublicKeyInfo, its first 16 bytes. `index` counts from 1 where a certificate has several,
// and is 0 where it has one.
[[nodiscard]] NodeId self_signed_node_id(ByteView public_key, SelfSignedDigest digest,
                                         std::uint32_t index = 0);

// PKCS#10 with an empty Subject and, if not empty, the wished user name as rfc822Name.
[[nodiscard]] Expected<Bytes> certificate_request(const PrivateKey& key,
                                                  std::string_view user_name);
struct RequestContents {
  Bytes public_key;       // SubjectPublicKeyInfo; its holder has signed the request
  std::string user_name;  // empty if the request names none
};
// Errors: malformed, limit, unsupported (key), unauthentic (not signed by the key it carries).
[[nodiscard]] Expected<RequestContents> read_certificate_request(ByteView der);

// `-----BEGIN CERTIFICATE-----` blocks. from: every block of the text, in order, as DER; at most
// pem_certificates_max.
[[nodiscard]] std::string certificate_to_pem(ByteView der);
[[nodiscard]] Expected<std::vector<Bytes>> certificates_from_pem(std::string_view text);

inline constexpr std::size_t pem_certificates_max = 32;

}  // namespace chordial::crypto::openssl
