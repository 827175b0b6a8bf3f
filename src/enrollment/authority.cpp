#include "enrollment/authority.h"

#include <algorithm>

#include "configuration/overlay_name.h"
#include "crypto/openssl/issuing.h"
#include "enrollment/issuing.h"

namespace chordial::enrollment {

namespace {

using configuration::AccessControl;
using configuration::DataModel;
using configuration::Kind;
using configuration::KindBlock;
using configuration::OverlayConfiguration;
using crypto::openssl::KeySigner;
using crypto::openssl::PrivateKey;

constexpr const char* root_certificate_file = "root.cer";
constexpr const char* root_key_file = "root.key";
constexpr const char* signer_certificate_file = "signer.cer";
constexpr const char* signer_key_file = "signer.key";
constexpr const char* document_file = "document.xml";
constexpr const char* ledger_file = "ledger";
constexpr const char* users_file = "users";

constexpr std::size_t key_bytes_max = 64 * 1024;
constexpr std::size_t table_bytes_max = 64 * 1024 * 1024;

struct KindQuota {
  const char* name;
  std::uint32_t max_count;
  std::uint32_t max_size;
  std::uint32_t max_node_multiple;
};

// What every peer of an overlay of ours stores. A user has at most so many phones' nodes, a node so
// many certificates while one replaces another.
constexpr KindQuota kind_quotas[] = {
    {"SIP-REGISTRATION", 64, 4096, 0},
    {"TURN-SERVICE", 1, 256, 20},
    {"CERTIFICATE_BY_NODE", 4, 4096, 0},
    {"CERTIFICATE_BY_USER", 64, 4096, 0},
    {"REDIR", 256, 1024, 0},
};

Kind kind_of(const KindQuota& quota) {
  const configuration::RegisteredKind& known = *configuration::registered_kind(quota.name);
  Kind kind;
  kind.name = quota.name;
  kind.id = known.id;
  kind.data_model = known.data_model;
  kind.access_control = known.access_control;
  kind.max_count = quota.max_count;
  kind.max_size = quota.max_size;
  kind.max_node_multiple = quota.max_node_multiple;
  // AORs of the overlay's own name only (RFC 7904 §3.4).
  if (kind.name == "SIP-REGISTRATION") kind.domains = configuration::DomainRestriction{};
  return kind;
}

Expected<Bytes> read_certificate(const std::string& path, const char* name) {
  const auto pem = read_file(path, name, key_bytes_max);
  if (!pem) return Failure(pem.error());
  auto certificates = crypto::openssl::certificates_from_pem(as_text(*pem));
  if (!certificates) return failure(certificates.error().kind, name, certificates.error().reason);
  if (certificates->size() != 1) {
    return failure(ErrorKind::malformed, name, "holds not just one certificate");
  }
  return std::move(certificates->front());
}

Expected<PrivateKey> read_key(const std::string& path, const char* name) {
  const auto pem = read_file(path, name, key_bytes_max);
  if (!pem) return Failure(pem.error());
  auto key = PrivateKey::from_pem(as_text(*pem));
  if (!key) return failure(key.error().kind, name, key.error().reason);
  return key;
}

Expected<std::string> read_table(const std::string& path, const char* name) {
  const auto bytes = read_file(path, name, table_bytes_max);
  if (!bytes) return Failure(bytes.error());
  return std::string(as_text(*bytes));
}

}  // namespace

NodeId random_node_id(Rng& rng) {
  NodeId id;
  do {
    id.position = {rng.u64(), rng.u64()};
  } while (id == invalid_node_id || id == wildcard_node_id);
  return id;
}

Expected<Authority> Authority::create(const std::string& folder, OverlayConfiguration wanted,
                                      WallTime now, Rng& rng) {
  if (!configuration::is_overlay_name(wanted.instance_name)) {
    return failure(ErrorKind::invalid, "overlay",
                   "an overlay's name is a DNS name: letters, digits, hyphens and dots");
  }
  if (const auto writable = configuration::write_configuration(wanted); !writable) {
    return Failure(writable.error());
  }
  if (const auto made = make_private_folder(folder, "folder"); !made) {
    return Failure(made.error());
  }
  auto lock = FolderLock::take(folder);
  if (!lock) return Failure(lock.error());
  auto key = PrivateKey::generate();
  if (!key) return Failure(key.error());
  Authority authority(folder, std::move(*lock), std::move(*key));
  if (file_exists(authority.path(document_file)) || file_exists(authority.path(root_key_file))) {
    return failure(ErrorKind::conflict, "folder", "holds an authority already");
  }
  auto root = crypto::openssl::issue_root(authority.root_key_, wanted.instance_name,
                                          validity_from(now, root_days));
  if (!root) return Failure(root.error());
  authority.root_ = std::move(*root);
  authority.document_.configuration.instance_name = wanted.instance_name;
  const std::string pem = crypto::openssl::certificate_to_pem(authority.root_);
  auto result = write_file(authority.path(root_key_file), root_key_file,
                           as_bytes(authority.root_key_.to_pem()), FileMode::secret);
  if (result) {
    result = write_file(authority.path(root_certificate_file), root_certificate_file, as_bytes(pem),
                        FileMode::open);
  }
  if (result) result = authority.make_signer(now, rng);
  if (result) result = authority.save_users();
  if (result) result = authority.add_kinds(wanted);
  wanted.sequence = 0;
  wanted.root_certs = {authority.root_};
  if (result) result = authority.publish(std::move(wanted), now);
  if (!result) return Failure(result.error());
  return authority;
}

Expected<Authority> Authority::open(const std::string& folder) {
  const std::string document_path = folder + '/' + document_file;
  if (!file_exists(document_path)) {
    return failure(ErrorKind::not_found, "folder", "holds no overlay authority");
  }
  auto lock = FolderLock::take(folder);
  if (!lock) return Failure(lock.error());
  auto root_key = read_key(folder + '/' + root_key_file, root_key_file);
  if (!root_key) return Failure(root_key.error());
  Authority authority(folder, std::move(*lock), std::move(*root_key));
  if (const auto loaded = authority.load(); !loaded) return Failure(loaded.error());
  return authority;
}

Expected<void> Authority::load() {
  auto root = read_certificate(path(root_certificate_file), root_certificate_file);
  if (!root) return Failure(root.error());
  root_ = std::move(*root);
  const auto xml = read_file(path(document_file), document_file, configuration::document_bytes_max);
  if (!xml) return Failure(xml.error());
  auto document = configuration::read_document(*xml);
  if (!document) return Failure(document.error());
  document_ = std::move(document->configurations.front());
  auto signer_key = read_key(path(signer_key_file), signer_key_file);
  if (!signer_key) return Failure(signer_key.error());
  const auto signer_certificate =
      read_certificate(path(signer_certificate_file), signer_certificate_file);
  if (!signer_certificate) return Failure(signer_certificate.error());
  auto signer =
      KeySigner::create(std::move(*signer_key), *signer_certificate, configuration().instance_name);
  if (!signer) return Failure(signer.error());
  signer_ = std::move(*signer);
  return load_tables();
}

Expected<void> Authority::load_tables() {
  const auto ledger_text = read_table(path(ledger_file), ledger_file);
  if (!ledger_text) return Failure(ledger_text.error());
  auto ledger = Ledger::parse(*ledger_text);
  if (!ledger) return Failure(ledger.error());
  ledger_ = std::move(*ledger);
  const auto users_text = read_table(path(users_file), users_file);
  if (!users_text) return Failure(users_text.error());
  auto users = UserTable::parse(*users_text);
  if (!users) return Failure(users.error());
  users_ = std::move(*users);
  return {};
}

Expected<void> Authority::record(LedgerEntry::Kind kind, std::string_view name,
                                 const NodeId& node_id, ByteView certificate, int days,
                                 WallTime now) {
  LedgerEntry entry;
  entry.kind = kind;
  entry.name = name;
  entry.node_id = node_id;
  entry.issued = now;
  entry.expires = validity_from(now, days).not_after;
  entry.certificate = crypto::sha256({certificate});
  return ledger_.add(std::move(entry));
}

// The signer is a leaf with a Node-ID of its own, so that the root key may lie in a safe.
Expected<void> Authority::make_signer(WallTime now, Rng& rng) {
  const std::string& overlay = configuration().instance_name;
  const NodeId id = random_node_id(rng);
  auto signer = issue_pair({root_key_, root_}, id, crypto::node_user_name(id, overlay), overlay,
                           validity_from(now, signer_days));
  if (!signer) return Failure(signer.error());
  signer_ = std::move(*signer);
  const crypto::Certificate& certificate = signer_->certificate();
  auto result = record(LedgerEntry::Kind::signer, "configuration-signer", id, certificate.der,
                       signer_days, now);
  if (result) result = save_ledger();
  if (result) {
    result = write_file(path(signer_key_file), signer_key_file, as_bytes(signer_->key().to_pem()),
                        FileMode::secret);
  }
  if (!result) return result;
  return write_file(path(signer_certificate_file), signer_certificate_file,
                    as_bytes(crypto::openssl::certificate_to_pem(certificate.der)), FileMode::open);
}

Expected<void> Authority::add_kinds(OverlayConfiguration& wanted) {
  const NodeId signer = signer_->certificate().node_ids.front();
  wanted.configuration_signers = {signer};
  wanted.kind_signers = {signer};
  for (const KindQuota& quota : kind_quotas) {
    KindBlock block;
    block.kind = kind_of(quota);
    auto element = configuration::write_kind(block.kind);
    if (!element) return Failure(element.error());
    block.element = std::move(*element);
    block.signature = configuration::sign_element(block.element, *signer_);
    wanted.required_kinds.push_back(std::move(block));
  }
  return {};
}

Expected<void> Authority::publish(OverlayConfiguration changed, WallTime now) {
  changed.sequence = configuration::next_sequence(changed.sequence);
  changed.signing_time = std::chrono::floor<std::chrono::seconds>(now);
  changed.expiration = *changed.signing_time + std::chrono::days(document_days);
  forget_expired(changed, now);
  configuration::SignedConfiguration next;
  auto element = configuration::write_configuration(changed);
  if (!element) return Failure(element.error());
  next.element = std::move(*element);
  next.signatures = {configuration::sign_element(next.element, *signer_)};
  const Bytes xml = configuration::write_document({next});
  // What was written is what counts from now on.
  auto read_back = configuration::read_document(xml);
  if (!read_back) return Failure(read_back.error());
  const auto written = write_file(path(document_file), document_file, xml, FileMode::open);
  if (!written) return written;
  document_ = std::move(read_back->configurations.front());
  return {};
}

// A bad-certificate needs to be named only while it could be used (§11.1).
void Authority::forget_expired(OverlayConfiguration& changed, WallTime now) const {
  std::erase_if(changed.bad_certificates, [&](const crypto::CertificateHash& hash) {
    return std::any_of(ledger_.all().begin(), ledger_.all().end(), [&](const LedgerEntry& entry) {
      return entry.certificate == hash && entry.expires < now;
    });
  });
}

Bytes Authority::document() const {
  return configuration::write_document({document_});
}

Expected<void> Authority::save_users() {
  return write_file(path(users_file), users_file, as_bytes(users_.text()), FileMode::secret);
}

Expected<void> Authority::save_ledger() {
  return write_file(path(ledger_file), ledger_file, as_bytes(ledger_.text()), FileMode::secret);
}

}  // namespace chordial::enrollment
