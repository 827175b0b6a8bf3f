#include "enrollment/credentials.h"

#include <algorithm>

#include "configuration/document_signature.h"
#include "crypto/openssl/key_verifier.h"
#include "crypto/openssl/store.h"

namespace chordial::enrollment {

namespace {

using crypto::openssl::KeySigner;
using crypto::openssl::KeyVerifier;
using crypto::openssl::PrivateKey;
using crypto::openssl::Store;

Failure in_part(const char* part, const Error& error) {
  return failure(error.kind, part, error.reason);
}

Expected<configuration::SignedConfiguration> open_document(const JoinFile& file) {
  auto document = configuration::read_configuration(file.document, file.overlay);
  if (!document) return Failure(document.error());
  const auto supported = configuration::check_supported(document->configuration);
  if (!supported) return Failure(supported.error());
  return document;
}

Expected<void> check_document(const configuration::SignedConfiguration& document, Store& store,
                              Now now) {
  KeyVerifier verifier;
  const auto& signers = document.configuration.configuration_signers;
  const auto verified =
      configuration::verify_configuration(document, signers, store, verifier, now);
  if (!verified) return in_part("document", verified.error());
  const auto kinds = configuration::verify_kinds(document.configuration, store, verifier, now);
  if (!kinds) return in_part("document", kinds.error());
  return {};
}

// The certificate with its key, chained to the roots and naming this node and nobody else.
Expected<std::unique_ptr<KeySigner>> open_signer(const char* part, std::string_view key_pem,
                                                 ByteView certificate, const JoinFile& file,
                                                 Store& store, Now now) {
  auto key = PrivateKey::from_pem(key_pem);
  if (!key) return in_part(part, key.error());
  auto signer = KeySigner::create(std::move(*key), certificate, file.overlay);
  if (!signer) return in_part(part, signer.error());
  const auto proven = store.add(certificate, now);
  if (!proven) return in_part(part, proven.error());
  const crypto::Certificate& leaf = (*signer)->certificate();
  if (leaf.node_ids.size() != 1 || leaf.node_ids[0] != file.node_id) {
    return failure(ErrorKind::unauthentic, part, "names another node");
  }
  return std::move(*signer);
}

Expected<OpenedUser> open_user(const UserCredentials& user, const JoinFile& file,
                               const KeySigner& node, Store& store, Now now) {
  auto signer = open_signer("user-certificate", user.key_pem, user.certificate, file, store, now);
  if (!signer) return Failure(signer.error());
  const auto& names = (*signer)->certificate().user_names;
  if (names.size() != 1 || names[0] != user.aor) {
    return failure(ErrorKind::unauthentic, "user-certificate", "names another user");
  }
  const auto hashes = open_digest_hashes(user.sealed_hashes, user.aor, node.key());
  if (!hashes) return in_part("user-ha1", hashes.error());
  return OpenedUser{user.aor, std::move(*signer), *hashes};
}

}  // namespace

Expected<Credentials> open_credentials(const JoinFile& file, Now now) {
  auto document = open_document(file);
  if (!document) return Failure(document.error());
  now.wall = std::max(now.wall, document->configuration.signing_time.value_or(now.wall));
  const auto store = Store::create(configuration::trust_of(document->configuration));
  if (!store) return in_part("document", store.error());
  if (const auto checked = check_document(*document, **store, now); !checked) {
    return Failure(checked.error());
  }
  auto node =
      open_signer("node-certificate", file.node_key_pem, file.node_certificate, file, **store, now);
  if (!node) return Failure(node.error());
  const auto* certificate = (*store)->find((*node)->certificate().hash);
  if (const auto usable = (*store)->usable(*certificate, now); !usable) {
    return in_part("node-certificate", usable.error());
  }
  Credentials credentials;
  for (const UserCredentials& user : file.users) {
    auto opened = open_user(user, file, **node, **store, now);
    if (!opened) return Failure(opened.error());
    credentials.users.push_back(std::move(*opened));
  }
  credentials.configuration = std::move(*document);
  credentials.node = std::move(*node);
  return credentials;
}

}  // namespace chordial::enrollment
