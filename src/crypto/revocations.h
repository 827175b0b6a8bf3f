// The two lists of a configuration document that take trust away (RFC 6940 §11.1 bad-node; our
// bad-certificate), ready to be asked for every message. Knows nothing else of trust.
#pragma once

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "crypto/trust.h"

namespace chordial::crypto {

class Revocations {
 public:
  Revocations() = default;
  explicit Revocations(const Trust& trust)
      : nodes_(trust.bad_nodes), certificates_(trust.bad_certificates) {
    std::ranges::sort(nodes_);
    std::ranges::sort(certificates_);
  }

  [[nodiscard]] bool forbids(const NodeId& node) const {
    return std::ranges::binary_search(nodes_, node);
  }
  [[nodiscard]] bool forbids(const CertificateHash& hash) const {
    return std::ranges::binary_search(certificates_, hash);
  }
  // Errors: expired (validity), forbidden.
  [[nodiscard]] Expected<void> check(const Certificate& certificate, Now now) const {
    const auto second = [](WallTime time) {
      return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
    };
    if (second(now.wall) < second(certificate.not_before)) {
      return failure(ErrorKind::expired, "not_before", "the certificate is not valid yet");
    }
    if (second(now.wall) > second(certificate.not_after)) {
      return failure(ErrorKind::expired, "not_after", "the certificate has expired");
    }
    for (const NodeId& node : certificate.node_ids) {
      if (forbids(node)) return failure(ErrorKind::forbidden, "bad-node", "the node is revoked");
    }
    if (forbids(certificate.hash)) {
      return failure(ErrorKind::forbidden, "bad-certificate", "the certificate is revoked");
    }
    return {};
  }

 private:
  std::vector<NodeId> nodes_;
  std::vector<CertificateHash> certificates_;
};

}  // namespace chordial::crypto
