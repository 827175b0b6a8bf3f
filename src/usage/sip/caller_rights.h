// Who may say From on messages from another node (design: a valid certificate for that address and
// that node; or a listed interworking node speaking for an outside address). Remembers which user
// certificates were shown, by hash, and asks the certificate store each time whether they may still
// be used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/node_id.h"
#include "base/time.h"
#include "crypto/certificate_store.h"

namespace chordial::usage {

class CallerRights {
 public:
  static constexpr std::size_t introduced_max = 4096;

  // `overlay` is the only name space this overlay answers for.
  CallerRights(const crypto::CertificateStore& certificates, std::string overlay);

  void set_interworking_nodes(std::vector<NodeId> nodes) { interworking_ = std::move(nodes); }

  // `signer` signed a message that came from `node`: what it proves from now on. A node's own
  // certificate proves no user and is passed over.
  void learn(const NodeId& node, const crypto::Certificate& signer);

  // Whether `aor` (canonical) may stand in the From of a request from `node`. Error: forbidden.
  [[nodiscard]] Expected<void> may_say_from(Now now, const NodeId& node,
                                            std::string_view aor) const;

 private:
  struct Introduction {
    NodeId node;
    crypto::CertificateHash certificate;
    std::uint64_t sequence;  // the oldest goes first when the table is full
  };

  const crypto::CertificateStore& certificates_;
  std::string overlay_;
  std::vector<NodeId> interworking_;
  std::vector<Introduction> introductions_;  // sorted by (node, certificate)
  std::uint64_t sequence_ = 0;
};

// The host part of "user@host".
[[nodiscard]] std::string_view host_of_aor(std::string_view aor);

}  // namespace chordial::usage
