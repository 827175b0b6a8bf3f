#include "enrollment/issuing.h"

#include "enrollment/authority.h"

namespace chordial::enrollment {

using crypto::openssl::Issuer;
using crypto::openssl::KeySigner;
using crypto::openssl::PrivateKey;
using crypto::openssl::Validity;

Validity validity_from(WallTime now, int days) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  return {second - std::chrono::hours(1), second + std::chrono::days(days)};
}

Expected<std::unique_ptr<KeySigner>> issue_pair(const Issuer& issuer, const NodeId& node,
                                                std::string_view user_name,
                                                std::string_view overlay,
                                                const Validity& validity) {
  auto key = PrivateKey::generate();
  if (!key) return Failure(key.error());
  crypto::openssl::LeafContents contents;
  contents.node_ids = {node};
  contents.user_name = user_name;
  contents.overlay = overlay;
  contents.validity = validity;
  contents.public_key = key->public_key();
  const auto certificate = crypto::openssl::issue_leaf(issuer, contents);
  if (!certificate) return Failure(certificate.error());
  return KeySigner::create(std::move(*key), *certificate, overlay);
}

Expected<UserCredentials> issue_user_credentials(const Issuer& issuer, std::string_view aor,
                                                 const DigestHashes& hashes,
                                                 const crypto::Certificate& node,
                                                 std::string_view overlay, WallTime now) {
  const auto pair =
      issue_pair(issuer, node.node_ids.front(), aor, overlay, validity_from(now, user_days));
  if (!pair) return Failure(pair.error());
  auto sealed = seal_digest_hashes(hashes, aor, node);
  if (!sealed) return Failure(sealed.error());
  return UserCredentials{std::string(aor), (*pair)->certificate().der, (*pair)->key().to_pem(),
                         std::move(*sealed)};
}

}  // namespace chordial::enrollment
