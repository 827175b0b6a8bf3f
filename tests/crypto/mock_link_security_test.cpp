// The simulator's associations: both ends prove themselves, lost datagrams cost time alone, and no
// altered byte gets through.
#include "crypto/mock/mock_link_security.h"

#include <deque>
#include <functional>
#include <gtest/gtest.h>

#include "crypto/mock/mock_store.h"

namespace chordial::crypto::mock {
namespace {

Now at_ms(std::int64_t ms) {
  return {MonotonicTime(std::chrono::milliseconds(ms)),
          WallTime(std::chrono::seconds(150) + std::chrono::milliseconds(ms))};
}

struct End final : LinkSecurityHandler {
  End(const MockAuthority& authority, Rng& rng, std::uint64_t number)
      : node{{1, number}},
        store(authority),
        signer(authority,
               **store.intern(*authority.issue({{node},
                                                "node@example.org",
                                                WallTime(std::chrono::seconds(100)),
                                                WallTime(std::chrono::seconds(200))},
                                               number)),
               cost),
        verifier(authority, cost),
        context(authority, signer, verifier, store, rng) {}

  void on_security_transmit(ByteView datagram) override { sent.push_back(to_bytes(datagram)); }
  void on_security_plaintext(Now, ByteView record) override {
    received.emplace_back(as_text(record));
  }
  void on_security_established(Now, const Certificate& peer) override {
    peer_node = peer.node_ids.front();
  }
  void on_security_closed(Now, const Error& why) override { closed = why; }

  NodeId node;
  SignatureCost cost;
  MockStore store;
  MockSigner signer;
  MockVerifier verifier;
  MockLinkSecurityContext context;
  std::unique_ptr<LinkSecurity> association;
  std::deque<Bytes> sent;
  std::vector<std::string> received;
  std::optional<NodeId> peer_node;
  std::optional<Error> closed;
};

class MockLinks : public ::testing::Test {
 protected:
  using Network = std::function<bool(Bytes&)>;  // false: lost

  void connect(std::optional<NodeId> expected, const Network& network, std::int64_t ms_max = 0) {
    client.association = client.context.create(SecurityRole::client, client, expected);
    client.association->start(at_ms(0));
    for (std::int64_t ms = 0; ms <= ms_max; ++ms) {
      carry(at_ms(ms), network);
      client.association->handle_timeout(at_ms(ms));
      if (server.association) server.association->handle_timeout(at_ms(ms));
    }
    carry(at_ms(ms_max), network);
  }
  void carry(Now now, const Network& network) {
    while (!client.sent.empty() || !server.sent.empty()) {
      deliver(now, client, server, network);
      deliver(now, server, client, network);
    }
  }
  static void deliver(Now now, End& from, End& to, const Network& network) {
    if (from.sent.empty()) return;
    Bytes datagram = std::move(from.sent.front());
    from.sent.pop_front();
    if (!network(datagram)) return;
    if (to.association) {
      to.association->handle_datagram(now, datagram);
    } else {
      to.association = to.context.accept(now, {}, datagram, to);
    }
  }
  static bool pass(Bytes&) { return true; }

  Rng rng{1, 2};
  MockAuthority authority{"example.org", rng};
  End client{authority, rng, 1};
  End server{authority, rng, 2};
};

TEST_F(MockLinks, BothEndsKnowEachOtherAndRecordsPass) {
  connect(server.node, pass);
  EXPECT_EQ(client.peer_node, server.node);
  EXPECT_EQ(server.peer_node, client.node);
  ASSERT_TRUE(client.association->write(at_ms(1), as_bytes("INVITE")));
  ASSERT_TRUE(server.association->write(at_ms(1), as_bytes("200")));
  EXPECT_EQ(client.sent.front().size(), 6U + 37U);  // what AES-GCM would add
  carry(at_ms(1), pass);
  EXPECT_EQ(server.received, std::vector<std::string>{"INVITE"});
  EXPECT_EQ(client.received, std::vector<std::string>{"200"});
  const Bytes long_one(client.association->plaintext_bytes_max(), 1);
  EXPECT_TRUE(client.association->write(at_ms(1), long_one));
  EXPECT_LE(client.sent.front().size(), 1200U);
  const Bytes longer(long_one.size() + 1, 1);
  EXPECT_EQ(client.association->write(at_ms(1), longer).error().kind, ErrorKind::limit);
  client.association->close(at_ms(2));
  carry(at_ms(2), pass);
  EXPECT_TRUE(server.closed);
  EXPECT_FALSE(client.closed);
}

TEST_F(MockLinks, AnotherNodeThanExpectedIsRefused) {
  connect(NodeId{{1, 3}}, pass);
  ASSERT_TRUE(client.closed);
  EXPECT_EQ(client.closed->kind, ErrorKind::unauthentic);
  EXPECT_FALSE(client.peer_node || server.peer_node);
}

TEST_F(MockLinks, ARevokedCertificateIsRefused) {
  Trust trust;
  trust.bad_nodes = {server.node};
  client.store.configure(trust);
  connect(server.node, pass);
  ASSERT_TRUE(client.closed);
  EXPECT_EQ(client.closed->kind, ErrorKind::forbidden);
}

TEST_F(MockLinks, EachDatagramOfTheHandshakeMayGetLost) {
  for (unsigned lost = 0; lost < 3; ++lost) {
    client.association.reset();
    server.association.reset();
    client.peer_node = server.peer_node = std::nullopt;
    unsigned number = 0;
    connect(
        server.node, [&](Bytes&) { return number++ != lost; }, 2'000);
    EXPECT_EQ(client.peer_node, server.node) << lost;
    EXPECT_EQ(server.peer_node, client.node) << lost;
  }
}

TEST_F(MockLinks, NoAlteredByteGetsThrough) {
  connect(server.node, pass);
  ASSERT_TRUE(client.association->write(at_ms(1), as_bytes("hello")));
  const Bytes record = client.sent.front();
  client.sent.clear();
  for (std::size_t i = 0; i < record.size(); ++i) {
    Bytes altered = record;
    altered[i] ^= 1;
    server.association->handle_datagram(at_ms(1), altered);
  }
  for (std::size_t size = 0; size < record.size(); ++size)
    server.association->handle_datagram(at_ms(1), ByteView(record).first(size));
  EXPECT_TRUE(server.received.empty());
  EXPECT_FALSE(server.closed);
  server.association->handle_datagram(at_ms(1), record);
  EXPECT_EQ(server.received.size(), 1U);
}

TEST_F(MockLinks, AnAlteredProofEstablishesNothing) {
  connect(server.node, [&](Bytes& datagram) {
    if (datagram.size() > 200) datagram[datagram.size() - 1] ^= 1;
    return true;
  });
  EXPECT_FALSE(client.peer_node || server.peer_node);
  EXPECT_TRUE(client.closed);
}

}  // namespace
}  // namespace chordial::crypto::mock
