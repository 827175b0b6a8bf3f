// DTLS links in memory: RFC 6347, and the Errors that dtls_context.h names.
#include "crypto/dtls_pair.h"

namespace chordial::crypto::openssl {
namespace {

class Dtls : public ::testing::Test {
 protected:
  Dtls()
      : alice(authority, authority.node(node_id(1))), bob(authority, authority.node(node_id(2))) {}

  OverlayAuthority authority;
  DtlsEnd alice;
  DtlsEnd bob;
  DtlsPair pair{alice, bob};
};

TEST_F(Dtls, BothSidesProveThemselvesAndExchangeRecords) {
  pair.start(node_id(2));
  pair.carry();
  ASSERT_EQ(alice.peer_node, node_id(2));
  ASSERT_EQ(bob.peer_node, node_id(1));
  EXPECT_STREQ(alice.association->cipher(), "ECDHE-ECDSA-AES128-GCM-SHA256");
  EXPECT_EQ(alice.association->next_timeout(), never);
  EXPECT_EQ(bob.association->next_timeout(), never);
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(alice.association->write(pair.now(), as_bytes(text)));
    ASSERT_TRUE(bob.association->write(pair.now(), as_bytes(text)));
  }
  pair.carry();
  EXPECT_EQ(bob.received, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(alice.received, bob.received);
}

TEST_F(Dtls, EveryDatagramFitsTheLimit) {
  std::size_t longest = 0;
  pair.keep = [&](bool, Bytes& datagram) {
    longest = std::max(longest, datagram.size());
    return true;
  };
  pair.start();
  pair.carry();
  const std::size_t most = alice.association->plaintext_bytes_max();
  EXPECT_GT(most, 1100U);
  ASSERT_TRUE(alice.association->write(pair.now(), Bytes(most)));
  pair.carry();
  ASSERT_EQ(bob.received.size(), 1U);
  EXPECT_EQ(bob.received[0].size(), most);
  EXPECT_LE(longest, 1200U);
  EXPECT_EQ(alice.association->write(pair.now(), Bytes(most + 1)).error().kind, ErrorKind::limit);
}

TEST_F(Dtls, WritingBeforeAndAfterIsRefused) {
  pair.start();
  EXPECT_EQ(alice.association->write(pair.now(), as_bytes("x")).error().kind,
            ErrorKind::unavailable);
  pair.carry();
  alice.association->close(pair.now());
  EXPECT_EQ(alice.association->write(pair.now(), as_bytes("x")).error().kind,
            ErrorKind::unavailable);
  pair.carry();
  ASSERT_TRUE(bob.closed);
  EXPECT_STREQ(bob.closed->field, "close_notify");
  EXPECT_FALSE(alice.closed);
}

TEST_F(Dtls, IntegrityOnlyLeavesTheTextReadable) {
  const DtlsOptions options{CipherPolicy::integrity_only, 1200, true};
  DtlsEnd carol(authority, authority.node(node_id(3)), options);
  DtlsEnd dave(authority, authority.node(node_id(4)), options);
  DtlsPair readable(carol, dave);
  readable.start();
  readable.carry();
  ASSERT_EQ(dave.peer_node, node_id(3));
  EXPECT_STREQ(carol.association->cipher(), "ECDHE-ECDSA-NULL-SHA");
  bool seen = false;
  readable.keep = [&](bool, Bytes& datagram) {
    seen = seen || as_text(datagram).find("CQ CQ CQ") != std::string_view::npos;
    return true;
  };
  ASSERT_TRUE(carol.association->write(readable.now(), as_bytes("CQ CQ CQ")));
  readable.carry();
  EXPECT_TRUE(seen);
  readable.keep = [](bool, Bytes& datagram) {
    datagram[14] ^= 1;
    return true;
  };
  ASSERT_TRUE(carol.association->write(readable.now(), as_bytes("altered")));
  readable.carry();
  EXPECT_EQ(dave.received, std::vector<std::string>{"CQ CQ CQ"});
}

TEST_F(Dtls, PoliciesDoNotMix) {
  DtlsEnd radio(authority, authority.node(node_id(3)), {CipherPolicy::integrity_only, 1200, true});
  DtlsPair mixed(alice, radio);
  mixed.start();
  mixed.carry();
  ASSERT_TRUE(alice.closed && radio.closed);
  EXPECT_EQ(alice.closed->kind, ErrorKind::unsupported);
  EXPECT_EQ(radio.closed->kind, ErrorKind::unsupported);
}

TEST_F(Dtls, AlteredOrRepeatedRecordsAreDropped) {
  pair.start();
  pair.carry();
  ASSERT_TRUE(alice.association->write(pair.now(), as_bytes("genuine")));
  const Bytes genuine = alice.sent.front();
  alice.sent.clear();
  for (std::size_t i = 0; i < genuine.size(); ++i) {
    Bytes altered = genuine;
    altered[i] ^= 0x40;
    bob.association->handle_datagram(pair.now(), altered);
  }
  EXPECT_TRUE(bob.received.empty());
  EXPECT_FALSE(bob.closed);
  bob.association->handle_datagram(pair.now(), genuine);
  bob.association->handle_datagram(pair.now(), genuine);
  EXPECT_EQ(bob.received, std::vector<std::string>{"genuine"});
}

TEST_F(Dtls, KeyLogHasALineForEverySecret) {
  std::vector<std::string> lines;
  alice.context->set_keylog([&](std::string_view line) { lines.emplace_back(line); });
  pair.start();
  pair.carry();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("CLIENT_RANDOM ")) << lines[0];
  EXPECT_EQ(lines[0].size(), 14U + 64 + 1 + 96);
}

TEST_F(Dtls, ANodeOfAnotherOverlayIsNamedAsSuch) {
  const OverlayAuthority elsewhere("example.net");
  DtlsEnd stranger(elsewhere, elsewhere.node(node_id(9)));
  DtlsPair foreign(alice, stranger);
  foreign.start();
  foreign.carry();
  ASSERT_TRUE(alice.closed && stranger.closed);
  EXPECT_EQ(alice.closed->kind, ErrorKind::unauthentic);
  EXPECT_STREQ(alice.closed->field, "reload_uri");
  EXPECT_STREQ(stranger.closed->field, "alert");
  EXPECT_FALSE(alice.peer_node || stranger.peer_node);
}

TEST_F(Dtls, AForeignRootIsRefusedWhateverItSays) {
  const OverlayAuthority impostor("example.org");
  DtlsEnd stranger(impostor, impostor.node(node_id(9)));
  DtlsPair foreign(stranger, bob);
  foreign.start();
  foreign.carry();
  ASSERT_TRUE(stranger.closed);
  EXPECT_EQ(stranger.closed->kind, ErrorKind::unauthentic);
  EXPECT_STREQ(stranger.closed->field, "certificate");
  EXPECT_FALSE(bob.peer_node);
}

TEST_F(Dtls, AnotherNodeThanExpectedIsRefused) {
  pair.start(node_id(77));
  pair.carry();
  ASSERT_TRUE(alice.closed);
  EXPECT_EQ(alice.closed->kind, ErrorKind::unauthentic);
  EXPECT_STREQ(alice.closed->field, "node_id");
}

TEST_F(Dtls, AnExpiredCertificateIsRefused) {
  DtlsEnd late(authority, authority.node(node_id(5), {wall(test_start_s - 2 * day_s),
                                                      wall(test_start_s - day_s)}));
  DtlsPair expired(alice, late);
  expired.start();
  expired.carry();
  ASSERT_TRUE(alice.closed && late.closed);
  EXPECT_EQ(alice.closed->kind, ErrorKind::expired);
  EXPECT_STREQ(alice.closed->field, "not_after");
  EXPECT_EQ(late.closed->kind, ErrorKind::expired);
}

TEST_F(Dtls, ARevokedNodeIsRefused) {
  Trust trust = authority.trust();
  trust.bad_nodes = {node_id(1)};
  ASSERT_TRUE(bob.store->configure(trust));
  pair.start();
  pair.carry();
  ASSERT_TRUE(alice.closed && bob.closed);
  EXPECT_EQ(bob.closed->kind, ErrorKind::forbidden);
  EXPECT_STREQ(bob.closed->field, "bad-node");
  EXPECT_EQ(alice.closed->kind, ErrorKind::forbidden);
}

}  // namespace
}  // namespace chordial::crypto::openssl
