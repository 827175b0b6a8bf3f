// What an authority has issued, so that a node keeps its Node-ID when it comes again, and what must
// be revoked can be named. One file, written anew with every change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/node_id.h"
#include "base/time.h"
#include "crypto/certificate.h"

namespace chordial::enrollment {

inline constexpr std::size_t ledger_entries_max = 200'000;

struct LedgerEntry {
  enum class Kind : std::uint8_t { signer, node, user, delegate } kind = Kind::node;
  std::string name;  // the node's name; for users the AOR
  NodeId node_id;
  WallTime issued{};
  WallTime expires{};
  crypto::CertificateHash certificate{};
};

class Ledger {
 public:
  // Errors: malformed, limit.
  [[nodiscard]] static Expected<Ledger> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  // Errors: limit.
  [[nodiscard]] Expected<void> add(LedgerEntry entry);
  // User certificates that expired before `now` are forgotten; nodes never are, for their Node-IDs.
  void forget_expired_users(WallTime now);

  // The Node-ID of the node of that name.
  [[nodiscard]] std::optional<NodeId> node_id(std::string_view node_name) const;
  // The newest entry of each node, in the order of their first admission.
  [[nodiscard]] std::vector<LedgerEntry> nodes() const;
  [[nodiscard]] const std::vector<LedgerEntry>& all() const { return entries_; }

 private:
  std::vector<LedgerEntry> entries_;
};

}  // namespace chordial::enrollment
