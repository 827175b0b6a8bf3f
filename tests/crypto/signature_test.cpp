// Signatures (RFC 6940 §6.3.4), requests, keys and seals.
#include <map>

#include "crypto/openssl/key_verifier.h"
#include "crypto/openssl/seal.h"
#include "crypto/overlay_authority.h"
#include "crypto/rsa_key.h"

namespace chordial::crypto::openssl {
namespace {

std::uint64_t counted(const KeyVerifier& verifier, const std::string& wanted) {
  struct Visitor final : CounterVisitor {
    void counter(const char* name, std::uint64_t value) override { values[name] = value; }
    void gauge(const char* name, std::uint64_t value) override { values[name] = value; }
    std::map<std::string, std::uint64_t> values;
  } visitor;
  verifier.visit_counters(visitor);
  return visitor.values.at(wanted);
}

class Signatures : public ::testing::Test {
 protected:
  OverlayAuthority authority;
  std::unique_ptr<KeySigner> signer = authority.node(node_id(1));
  KeyVerifier verifier;
};

TEST_F(Signatures, HoldForTheBytesHoweverTheyAreCut) {
  const Bytes signature = signer->sign({as_bytes("over"), as_bytes("lay")});
  EXPECT_LE(signature.size(), 72U);
  EXPECT_TRUE(verifier.verify(signer->certificate(), signer->algorithm(), signature,
                              {as_bytes("overlay")}));
}

TEST_F(Signatures, NothingAlteredHolds) {
  const ByteView text = as_bytes("text");
  const Bytes signature = signer->sign({text});
  const auto kind = [&](const Certificate& certificate, SignatureAlgorithm algorithm,
                        ByteView bytes, ByteView message) {
    return verifier.verify(certificate, algorithm, bytes, {message}).error().kind;
  };
  const Certificate& own = signer->certificate();
  EXPECT_EQ(kind(own, signer->algorithm(), signature, as_bytes("texT")), ErrorKind::unauthentic);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes altered = signature;
    altered[i] ^= 1;
    EXPECT_EQ(kind(own, signer->algorithm(), altered, text), ErrorKind::unauthentic) << i;
  }
  EXPECT_EQ(kind(own, signer->algorithm(), {}, text), ErrorKind::unauthentic);
  EXPECT_EQ(kind(own, signer->algorithm(), Bytes(5000), text), ErrorKind::unauthentic);
  EXPECT_EQ(kind(authority.node(node_id(2))->certificate(), signer->algorithm(), signature, text),
            ErrorKind::unauthentic);
  EXPECT_EQ(kind(own, {4, 1}, signature, text), ErrorKind::unauthentic);
  EXPECT_EQ(kind(own, {2, 3}, signature, text), ErrorKind::unsupported);
}

TEST_F(Signatures, RememberedOnceTheyHeld) {
  const Bytes signature = signer->sign({as_bytes("text")});
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        verifier.verify(signer->certificate(), signer->algorithm(), signature, {as_bytes("text")}));
    ASSERT_FALSE(verifier.verify(signer->certificate(), signer->algorithm(), signature,
                                 {as_bytes("other")}));
  }
  EXPECT_EQ(counted(verifier, "crypto_signatures_checked"), 6U);
  EXPECT_EQ(counted(verifier, "crypto_signatures_remembered"), 4U);
  EXPECT_EQ(counted(verifier, "crypto_signatures_refused"), 5U);
}

TEST_F(Signatures, MemoryIsBoundedAndKeepsWhatIsAskedFor) {
  KeyVerifier small(4);
  const auto check = [&](std::uint8_t number) {
    const std::uint8_t message[] = {number};
    static std::map<int, Bytes> signatures;
    Bytes& signature = signatures[number];
    if (signature.empty()) signature = signer->sign({message});
    return small.verify(signer->certificate(), signer->algorithm(), signature, {message});
  };
  for (std::uint8_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(check(i));
    ASSERT_TRUE(check(0));
    EXPECT_LE(counted(small, "crypto_signatures_in_memory"), 4U);
  }
  EXPECT_EQ(counted(small, "crypto_signatures_checked"), 20U);
}

