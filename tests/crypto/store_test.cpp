// Which certificates a Store believes (RFC 6940 §11.3; delegates and revocation).
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "crypto/overlay_authority.h"

namespace chordial::crypto::openssl {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  Expected<const Certificate*> add(const Bytes& der) { return store->add(der, at(0)); }
  Bytes leaf(const LeafContents& contents) {
    return value(issue_leaf(authority.issuer(), contents));
  }

  OverlayAuthority authority;
  PrivateKey key = value(PrivateKey::generate());
  std::unique_ptr<Store> store = value(Store::create(authority.trust()));
};

TEST_F(StoreTest, ReadsWhoIsNamed) {
  LeafContents contents = authority.contents(node_id(1), key);
  contents.user_name = "Alice@EXAMPLE.org";
  const Bytes der = leaf(contents);
  const Certificate* certificate = value(add(der));
  EXPECT_EQ(certificate->node_ids, std::vector<NodeId>{node_id(1)});
  EXPECT_EQ(certificate->user_names, std::vector<std::string>{"Alice@example.org"});
  EXPECT_EQ(certificate->not_before, OverlayAuthority::validity.not_before);
  EXPECT_EQ(certificate->not_after, OverlayAuthority::validity.not_after);
  EXPECT_EQ(certificate->hash, sha256({der}));
  EXPECT_EQ(certificate->der, der);
  EXPECT_TRUE(store->usable(*certificate, at(0)));
  EXPECT_EQ(value(add(der)), certificate);
  EXPECT_EQ(store->find(certificate->hash), certificate);
  EXPECT_EQ(store->find({}), nullptr);
}

