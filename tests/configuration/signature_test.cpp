// Who may say what an overlay is: real keys, real chains, and every way to be refused.
#include <gtest/gtest.h>

#include "configuration/document_signature.h"
#include "crypto/openssl/issuing.h"
#include "crypto/openssl/key_signer.h"
#include "crypto/openssl/key_verifier.h"
#include "crypto/openssl/store.h"

namespace chordial::configuration {
namespace {

using crypto::openssl::Issuer;
using crypto::openssl::KeySigner;
using crypto::openssl::KeyVerifier;
using crypto::openssl::PrivateKey;
using crypto::openssl::Store;

constexpr const char* overlay = "overlay.example";

NodeId node(std::uint64_t number) {
  return NodeId{{number, 7}};
}

Now at(std::int64_t second) {
  Now now;
  now.wall = WallTime(std::chrono::seconds(second));
  return now;
}

constexpr std::int64_t start = 1'800'000'000;
constexpr std::int64_t day = 86400;

// An authority whose signer number n has the Node-ID node(n).
class Authority {
 public:
  Authority() : key_(*PrivateKey::generate()) {
    root = *crypto::openssl::issue_root(key_, overlay, validity(3650));
  }

  std::unique_ptr<KeySigner> signer(std::uint64_t number) {
    PrivateKey key = *PrivateKey::generate();
    crypto::openssl::LeafContents leaf;
    leaf.node_ids = {node(number)};
    leaf.user_name = crypto::node_user_name(node(number), overlay);
    leaf.overlay = overlay;
    leaf.validity = validity(365);
    leaf.public_key = key.public_key();
    const Bytes der = *crypto::openssl::issue_leaf(Issuer{key_, root}, leaf);
    return std::move(*KeySigner::create(std::move(key), der, overlay));
  }

  Bytes root;

 private:
  static crypto::openssl::Validity validity(int days) {
    return {at(start).wall, at(start + days * day).wall};
  }
  PrivateKey key_;
};

class Signatures : public testing::Test {
 protected:
  Signatures() : signer_(authority_.signer(1)), other_(authority_.signer(2)) {
    configuration_.instance_name = overlay;
    configuration_.sequence = 1;
    configuration_.root_certs = {authority_.root};
    configuration_.configuration_signers = {node(1)};
    configuration_.kind_signers = {node(2)};
    store_ = std::move(*Store::create(trust_of(configuration_)));
  }

  SignedConfiguration signed_by(const OverlayConfiguration& configuration, KeySigner& signer) {
    SignedConfiguration result;
    result.configuration = configuration;
    result.element = *write_configuration(configuration);
    result.signatures = {sign_element(result.element, signer)};
    return result;
  }

  SignedConfiguration next() {
    OverlayConfiguration configuration = configuration_;
    configuration.sequence = 2;
    return signed_by(configuration, *signer_);
  }

  Expected<void> update(const SignedConfiguration& document, std::int64_t second = start) {
    return check_update(configuration_, document, *store_, verifier_, at(second));
  }

  Authority authority_;
  std::unique_ptr<KeySigner> signer_;
  std::unique_ptr<KeySigner> other_;
  OverlayConfiguration configuration_;
  std::unique_ptr<Store> store_;
  KeyVerifier verifier_;
};

TEST_F(Signatures, ANewerDocumentOfTheSignerIsAccepted) {
  // As it travels: through the text of a whole document.
  const Bytes xml = write_document({next()});
  const auto received = read_configuration(xml, overlay);
  ASSERT_TRUE(received) << received.error().text();
  const auto result = update(*received);
  EXPECT_TRUE(result) << result.error().text();
}

TEST_F(Signatures, AnyChangedByteIsRefused) {
  const SignedConfiguration good = next();
  for (std::size_t i = 0; i < good.element.size(); i += 97) {
    SignedConfiguration changed = good;
    changed.element[i] ^= 1;
    const auto result = update(changed);
    ASSERT_FALSE(result) << i;
    EXPECT_EQ(result.error().kind, ErrorKind::unauthentic);
  }
}

TEST_F(Signatures, ACertificateOfTheOverlayThatIsNoSignerIsRefused) {
  const auto result = update(signed_by(next().configuration, *other_));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unauthentic);
}

TEST_F(Signatures, TheNewDocumentCannotNameItsOwnSigner) {
  OverlayConfiguration configuration = next().configuration;
  configuration.configuration_signers = {node(2)};
  EXPECT_FALSE(update(signed_by(configuration, *other_)));
  EXPECT_TRUE(update(signed_by(configuration, *signer_)));
}

TEST_F(Signatures, ASignerOfAForeignAuthorityIsRefused) {
  Authority stranger;
  const auto impostor = stranger.signer(1);
  const auto result = update(signed_by(next().configuration, *impostor));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unauthentic);
}