TEST_F(Signatures, RsaIsUnderstood) {
  PrivateKey rsa = value(PrivateKey::from_pem(rsa_pem(2048)));
  const Bytes der = value(issue_leaf(authority.issuer(), authority.contents(node_id(3), rsa)));
  const auto store = value(Store::create(authority.trust()));
  const auto rsa_signer = value(KeySigner::create(std::move(rsa), der, "example.org"));
  EXPECT_EQ(rsa_signer->algorithm(), (SignatureAlgorithm{4, 1}));
  const Bytes signature = rsa_signer->sign({as_bytes("text")});
  const Certificate* certificate = value(store->add(der, at(0)));
  EXPECT_TRUE(verifier.verify(*certificate, {4, 1}, signature, {as_bytes("text")}));
  EXPECT_FALSE(verifier.verify(*certificate, {4, 1}, signature, {as_bytes("texT")}));
  EXPECT_EQ(seal(*certificate, as_bytes("x"), {}).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(PrivateKey::from_pem(rsa_pem(1024)).error().kind, ErrorKind::unsupported);
}

TEST(PrivateKeyTest, SurvivesItsText) {
  const PrivateKey key = value(PrivateKey::generate());
  EXPECT_TRUE(key.to_pem().starts_with("-----BEGIN PRIVATE KEY-----"));
  EXPECT_EQ(value(PrivateKey::from_pem(key.to_pem())).public_key(), key.public_key());
  EXPECT_EQ(PrivateKey::from_pem("nonsense").error().kind, ErrorKind::malformed);
  EXPECT_EQ(PrivateKey::from_pem("").error().kind, ErrorKind::malformed);
}

TEST(Requests, CarryAKeyAndAWish) {
  const PrivateKey key = value(PrivateKey::generate());
  const Bytes request = value(certificate_request(key, "alice@example.org"));
  const RequestContents contents = value(read_certificate_request(request));
  EXPECT_EQ(contents.public_key, key.public_key());
  EXPECT_EQ(contents.user_name, "alice@example.org");
  EXPECT_EQ(value(read_certificate_request(value(certificate_request(key, "")))).user_name, "");
  for (std::size_t i = 0; i < request.size(); ++i) {
    Bytes altered = request;
    altered[i] ^= 1;
    const auto read = read_certificate_request(altered);
    EXPECT_TRUE(!read || read->public_key == key.public_key()) << i;
  }
  EXPECT_FALSE(certificate_request(key, "not a name"));
}

TEST(Issuing, RefusesWhatNoStoreWouldBelieve) {
  const OverlayAuthority authority;
  const PrivateKey key = value(PrivateKey::generate());
  const auto kind = [&](auto change) {
    LeafContents contents = authority.contents(node_id(1), key);
    change(contents);
    const auto issued = issue_leaf(authority.issuer(), contents);
    return issued ? ErrorKind::internal : issued.error().kind;
  };
  EXPECT_EQ(kind([](LeafContents& c) { c.node_ids.clear(); }), ErrorKind::invalid);
  EXPECT_EQ(kind([](LeafContents& c) { c.node_ids.assign(17, node_id(1)); }), ErrorKind::invalid);
  EXPECT_EQ(kind([](LeafContents& c) { c.node_ids = {wildcard_node_id}; }), ErrorKind::invalid);
  EXPECT_EQ(kind([](LeafContents& c) { c.user_name = "alice"; }), ErrorKind::invalid);
  EXPECT_EQ(kind([](LeafContents& c) { c.overlay = "exam ple"; }), ErrorKind::invalid);
  EXPECT_EQ(kind([](LeafContents& c) { c.validity.not_after = wall(0); }), ErrorKind::invalid);
  EXPECT_EQ(kind([](LeafContents& c) { c.public_key = {1, 2}; }), ErrorKind::malformed);
  const PrivateKey other = value(PrivateKey::generate());
  EXPECT_EQ(issue_leaf({other, authority.issuer().certificate}, authority.contents(node_id(1), key))
                .error()
                .kind,
            ErrorKind::invalid);
}

TEST(Pem, HoldsCertificatesInOrder) {
  const OverlayAuthority a;
  const OverlayAuthority b;
  const Bytes first = a.trust().roots[0];
  const Bytes second = b.trust().roots[0];
  EXPECT_EQ(value(certificates_from_pem(certificate_to_pem(first) + certificate_to_pem(second))),
            (std::vector<Bytes>{first, second}));
  EXPECT_FALSE(certificates_from_pem(""));
  EXPECT_FALSE(certificates_from_pem("-----BEGIN CERTIFICATE-----\nrubbish"));
}

TEST_F(Signatures, SealsOpenForOneKeyAndOnePurpose) {
  const ByteView secret = as_bytes("939e7578ed9e3c518a452acee763bce9");
  const ByteView purpose = as_bytes("ha1 alice@example.org");
  const Bytes sealed = value(seal(signer->certificate(), secret, purpose));
  EXPECT_EQ(sealed.size(), secret.size() + seal_overhead_bytes);
  EXPECT_EQ(value(open_seal(signer->key(), sealed, purpose)), to_bytes(secret));
  EXPECT_NE(value(seal(signer->certificate(), secret, purpose)), sealed);
  EXPECT_EQ(open_seal(signer->key(), sealed, as_bytes("ha1 bob")).error().kind,
            ErrorKind::unauthentic);
  EXPECT_EQ(open_seal(authority.node(node_id(2))->key(), sealed, purpose).error().kind,
            ErrorKind::unauthentic);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes altered = sealed;
    altered[i] ^= 1;
    EXPECT_FALSE(open_seal(signer->key(), altered, purpose)) << i;
  }
  for (std::size_t size = 0; size < seal_overhead_bytes; ++size) {
    EXPECT_EQ(open_seal(signer->key(), ByteView(sealed).first(size), purpose).error().kind,
              ErrorKind::truncated);
  }
  EXPECT_EQ(value(open_seal(signer->key(), value(seal(signer->certificate(), {}, {})), {})),
            Bytes());
  EXPECT_EQ(seal(signer->certificate(), Bytes(5000), {}).error().kind, ErrorKind::limit);
}

}  // namespace
}  // namespace chordial::crypto::openssl
