// The small pieces: base64, times, names, sequence numbers, security blocks, support.
#include <gtest/gtest.h>

#include "configuration/base64.h"
#include "configuration/overlay_configuration.h"
#include "configuration/overlay_name.h"
#include "configuration/security_block.h"
#include "configuration/timestamp.h"

namespace chordial::configuration {
namespace {

TEST(Base64, VectorsOfRfc4648) {
  const char* table[][2] = {{"", ""},
                            {"f", "Zg=="},
                            {"fo", "Zm8="},
                            {"foo", "Zm9v"},
                            {"foob", "Zm9vYg=="},
                            {"fooba", "Zm9vYmE="},
                            {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : table) {
    EXPECT_EQ(to_base64(as_bytes(plain)), coded);
    const auto bytes = from_base64(coded);
    ASSERT_TRUE(bytes) << coded;
    EXPECT_EQ(as_text(*bytes), plain);
  }
  EXPECT_EQ(from_base64(" Zm\n9v\t"), to_bytes(as_bytes("foo")));
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Zm8",
                          "Zh==", "Zm9=", "Zm9v=", "Zg==Zg==", "Zm-v", "=", "===="}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
}

TEST(Timestamp, ReadsAndWritesUtc) {
  const auto time = from_timestamp("2002-10-10T07:00:00Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(time->time_since_epoch().count(), 1034233200000);
  EXPECT_EQ(to_timestamp(*time), "2002-10-10T07:00:00Z");
  EXPECT_EQ(from_timestamp("2002-10-10T07:00:00+00:00"), time);
  EXPECT_EQ(from_timestamp("1970-01-01t00:00:01.25z")->time_since_epoch().count(), 1250);
  EXPECT_EQ(from_timestamp("1970-01-01T00:00:00.0009Z")->time_since_epoch().count(), 0);
  for (const char* bad : {"", "2002-10-10", "2002-10-10T07:00:00", "2002-10-10T07:00:00+02:00",
                          "2002-02-30T07:00:00Z", "2002-13-10T07:00:00Z", "2002-10-10T24:00:00Z",
                          "2002-10-10 07:00:00Z", "2002-10-10T07:00:00.Z", "1969-10-10T07:00:00Z",
                          "2002-10-10T07:00:00Zx", "x002-10-10T07:00:00Z"}) {
    EXPECT_FALSE(from_timestamp(bad)) << bad;
  }
}

TEST(OverlayName, FollowsTheGrammarOfDnsNames) {
  for (const char* good : {"a", "overlay.example.org", "x-1.example", "1.example", "A.B"}) {
    EXPECT_TRUE(is_overlay_name(good)) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("a."), std::string(".a"), std::string("a..b"),
        std::string("-a"), std::string("a-"), std::string("a_b"), std::string("a b"),
        std::string(64, 'a'), std::string("a\0b", 3)}) {
    EXPECT_FALSE(is_overlay_name(bad)) << bad;
  }
}

TEST(OverlayName, HashIsTheLowEndOfItsSha1) {
  // SHA-1("abc") = a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d (FIPS 180-2 §A.1).
  EXPECT_EQ(overlay_hash("abc"), 0x9cd0d89du);
}

TEST(Sequence, IsComparedOnACircleOf65535) {
  EXPECT_TRUE(sequence_newer(1, 0));
  EXPECT_FALSE(sequence_newer(0, 1));
  EXPECT_FALSE(sequence_newer(5, 5));
  EXPECT_TRUE(sequence_newer(0, 65534));
  EXPECT_FALSE(sequence_newer(65534, 0));
  EXPECT_TRUE(sequence_newer(32767, 0));
  EXPECT_FALSE(sequence_newer(32768, 0));
  EXPECT_EQ(next_sequence(65534), 0);
  EXPECT_EQ(next_sequence(7), 8);
  for (std::uint32_t s = 0; s <= sequence_max; ++s) {
    const auto sequence = static_cast<std::uint16_t>(s);
    ASSERT_TRUE(sequence_newer(next_sequence(sequence), sequence));
    ASSERT_FALSE(sequence_newer(sequence, next_sequence(sequence)));
  }
}

SecurityBlock a_block() {
  SecurityBlock block;
  block.certificates = {Bytes(300, 1), {2}};
  block.signer_hash = Bytes(32, 3);
  block.signature = Bytes(70, 4);
  return block;
}

TEST(SecurityBlockCodec, ByteForByte) {
  SecurityBlock block;
  block.certificates = {{0xaa}};
  block.signer_hash = {0xbb, 0xcc};
  block.signature = {0xdd};
  EXPECT_EQ(to_hex(encode_security_block(block)),
            "00040000"
            "01aa"
            "0403"
            "01"
            "0004"
            "0402bbcc"
            "0001dd");
}

TEST(SecurityBlockCodec, ComesBack) {
  const SecurityBlock block = a_block();
  const auto back = decode_security_block(encode_security_block(block));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->certificates, block.certificates);
  EXPECT_EQ(back->algorithm, block.algorithm);
  EXPECT_EQ(back->identity, block.identity);
  EXPECT_EQ(back->signer_hash, block.signer_hash);
  EXPECT_EQ(back->signature, block.signature);
}

TEST(SecurityBlockCodec, EveryCutAndEveryTailIsRefused) {
  Bytes bytes = encode_security_block(a_block());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_FALSE(decode_security_block(ByteView(bytes).first(length))) << length;
  }
  bytes.push_back(0);
  EXPECT_FALSE(decode_security_block(bytes));
}

