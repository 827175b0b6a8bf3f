// The part of the authority that lets nodes and users in.
#include <algorithm>

#include "crypto/aor_pattern.h"
#include "crypto/openssl/issuing.h"
#include "enrollment/authority.h"
#include "enrollment/issuing.h"
#include "enrollment/names.h"
#include "enrollment/user_csv.h"

namespace chordial::enrollment {

using crypto::openssl::KeySigner;
using crypto::openssl::PrivateKey;

Expected<NodeId> Authority::node_id_for(std::string_view node_name, std::optional<NodeId> wished,
                                        Rng& rng) const {
  const std::optional<NodeId> known = ledger_.node_id(node_name);
  if (!wished) return known ? *known : random_node_id(rng);
  if (*wished == invalid_node_id || *wished == wildcard_node_id) {
    return failure(ErrorKind::invalid, "node-id", "no node can have this Node-ID");
  }
  if (known && *known != *wished) {
    return failure(ErrorKind::conflict, "node-id", "the node has another one already");
  }
  for (const LedgerEntry& entry : ledger_.all()) {
    const bool names_a_node = entry.kind != LedgerEntry::Kind::user;
    if (names_a_node && entry.node_id == *wished && entry.name != node_name) {
      return failure(ErrorKind::conflict, "node-id", "another node has it already");
    }
  }
  return *wished;
}

Expected<JoinFile> Authority::admit(std::string_view node_name, WallTime now, Rng& rng,
                                    std::optional<NodeId> wished) {
  if (!is_node_name(node_name)) {
    return failure(ErrorKind::invalid, "node",
                   "a node's name has letters, digits and inner hyphens, 63 at most");
  }
  const std::string& overlay = configuration().instance_name;
  const auto id = node_id_for(node_name, wished, rng);
  if (!id) return Failure(id.error());
  const auto node = issue_pair({root_key_, root_}, *id, crypto::node_user_name(*id, overlay),
                               overlay, validity_from(now, node_days));
  if (!node) return Failure(node.error());
  const crypto::Certificate& certificate = (*node)->certificate();
  JoinFile file;
  file.overlay = overlay;
  file.node_name = node_name;
  file.node_id = *id;
  file.document = document();
  file.node_certificate = certificate.der;
  file.node_key_pem = (*node)->key().to_pem();
  ledger_.forget_expired_users(now);
  auto result = record(LedgerEntry::Kind::node, node_name, *id, certificate.der, node_days, now);
  if (result) result = add_users(file, certificate, now);
  if (result) result = save_ledger();
  if (!result) return Failure(result.error());
  return file;
}

Expected<void> Authority::add_users(JoinFile& file, const crypto::Certificate& node, WallTime now) {
  for (const User& user : users_.all()) {
    if (!user.belongs_at(file.node_name)) continue;
    if (file.users.size() == join_file_users_max) {
      return failure(ErrorKind::limit, "user", "more than 4096 at one node");
    }
    auto issued =
        issue_user_credentials({root_key_, root_}, user.aor, user.hashes, node, file.overlay, now);
    if (!issued) return Failure(issued.error());
    const auto recorded = record(LedgerEntry::Kind::user, user.aor, file.node_id,
                                 issued->certificate, user_days, now);
    if (!recorded) return recorded;
    file.users.push_back(std::move(*issued));
  }
  return {};
}

Expected<User> Authority::checked_user(std::string_view name, std::string_view password,
                                       std::vector<std::string> nodes) const {
  const std::string& overlay = configuration().instance_name;
  auto aor = user_aor(name, overlay);
  if (!aor) return Failure(aor.error());
  if (password.empty()) return failure(ErrorKind::invalid, "password", "is empty");
  const DigestHashes hashes = digest_hashes(user_part(*aor), overlay, password);
  return User{std::move(*aor), std::move(nodes), hashes};
}

Expected<std::string> Authority::add_user(std::string_view name, std::string_view password,
                                          std::vector<std::string> nodes) {
  auto user = checked_user(name, password, std::move(nodes));
  if (!user) return Failure(user.error());
  std::string aor = user->aor;
  auto result = users_.add(std::move(*user));
  if (result) result = save_users();
  if (!result) return Failure(result.error());
  return aor;
}

Expected<std::size_t> Authority::import_users(std::string_view csv) {
  auto imported = read_user_csv(csv);
  if (!imported) return Failure(imported.error());
  UserTable merged = users_;
  for (ImportedUser& entry : *imported) {
    const auto refuse = [&entry](const Error& error) {
      return failure(error.kind, error.field, error.reason, static_cast<std::uint32_t>(entry.line));
    };
    auto user = checked_user(entry.name, entry.password, std::move(entry.nodes));
    if (!user) return refuse(user.error());
    if (const auto added = merged.add(std::move(*user)); !added) return refuse(added.error());
  }
  std::swap(users_, merged);
  if (const auto saved = save_users(); !saved) return Failure(saved.error());
  return imported->size();
}

Expected<std::string> Authority::change_password(std::string_view name, std::string_view password) {
  auto changed = checked_user(name, password, {});
  if (!changed) return Failure(changed.error());
  User* user = users_.find(changed->aor);
  if (user == nullptr) return failure(ErrorKind::not_found, "user", "there is none of that name");
  user->hashes = changed->hashes;
  if (const auto saved = save_users(); !saved) return Failure(saved.error());
  return std::move(changed->aor);
}

Expected<std::size_t> Authority::remove_user(std::string_view name, WallTime now) {
  const auto aor = user_aor(name, configuration().instance_name);
  if (!aor) return Failure(aor.error());
  if (users_.find(*aor) == nullptr) {
    return failure(ErrorKind::not_found, "user", "there is none of that name");
  }
  configuration::OverlayConfiguration changed = configuration();
  std::size_t revoked = 0;
  for (const LedgerEntry& entry : ledger_.all()) {
    if (entry.kind != LedgerEntry::Kind::user || entry.name != *aor || entry.expires < now) {
      continue;
    }
    changed.bad_certificates.push_back(entry.certificate);
    ++revoked;
  }
  // Revoked first: a crash in between leaves a user who must be removed again, not one who stays.
  if (revoked != 0) {
    if (const auto published = publish(std::move(changed), now); !published) {
      return Failure(published.error());
    }
  }
  (void)users_.remove(*aor);
  if (const auto saved = save_users(); !saved) return Failure(saved.error());
  return revoked;
}

Expected<SiteFile> Authority::delegate(std::string_view node_name, std::string_view aor_pattern,
                                       WallTime now) {
  const auto id = ledger_.node_id(node_name);
  if (!id) return failure(ErrorKind::not_found, "node", "no node of that name was admitted");
  const auto pattern = crypto::AorPattern::parse(aor_pattern);
  if (!pattern) return Failure(pattern.error());
  const auto key = PrivateKey::generate();
  if (!key) return Failure(key.error());
  const std::string& overlay = configuration().instance_name;
  auto certificate = crypto::openssl::issue_delegate(
      {root_key_, root_}, overlay, validity_from(now, node_days), key->public_key());
  if (!certificate) return Failure(certificate.error());
  configuration::OverlayConfiguration changed = configuration();
  changed.delegates.push_back({*certificate, *id, std::string(aor_pattern)});
  auto result = record(LedgerEntry::Kind::delegate, node_name, *id, *certificate, node_days, now);
  if (result) result = save_ledger();
  if (result) result = publish(std::move(changed), now);
  if (!result) return Failure(result.error());
  return SiteFile{
      overlay,      std::string(node_name), *id, std::string(aor_pattern), std::move(*certificate),
      key->to_pem()};
}

}  // namespace chordial::enrollment
