#include "app/node_users.h"

namespace chordial::app {

NodeUsers::NodeUsers(std::string realm, std::vector<enrollment::OpenedUser> users,
                     crypto::CertificateStore& store, std::function<Now()> clock)
    : realm_(std::move(realm)), store_(store), clock_(std::move(clock)) {
  for (enrollment::OpenedUser& user : users) {
    // An unusable certificate only means that signer_of answers null.
    static_cast<void>(store_.add(user.signer->certificate().der, clock_()));
    std::string aor = user.aor;
    users_.insert_or_assign(std::move(aor), std::move(user));
  }
}

crypto::Signer* NodeUsers::signer_of(std::string_view aor) {
  const auto user = users_.find(aor);
  if (user == users_.end()) return nullptr;
  crypto::Signer* signer = user->second.signer.get();
  return store_.usable(signer->certificate(), clock_()) ? signer : nullptr;
}

std::optional<Expected<sip::Credential>> NodeUsers::credential(
    Now /*now*/, ports::RequestId /*id*/, const sip::CredentialQuery& query,
    sip::CredentialHandler& /*handler*/) {
  // HA1 is made of the user part alone: a phone that sends the whole address cannot prove itself by
  // it.
  const auto user = users_.find(query.username + "@" + realm_);
  if (query.realm != realm_ || user == users_.end()) {
    return failure(ErrorKind::not_found, "username", "no user of this node");
  }
  sip::Credential credential;
  credential.aor = user->first;
  credential.ha1 = query.algorithm == sip::DigestAlgorithm::sha256
                       ? to_hex(user->second.hashes.sha256)
                       : to_hex(user->second.hashes.md5);
  return credential;
}

}  // namespace chordial::app