TEST_F(Signatures, MissingOneGoodAmongSeveralAndOmittedCertificate) {
  SignedConfiguration document = next();
  const SecurityBlock good = document.signatures[0];
  document.signatures.clear();
  EXPECT_FALSE(update(document));
  document.signatures = {sign_element(document.element, *other_), good};
  EXPECT_TRUE(update(document));
  document.signatures = {good};
  document.signatures[0].certificates.clear();
  EXPECT_TRUE(update(document));  // the store knows it by now
  document.signatures[0].signer_hash[0] ^= 1;
  EXPECT_FALSE(update(document));
}

TEST_F(Signatures, AnExpiredOrRevokedSignerIsRefused) {
  EXPECT_EQ(update(next(), start + 366 * day).error().kind, ErrorKind::expired);
  configuration_.bad_nodes = {node(1)};
  ASSERT_TRUE(store_->configure(trust_of(configuration_)));
  EXPECT_EQ(update(next()).error().kind, ErrorKind::forbidden);
}

TEST_F(Signatures, OldOrForeignOrExpiredDocumentsAreRefused) {
  OverlayConfiguration configuration = configuration_;
  EXPECT_STREQ(update(signed_by(configuration, *signer_)).error().field, "sequence");
  configuration.sequence = 0;
  EXPECT_EQ(update(signed_by(configuration, *signer_)).error().kind, ErrorKind::conflict);
  configuration.sequence = 2;
  configuration.instance_name = "other.example";
  EXPECT_STREQ(update(signed_by(configuration, *signer_)).error().field, "instance-name");
  configuration.instance_name = overlay;
  configuration.expiration = at(start).wall;
  EXPECT_EQ(update(signed_by(configuration, *signer_)).error().kind, ErrorKind::expired);
  configuration.expiration = at(start + 1).wall;
  EXPECT_TRUE(update(signed_by(configuration, *signer_)));
}

TEST_F(Signatures, KindsNeedAKindSigner) {
  OverlayConfiguration configuration = next().configuration;
  KindBlock block;
  block.kind.id = 0xf0000001;
  block.element = *write_kind(block.kind);
  configuration.required_kinds = {block};
  EXPECT_STREQ(update(signed_by(configuration, *signer_)).error().field, "kind-signature");
  configuration.required_kinds[0].signature = sign_element(block.element, *signer_);
  EXPECT_FALSE(update(signed_by(configuration, *signer_)));
  configuration.required_kinds[0].signature = sign_element(block.element, *other_);
  EXPECT_TRUE(update(signed_by(configuration, *signer_)));
}

TEST_F(Signatures, CertHashNodeIdBindsTheNodeId) {
  SignedConfiguration document = next();
  SecurityBlock& block = document.signatures[0];
  block.identity = SecurityBlock::Identity::cert_hash_node_id;
  EXPECT_FALSE(update(document));
  const crypto::Sha256 hash = crypto::sha256({node(1).bytes(), signer_->certificate().der});
  block.signer_hash = to_bytes(hash);
  EXPECT_TRUE(update(document));
  block.hash_algorithm = 2;
  EXPECT_EQ(update(document).error().kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace chordial::configuration
