// A certificate as the overlay sees it: who it names and for how long (RFC 6940 §11.3). Knows no
// ASN.1 and no library; openssl/ and mock/ make them.
#pragma once

#include <string>
#include <vector>

#include "base/node_id.h"
#include "base/time.h"
#include "crypto/hash.h"

namespace chordial::crypto {

// SHA-256 over the DER bytes: how certificates are referred to everywhere (§6.3.4 cert_hash).
using CertificateHash = Sha256;

// Parsed, with its chain to the overlay's root already proven when it came from a CertificateStore.
class Certificate {
 public:
  Certificate() = default;
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
  virtual ~Certificate() = default;

  Bytes der;
  CertificateHash hash{};
  std::vector<NodeId> node_ids;         // from reload: URIs; never empty
  std::vector<std::string> user_names;  // from rfc822Name, lower-case host; never empty
  WallTime not_before{};
  WallTime not_after{};
};

[[nodiscard]] inline bool names_node(const Certificate& certificate, const NodeId& node) {
  for (const NodeId& id : certificate.node_ids) {
    if (id == node) return true;
  }
  return false;
}

}  // namespace chordial::crypto
