// What a node's credentials say about its users, as the SIP rooms ask for it: keys and digest
// hashes. A key whose certificate may not be used (any more) counts as none.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "crypto/certificate_store.h"
#include "enrollment/credentials.h"
#include "sip/auth/credential_store.h"
#include "usage/sip/user_signers.h"

namespace chordial::app {

class NodeUsers final : public usage::UserSigners, public sip::CredentialStore {
 public:
  // The certificates are put to the store, which outlives this and says at each use whether they
  // still hold. `clock` is asked for the time.
  NodeUsers(std::string realm, std::vector<enrollment::OpenedUser> users,
            crypto::CertificateStore& store, std::function<Now()> clock);

  [[nodiscard]] crypto::Signer* signer_of(std::string_view aor) override;
  [[nodiscard]] std::optional<Expected<sip::Credential>> credential(
      Now now, ports::RequestId id, const sip::CredentialQuery& query,
      sip::CredentialHandler& handler) override;
  [[nodiscard]] std::size_t size() const { return users_.size(); }

 private:
  std::string realm_;
  std::map<std::string, enrollment::OpenedUser, std::less<>> users_;  // by canonical AOR
  crypto::CertificateStore& store_;
  std::function<Now()> clock_;
};

}  // namespace chordial::app