TEST(SecurityBlockCodec, LimitsAndUnknownTypes) {
  SecurityBlock block = a_block();
  block.certificates.assign(security_block_certificates_max + 1, Bytes{1});
  EXPECT_EQ(decode_security_block(encode_security_block(block)).error().kind, ErrorKind::limit);
  EXPECT_EQ(decode_security_block(Bytes(security_block_bytes_max + 1)).error().kind,
            ErrorKind::limit);
  block = a_block();
  block.identity = static_cast<SecurityBlock::Identity>(3);
  EXPECT_EQ(decode_security_block(encode_security_block(block)).error().kind,
            ErrorKind::unsupported);
}

TEST(CheckSupported, NamesWhatThisBuildCannotDo) {
  OverlayConfiguration c;
  c.instance_name = "o";
  EXPECT_STREQ(check_supported(c).error().field, "root-cert");
  c.root_certs = {{1}};
  EXPECT_TRUE(check_supported(c));
  c.mandatory_extensions = {sip_tunnel_namespace};
  EXPECT_TRUE(check_supported(c));
  c.mandatory_extensions = {"urn:unheard-of"};
  EXPECT_STREQ(check_supported(c).error().field, "mandatory-extension");
  c.mandatory_extensions.clear();
  c.overlay_link_protocols = {"EXP-PROTOCOL"};
  EXPECT_STREQ(check_supported(c).error().field, "overlay-link-protocol");
  c.overlay_link_protocols = {"EXP-PROTOCOL", "TLS"};
  EXPECT_TRUE(check_supported(c));
}

TEST(TrustOf, CarriesWhatStoresNeed) {
  OverlayConfiguration c;
  c.instance_name = "o.example";
  c.root_certs = {{1}};
  c.self_signed = SelfSigned::sha256;
  c.bad_nodes = {NodeId{{1, 2}}};
  c.bad_certificates = {crypto::Sha256{3}};
  c.delegates = {{{4}, NodeId{{5, 6}}, "a.*@o"}};
  const crypto::Trust trust = trust_of(c);
  EXPECT_EQ(trust.overlay, "o.example");
  EXPECT_EQ(trust.roots, c.root_certs);
  EXPECT_EQ(trust.self_signed, crypto::SelfSignedDigest::sha256);
  EXPECT_EQ(trust.bad_nodes, c.bad_nodes);
  EXPECT_EQ(trust.bad_certificates, c.bad_certificates);
  ASSERT_EQ(trust.delegates.size(), 1u);
  EXPECT_EQ(trust.delegates[0].aor_pattern, "a.*@o");
}

}  // namespace
}  // namespace chordial::configuration
