// The certificates one process knows, each parsed and chained to the root once. Shared by all parts
// of a node, and by all peers of a simulation.
#pragma once

#include "base/error.h"
#include "crypto/certificate.h"

namespace chordial::crypto {

class CertificateStore {
 public:
  virtual ~CertificateStore() = default;

  // Parses, checks chain and form (§11.3) once, then serves from a bounded cache. The pointer is
  // good until the next call of add: keep the hash, not the pointer. Errors: malformed, unauthentic
  // (foreign root, wrong overlay in the reload: URI, delegate outside its pattern), limit.
  [[nodiscard]] virtual Expected<const Certificate*> add(ByteView der, Now now) = 0;
  // Null when it is not known (any more).
  [[nodiscard]] virtual const Certificate* find(const CertificateHash& hash) const = 0;
  // Whether it may be used at this moment: expired (validity), forbidden (bad-node,
  // bad-certificate).
  [[nodiscard]] virtual Expected<void> usable(const Certificate& certificate, Now now) const = 0;

  // A peer keeps the certificates of the values it holds (§6.3.4). Each pin of a known certificate
  // is matched by one unpin; between them it goes to make room only when all others are pinned as
  // well.
  virtual void pin(const CertificateHash& hash) = 0;
  virtual void unpin(const CertificateHash& hash) = 0;
};

}  // namespace chordial::crypto