TEST_F(StoreTest, NoAlteredByteIsBelieved) {
  const Bytes genuine = leaf(authority.contents(node_id(1), key));
  for (std::size_t i = 0; i < genuine.size(); ++i) {
    Bytes altered = genuine;
    altered[i] ^= 1;
    EXPECT_FALSE(add(altered)) << "byte " << i;
  }
  for (std::size_t size = 0; size < genuine.size(); size += 7) {
    EXPECT_FALSE(add(Bytes(genuine.begin(), genuine.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  Bytes longer = genuine;
  longer.push_back(0);
  EXPECT_FALSE(add(longer));
  EXPECT_EQ(add(Bytes(certificate_bytes_max + 1)).error().kind, ErrorKind::limit);
  EXPECT_EQ(store->size(), 0U);
}

// A stranger can write an outer length in more bytes than needed; the signature is untouched.
TEST_F(StoreTest, OnlyDerIsBelieved) {
  const Bytes der = leaf(authority.contents(node_id(1), key));
  ASSERT_EQ(der[1], 0x82);
  Bytes ber = {der[0], 0x83, 0};
  ber.insert(ber.end(), der.begin() + 2, der.end());
  EXPECT_EQ(add(ber).error().kind, ErrorKind::malformed);
}

TEST_F(StoreTest, ForeignRootOverlayAndIssuer) {
  const OverlayAuthority impostor;
  const auto forged = store->add(impostor.node(node_id(1))->certificate().der, at(0));
  EXPECT_EQ(forged.error().kind, ErrorKind::unauthentic);
  EXPECT_STREQ(forged.error().field, "certificate");

  LeafContents elsewhere = authority.contents(node_id(1), key);
  elsewhere.overlay = "example.net";
  EXPECT_STREQ(add(leaf(elsewhere)).error().field, "reload_uri");

  // Signed by somebody whose certificate is well but no authority's.
  const auto member = authority.node(node_id(2));
  EXPECT_EQ(issue_leaf({member->key(), member->certificate().der}, elsewhere).error().kind,
            ErrorKind::invalid);
  EXPECT_FALSE(store->add(authority.trust().roots[0], at(0)));
}

TEST_F(StoreTest, ANodesNameIsItsOwn) {
  LeafContents contents = authority.contents(node_id(1), key);
  contents.user_name = node_user_name(node_id(2), "example.org");
  EXPECT_EQ(add(leaf(contents)).error().kind, ErrorKind::unauthentic);
}

TEST_F(StoreTest, ValidityIsAskedAtEveryUse) {
  const Certificate* certificate = value(add(leaf(authority.contents(node_id(1), key))));
  const std::int64_t day_ms = day_s * 1000;
  EXPECT_TRUE(store->usable(*certificate, at(30 * day_ms)));
  EXPECT_EQ(store->usable(*certificate, at(30 * day_ms + 1000)).error().kind, ErrorKind::expired);
  EXPECT_STREQ(store->usable(*certificate, at(-2 * day_ms)).error().field, "not_before");
  EXPECT_TRUE(store->usable(*certificate, at(-day_ms)));
}

TEST_F(StoreTest, RevocationTakesANodeOrACertificate) {
  const Bytes first = leaf(authority.contents(node_id(1), key));
  const Bytes second = leaf(authority.contents(node_id(2), key));
  Trust trust = authority.trust();
  trust.bad_nodes = {node_id(9), node_id(1)};
  trust.bad_certificates = {sha256({second})};
  ASSERT_TRUE(store->configure(trust));
  EXPECT_STREQ(store->usable(*value(add(first)), at(0)).error().field, "bad-node");
  EXPECT_STREQ(store->usable(*value(add(second)), at(0)).error().field, "bad-certificate");
  const Bytes third = leaf(authority.contents(node_id(3), key));
  EXPECT_TRUE(store->usable(*value(add(third)), at(0)));
}

// (r, n-s) is as good a signature as (r, s), and anybody can compute it.
TEST_F(StoreTest, RevocationTakesTheTwinOfACertificateToo) {
  const Bytes der = leaf(authority.contents(node_id(1), key));
  const unsigned char* at_der = der.data();
  X509* x509 = d2i_X509(nullptr, &at_der, static_cast<long>(der.size()));
  const ASN1_BIT_STRING* bits = nullptr;
  X509_get0_signature(&bits, nullptr, x509);
  const unsigned char* at_bits = bits->data;
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at_bits, bits->length);
  EC_GROUP* group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  BIGNUM* s = BN_new();
  BN_sub(s, EC_GROUP_get0_order(group), ECDSA_SIG_get0_s(signature));
  ECDSA_SIG_set0(signature, BN_dup(ECDSA_SIG_get0_r(signature)), s);
  unsigned char* out = nullptr;
  const int out_size = i2d_ECDSA_SIG(signature, &out);
  ASN1_STRING_set(const_cast<ASN1_BIT_STRING*>(bits), out, out_size);
  unsigned char* twin_out = nullptr;
  const int twin_size = i2d_X509(x509, &twin_out);
  const Bytes twin(twin_out, twin_out + twin_size);
  OPENSSL_free(out);
  OPENSSL_free(twin_out);
  EC_GROUP_free(group);
  ECDSA_SIG_free(signature);
  X509_free(x509);

  ASSERT_NE(twin, der);
  const Certificate* believed = value(add(twin));
  EXPECT_TRUE(store->usable(*believed, at(0)));
  Trust trust = authority.trust();
  trust.bad_certificates = {sha256({der})};
  ASSERT_TRUE(store->configure(trust));
  EXPECT_STREQ(store->usable(*value(add(twin)), at(0)).error().field, "bad-certificate");
  EXPECT_STREQ(store->usable(*value(add(der)), at(0)).error().field, "bad-certificate");
}

TEST_F(StoreTest, ForgetsTheLeastRecentlyUsed) {
  store = value(Store::create(authority.trust(), 2));
  const Bytes a = leaf(authority.contents(node_id(1), key));
  const Bytes b = leaf(authority.contents(node_id(2), key));
  const Bytes c = leaf(authority.contents(node_id(3), key));
  ASSERT_TRUE(add(a) && add(b) && add(a) && add(c));
  EXPECT_EQ(store->size(), 2U);
  EXPECT_NE(store->find(sha256({a})), nullptr);
  EXPECT_EQ(store->find(sha256({b})), nullptr);
  EXPECT_NE(store->find(sha256({c})), nullptr);
}

TEST_F(StoreTest, ANewRootForgetsWhatItDoesNotCover) {
  const Bytes der = leaf(authority.contents(node_id(1), key));
  ASSERT_TRUE(add(der));
  ASSERT_TRUE(store->configure(authority.trust()));
  EXPECT_NE(store->find(sha256({der})), nullptr);
  ASSERT_TRUE(store->configure(OverlayAuthority().trust()));
  EXPECT_EQ(store->find(sha256({der})), nullptr);
  EXPECT_FALSE(add(der));
}

TEST_F(StoreTest, ABrokenDocumentLeavesTheOldTrust) {
  Trust trust = authority.trust();
  trust.roots.push_back(leaf(authority.contents(node_id(1), key)));
  EXPECT_EQ(store->configure(trust).error().kind, ErrorKind::invalid);
  trust.roots.back() = {1, 2, 3};
  EXPECT_EQ(store->configure(trust).error().kind, ErrorKind::malformed);
  trust.roots.assign(roots_max + 1, authority.trust().roots[0]);
  EXPECT_EQ(store->configure(trust).error().kind, ErrorKind::limit);
  EXPECT_TRUE(add(leaf(authority.contents(node_id(1), key))));
}

class Delegates : public StoreTest {
 protected:
  Delegates() {
    certificate = value(
        issue_delegate(authority.issuer(), "site", OverlayAuthority::validity, site.public_key()));
    trust = authority.trust();
    trust.delegates = {{certificate, node_id(7), "2[0-9]{2}@example\\.org"}};
  }
  Expected<const Certificate*> try_leaf(const NodeId& node, const std::string& user_name) {
    LeafContents contents = authority.contents(node, key);
    contents.user_name = user_name;
    return add(value(issue_leaf({site, certificate}, contents)));
  }

  PrivateKey site = value(PrivateKey::generate());
  Bytes certificate;
  Trust trust;
};

TEST_F(Delegates, MayCertifyInsideTheirPatternOnly) {
  EXPECT_EQ(try_leaf(node_id(7), "200@example.org").error().kind, ErrorKind::unauthentic);
  ASSERT_TRUE(store->configure(trust));
  EXPECT_TRUE(try_leaf(node_id(7), "200@example.org"));
  EXPECT_STREQ(try_leaf(node_id(7), "300@example.org").error().field, "user_name");
  EXPECT_STREQ(try_leaf(node_id(7), "2000@example.org").error().field, "user_name");
  EXPECT_STREQ(try_leaf(node_id(8), "200@example.org").error().field, "reload_uri");
}

TEST_F(Delegates, NeverCertifyNodes) {
  trust.delegates[0].aor_pattern = ".*";
  ASSERT_TRUE(store->configure(trust));
  EXPECT_TRUE(try_leaf(node_id(7), "anything@example.org"));
  EXPECT_EQ(try_leaf(node_id(7), node_user_name(node_id(7), "example.org")).error().kind,
            ErrorKind::unauthentic);
  EXPECT_EQ(try_leaf(node_id(7), "bootstrap@example.org").error().kind, ErrorKind::unauthentic);
}

TEST_F(Delegates, GoWithTheDocument) {
  ASSERT_TRUE(store->configure(trust));
  const auto leaf = try_leaf(node_id(7), "200@example.org");
  const CertificateHash hash = value(leaf)->hash;
  trust.delegates[0].aor_pattern = "3..@example\\.org";
  ASSERT_TRUE(store->configure(trust));
  EXPECT_EQ(store->find(hash), nullptr);
}

TEST_F(Delegates, ExpireWithTheirIssuer) {
  const Validity brief{OverlayAuthority::validity.not_before, wall(test_start_s + 60)};
  trust.delegates[0].certificate = certificate =
      value(issue_delegate(authority.issuer(), "site", brief, site.public_key()));
  ASSERT_TRUE(store->configure(trust));
  const Certificate* leaf = value(try_leaf(node_id(7), "200@example.org"));
  EXPECT_EQ(leaf->not_after, brief.not_after);
  EXPECT_EQ(store->usable(*leaf, at(61'000)).error().kind, ErrorKind::expired);
}

TEST_F(Delegates, MustBeLeavesOfARoot) {
  const OverlayAuthority impostor;
  trust.delegates[0].certificate = value(
      issue_delegate(impostor.issuer(), "site", OverlayAuthority::validity, site.public_key()));
  EXPECT_EQ(store->configure(trust).error().kind, ErrorKind::invalid);
  trust.delegates[0].certificate = leaf(authority.contents(node_id(7), site));
  EXPECT_EQ(store->configure(trust).error().kind, ErrorKind::invalid);
  trust.delegates[0].certificate = authority.trust().roots[0];
  EXPECT_EQ(store->configure(trust).error().kind, ErrorKind::invalid);
  trust.delegates[0] = {certificate, node_id(7), "(broken"};
  EXPECT_EQ(store->configure(trust).error().kind, ErrorKind::malformed);
}

TEST_F(StoreTest, SelfSignedCertificatesNeedPermissionAndTheirKeysHash) {
  LeafContents contents = authority.contents(node_id(1), key);
  contents.user_name = "alice@example.org";
  const Bytes own = value(issue_self_signed(key, SelfSignedDigest::sha1, contents));
  EXPECT_EQ(add(own).error().kind, ErrorKind::unauthentic);
  Trust trust = authority.trust();
  trust.self_signed = SelfSignedDigest::sha1;
  ASSERT_TRUE(store->configure(trust));
  const Certificate* certificate = value(add(own));
  const Sha1 digest = sha1({key.public_key()});
  EXPECT_EQ(certificate->node_ids.front(), NodeId::from_bytes(ByteView(digest).first(16)));
  EXPECT_TRUE(add(leaf(authority.contents(node_id(1), key))));
  trust.self_signed = SelfSignedDigest::sha256;
  ASSERT_TRUE(store->configure(trust));
  EXPECT_FALSE(add(own));
}

}  // namespace
}  // namespace chordial::crypto::openssl
