// The simulator's certificates and signatures: cheap, of real size, and no easier to fool.
#include <gtest/gtest.h>

#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"

namespace chordial::crypto::mock {
namespace {

Now at_second(std::int64_t seconds) {
  return {MonotonicTime(std::chrono::seconds(seconds)), WallTime(std::chrono::seconds(seconds))};
}

class Mock : public ::testing::Test {
 protected:
  Bytes issue(std::uint64_t number) {
    const NodeId node{{1, number}};
    return *authority.issue({{node},
                             node_user_name(node, "example.org"),
                             WallTime(std::chrono::seconds(100)),
                             WallTime(std::chrono::seconds(200))},
                            number);
  }

  Rng rng{1, 2};
  MockAuthority authority{"example.org", rng};
  MockStore store{authority};
  SignatureCost cost;
  MockVerifier verifier{authority, cost};
};

TEST_F(Mock, ACertificateIsReadBack) {
  const Bytes der = issue(7);
  EXPECT_EQ(der.size(), certificate_bytes);
  EXPECT_EQ(der[0], 0x30);
  EXPECT_EQ(std::size_t{4} + der[2] * 256U + der[3], der.size());
  const auto certificate = store.add(der, at_second(150));
  ASSERT_TRUE(certificate);
  EXPECT_EQ((*certificate)->node_ids, (std::vector<NodeId>{{{1, 7}}}));
  EXPECT_EQ((*certificate)->user_names.front(), node_user_name({{1, 7}}, "example.org"));
  EXPECT_EQ((*certificate)->hash, sha256({der}));
  EXPECT_TRUE(store.usable(**certificate, at_second(200)));
  EXPECT_EQ(store.usable(**certificate, at_second(201)).error().kind, ErrorKind::expired);
  EXPECT_EQ(store.usable(**certificate, at_second(99)).error().kind, ErrorKind::expired);
}

TEST_F(Mock, NoAlteredCertificateIsBelieved) {
  const Bytes der = issue(7);
  for (std::size_t i = 0; i < der.size(); ++i) {
    Bytes altered = der;
    altered[i] ^= 1;
    EXPECT_FALSE(store.add(altered, at_second(150))) << i;
  }
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(store.add(ByteView(der).first(size), at_second(150)));
  }
  MockAuthority impostor("example.org", rng);
  MockStore other(impostor);
  EXPECT_EQ(other.add(der, at_second(150)).error().kind, ErrorKind::unauthentic);
}

TEST_F(Mock, SignaturesHoldForTheirBytesAndKeyOnly) {
  const Certificate* alice = *store.intern(issue(1));
  const Certificate* bob = *store.intern(issue(2));
  MockSigner signer(authority, *alice, cost);
  const Bytes signature = signer.sign({as_bytes("over"), as_bytes("lay")});
  EXPECT_EQ(signature.size(), signature_bytes);
  EXPECT_TRUE(verifier.verify(*alice, signer.algorithm(), signature, {as_bytes("overlay")}));
  EXPECT_FALSE(verifier.verify(*alice, signer.algorithm(), signature, {as_bytes("overlaY")}));
  EXPECT_FALSE(verifier.verify(*bob, signer.algorithm(), signature, {as_bytes("overlay")}));
  EXPECT_FALSE(verifier.verify(*alice, {2, 3}, signature, {as_bytes("overlay")}));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes altered = signature;
    altered[i] ^= 1;
    EXPECT_FALSE(verifier.verify(*alice, signer.algorithm(), altered, {as_bytes("overlay")})) << i;
  }
  EXPECT_EQ(cost.made, 1U);
  EXPECT_EQ(cost.checked, 3U + signature.size());
  EXPECT_GT(cost.microseconds(), 0U);
}

TEST_F(Mock, TheSameSeedGivesTheSameBytes) {
  Rng again{1, 2};
  const MockAuthority twin("example.org", again);
  const NodeId node{{1, 7}};
  const LeafContents contents{{node}, "alice@example.org", {}, {}};
  EXPECT_EQ(*authority.issue(contents, 7), *twin.issue(contents, 7));
  EXPECT_NE(*authority.issue(contents, 7), *authority.issue(contents, 8));
}

TEST_F(Mock, ShardsShareWhatWasInterned) {
  const Certificate* interned = *store.intern(issue(1));
  MockStore shard(authority, &store, 1);
  EXPECT_EQ(*shard.add(issue(1), at_second(150)), interned);
  ASSERT_TRUE(shard.add(issue(2), at_second(150)));
  ASSERT_TRUE(shard.add(issue(3), at_second(150)));
  EXPECT_EQ(shard.find(sha256({issue(2)})), nullptr);
  EXPECT_NE(shard.find(sha256({issue(3)})), nullptr);
  EXPECT_EQ(shard.find(interned->hash), interned);
}

TEST_F(Mock, RevocationIsHeard) {
  const Certificate* certificate = *store.intern(issue(1));
  Trust trust;
  trust.bad_certificates = {certificate->hash};
  store.configure(trust);
  EXPECT_STREQ(store.usable(*certificate, at_second(150)).error().field, "bad-certificate");
  trust = {};
  trust.bad_nodes = certificate->node_ids;
  store.configure(trust);
  EXPECT_STREQ(store.usable(*certificate, at_second(150)).error().field, "bad-node");
}

}  // namespace
}  // namespace chordial::crypto::mock
