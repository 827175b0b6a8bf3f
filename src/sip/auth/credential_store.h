// Where HA1 comes from: asked by the authenticator's owner, answered by whoever keeps the users of
// this node. No password ever passes here.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "ports/request_id.h"
#include "sip/auth/digest.h"

namespace chordial::sip {

struct CredentialQuery {
  std::string username;  // as the phone wrote it, escapes kept
  std::string realm;
  DigestAlgorithm algorithm = DigestAlgorithm::sha256;
};

struct Credential {
  std::string ha1;  // hexadecimal, of the algorithm that was asked for
  std::string aor;  // the one user these credentials prove: canonical, "alice@example.org"
};

class CredentialHandler {
 public:
  // Errors: not_found (no such user, or no HA1 of this algorithm), unavailable (ask again later).
  virtual void on_credential(Now now, ports::RequestId id, Expected<Credential> result) = 0;

 protected:
  ~CredentialHandler() = default;
};

class CredentialStore {
 public:
  virtual ~CredentialStore() = default;

  // A store that knows at once returns the answer, and the handler is not called. Otherwise it
  // returns nothing and calls the handler exactly once, later, never during this call.
  [[nodiscard]] virtual std::optional<Expected<Credential>> credential(
      Now now, ports::RequestId id, const CredentialQuery& query, CredentialHandler& handler) = 0;
};

}  // namespace chordial::sip
