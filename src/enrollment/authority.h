// The overlay authority in a folder (design: identity): the root that issues certificates, the
// signer of the configuration document, what was issued, and the users. Works offline. One process
// at a time holds the folder.
//
//   root.cer root.key        the root certificate and its key
//   signer.cer signer.key    the configuration-signer's, a leaf (RFC 6940 §11.1)
//   document.xml             the signed configuration document; free to copy
//   ledger                   what was issued
//   users                    names and password hashes
//
// All but *.cer and document.xml are readable by their owner alone.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "configuration/document.h"
#include "crypto/openssl/key_signer.h"
#include "enrollment/file.h"
#include "enrollment/join_file.h"
#include "enrollment/ledger.h"
#include "enrollment/site.h"
#include "enrollment/user_table.h"

namespace chordial::enrollment {

// How long certificates live, in days.
inline constexpr int root_days = 20 * 365;
inline constexpr int signer_days = 2 * 365;
inline constexpr int node_days = 365;
inline constexpr int user_days = 30;
inline constexpr int document_days = 2 * 365;

class Authority {
 public:
  // Makes the folder, the keys and the first document. `wanted` says what the overlay shall be
  // like; its roots, signers, Kinds, sequence and times are filled in here. The Rng chooses
  // Node-IDs: caller's duty that nobody can foresee them. Errors: conflict (an authority is there
  // already), invalid, those of file.h and of write_configuration.
  [[nodiscard]] static Expected<Authority> create(const std::string& folder,
                                                  configuration::OverlayConfiguration wanted,
                                                  WallTime now, Rng& rng);
  // Errors: not_found, malformed, unauthentic (a key that does not fit), those of file.h.
  [[nodiscard]] static Expected<Authority> open(const std::string& folder);

  [[nodiscard]] const configuration::OverlayConfiguration& configuration() const {
    return document_.configuration;
  }
  // The signed document as XML.
  [[nodiscard]] Bytes document() const;
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }
  [[nodiscard]] const std::vector<User>& users() const { return users_.all(); }

  // A join file for the node of that name: a fresh key, the Node-ID it always had, and the users
  // who belong there. `wished`: a Node-ID for a laboratory that wants a given geometry; others take
  // what the Rng gives. Errors: invalid (name, Node-ID), conflict (the node has another Node-ID, or
  // another node has this one), those of issuing and of file.h.
  [[nodiscard]] Expected<JoinFile> admit(std::string_view node_name, WallTime now, Rng& rng,
                                         std::optional<NodeId> wished = std::nullopt);

  // Users are written to the folder before these return. `name` is an AOR or its user part; an
  // empty list of nodes means every node. Errors: invalid and forbidden (name), conflict (exists),
  // not_found, limit.
  [[nodiscard]] Expected<std::string> add_user(std::string_view name, std::string_view password,
                                               std::vector<std::string> nodes);
  // All or none. The error's `offset` is the line of the first that cannot be added.
  [[nodiscard]] Expected<std::size_t> import_users(std::string_view csv);
  [[nodiscard]] Expected<std::string> change_password(std::string_view name,
                                                      std::string_view password);
  // Also forbids the user's certificates that have not expired, in a new document. The number of
  // those.
  [[nodiscard]] Expected<std::size_t> remove_user(std::string_view name, WallTime now);

  // A new document with the next sequence number, signed. Errors: those of write_configuration and
  // of file.h.
  [[nodiscard]] Expected<void> publish(configuration::OverlayConfiguration changed, WallTime now);

  // A site's own authority over names that match the pattern, at the node of that name; listed in a
  // new document. Errors: not_found (no such node), malformed (pattern), limit.
  [[nodiscard]] Expected<SiteFile> delegate(std::string_view node_name,
                                            std::string_view aor_pattern, WallTime now);

 private:
  Authority(std::string folder, FolderLock lock, crypto::openssl::PrivateKey root_key)
      : folder_(std::move(folder)), lock_(std::move(lock)), root_key_(std::move(root_key)) {}

  [[nodiscard]] std::string path(const char* name) const { return folder_ + '/' + name; }
  [[nodiscard]] Expected<void> load();
  [[nodiscard]] Expected<void> load_tables();
  [[nodiscard]] Expected<void> make_signer(WallTime now, Rng& rng);
  [[nodiscard]] Expected<void> add_kinds(configuration::OverlayConfiguration& wanted);
  void forget_expired(configuration::OverlayConfiguration& changed, WallTime now) const;
  // Enters a certificate that was issued just now for so many days.
  [[nodiscard]] Expected<void> record(LedgerEntry::Kind kind, std::string_view name,
                                      const NodeId& node_id, ByteView certificate, int days,
                                      WallTime now);
  [[nodiscard]] Expected<NodeId> node_id_for(std::string_view node_name,
                                             std::optional<NodeId> wished, Rng& rng) const;
  [[nodiscard]] Expected<void> add_users(JoinFile& file, const crypto::Certificate& node,
                                         WallTime now);
  [[nodiscard]] Expected<User> checked_user(std::string_view name, std::string_view password,
                                            std::vector<std::string> nodes) const;
  [[nodiscard]] Expected<void> save_users();
  [[nodiscard]] Expected<void> save_ledger();

  std::string folder_;
  FolderLock lock_;
  crypto::openssl::PrivateKey root_key_;
  Bytes root_;  // DER
  std::unique_ptr<crypto::openssl::KeySigner> signer_;
  configuration::SignedConfiguration document_;
  Ledger ledger_;
  UserTable users_;
};

// A Node-ID that no peer of the overlay can have by accident.
[[nodiscard]] NodeId random_node_id(Rng& rng);

}  // namespace chordial::enrollment
