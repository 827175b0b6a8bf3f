// DTLS when the network loses, and the stateless cookie. Time is virtual throughout.
#include "base/byte_writer.h"
#include "crypto/dtls_pair.h"

namespace chordial::crypto::openssl {
namespace {

class DtlsLoss : public ::testing::Test {
 protected:
  DtlsLoss()
      : alice(authority, authority.node(node_id(1))), bob(authority, authority.node(node_id(2))) {}

  OverlayAuthority authority;
  DtlsEnd alice;
  DtlsEnd bob;
  DtlsPair pair{alice, bob};
};

// Each datagram of the handshake lost in turn, once.
TEST_F(DtlsLoss, AnySingleLossIsRepairedWithinASecond) {
  pair.start();
  pair.carry();
  const std::size_t datagrams = pair.carried;
  ASSERT_GE(datagrams, 4U);
  for (std::size_t lost = 1; lost <= datagrams; ++lost) {
    DtlsEnd a(authority, authority.node(node_id(1)));
    DtlsEnd b(authority, authority.node(node_id(2)));
    DtlsPair lossy(a, b);
    lossy.keep = [&](bool, Bytes&) { return lossy.carried != lost; };
    lossy.start();
    lossy.run_until(1000);
    EXPECT_TRUE(a.peer_node && b.peer_node) << "datagram " << lost;
    EXPECT_EQ(a.association->next_timeout(), never) << "datagram " << lost;
    EXPECT_EQ(b.association->next_timeout(), never) << "datagram " << lost;
    ASSERT_TRUE(a.association->write(lossy.now(), as_bytes("a")));
    ASSERT_TRUE(b.association->write(lossy.now(), as_bytes("b")));
    lossy.carry();
    EXPECT_EQ(b.received, std::vector<std::string>{"a"});
    EXPECT_EQ(a.received, std::vector<std::string>{"b"});
  }
}

TEST_F(DtlsLoss, HeavyLossIsRepairedInTime) {
  int established = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    DtlsEnd a(authority, authority.node(node_id(1)));
    DtlsEnd b(authority, authority.node(node_id(2)));
    DtlsPair lossy(a, b);
    Rng rng(seed, 7);
    lossy.keep = [&](bool, Bytes&) { return rng.below(10) >= 3; };
    lossy.start();
    lossy.run_until(29'000);
    if (a.peer_node && b.peer_node) ++established;
  }
  EXPECT_GE(established, 19);
}

TEST_F(DtlsLoss, RetransmissionsDoubleAndEnd) {
  std::vector<std::int64_t> times;
  pair.keep = [&](bool, Bytes&) {
    times.push_back(pair.ms);
    return false;
  };
  pair.start();
  pair.run_until(60'000);
  EXPECT_EQ(times,
            (std::vector<std::int64_t>{0, 200, 600, 1400, 3000, 6200, 12'600, 19'000, 25'400}));
  ASSERT_TRUE(alice.closed && bob.closed);
  EXPECT_STREQ(alice.closed->field, "handshake");
  EXPECT_EQ(alice.closed->kind, ErrorKind::unavailable);
}

TEST_F(DtlsLoss, ReorderedFlightsStillAgree) {
  pair.start();
  for (int round = 0; round < 20 && !(alice.peer_node && bob.peer_node); ++round) {
    for (DtlsEnd* end : {&alice, &bob}) {
      DtlsEnd& other = end == &alice ? bob : alice;
      std::deque<Bytes> batch = std::move(end->sent);
      end->sent.clear();
      for (auto it = batch.rbegin(); it != batch.rend(); ++it) {
        other.association->handle_datagram(pair.now(), *it);
      }
    }
    pair.ms += 250;
    alice.association->handle_timeout(pair.now());
    bob.association->handle_timeout(pair.now());
  }
  EXPECT_TRUE(alice.peer_node && bob.peer_node);
}

class DtlsCookie : public DtlsLoss {
 protected:
  // The client's datagrams go to accept until it returns an association.
  void offer(ByteView source, const Bytes& datagram) {
    bob.association = bob.context->accept(pair.now(), source, datagram, bob);
  }
  void start_client() {
    alice.association = alice.context->create(SecurityRole::client, alice, std::nullopt);
    alice.association->start(pair.now());
  }
  Bytes take(DtlsEnd& end) {
    Bytes datagram = end.sent.front();
    end.sent.pop_front();
    return datagram;
  }

  const ByteView here = as_bytes("192.0.2.1:4000");
  const ByteView there = as_bytes("192.0.2.2:4000");
};

TEST_F(DtlsCookie, AClientHelloWithoutCookieLeavesNoState) {
  start_client();
  const Bytes first = take(alice);
  EXPECT_TRUE(is_client_hello(first));
  offer(here, first);
  EXPECT_EQ(bob.association, nullptr);
  ASSERT_EQ(bob.sent.size(), 1U);
  EXPECT_LT(bob.sent.front().size(), first.size());  // no amplifier

  alice.association->handle_datagram(pair.now(), take(bob));
  const Bytes second = take(alice);
  offer(here, second);
  ASSERT_NE(bob.association, nullptr);
  pair.carry();
  EXPECT_EQ(alice.peer_node, node_id(2));
  EXPECT_EQ(bob.peer_node, node_id(1));
}

TEST_F(DtlsCookie, ACookieIsGoodForOneAddressAndAWhile) {
  start_client();
  offer(here, take(alice));
  alice.association->handle_datagram(pair.now(), take(bob));
  const Bytes with_cookie = take(alice);

  offer(there, with_cookie);
  EXPECT_EQ(bob.association, nullptr);
  EXPECT_EQ(bob.sent.size(), 1U);
  pair.ms = 61'000;
  offer(here, with_cookie);
  EXPECT_EQ(bob.association, nullptr);
  pair.ms = 20'000;
  offer(here, with_cookie);
  EXPECT_NE(bob.association, nullptr);
}

TEST_F(DtlsCookie, NothingElseIsAnswered) {
  start_client();
  const Bytes hello = take(alice);
  for (std::size_t size = 0; size < hello.size(); ++size) {
    offer(here, Bytes(hello.begin(), hello.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_EQ(bob.association, nullptr);
  }
  EXPECT_TRUE(bob.sent.empty());
  for (std::size_t i = 0; i < hello.size(); ++i) {
    Bytes altered = hello;
    altered[i] ^= 0x81;
    offer(here, altered);
    EXPECT_EQ(bob.association, nullptr);
  }
}

// The least that is taken for a ClientHello is still no shorter than what answers it.
TEST_F(DtlsCookie, NoAnswerIsLargerThanItsQuestion) {
  ByteWriter hello;
  hello.u8(22);  // handshake
  hello.u16(0xfefd);
  hello.raw(Bytes(8));  // epoch and sequence number
  const std::size_t record = hello.open(2);
  hello.u8(1);  // ClientHello
  constexpr std::uint8_t body_bytes = 2 + 32 + 1 + 1;
  hello.u16(0);
  hello.u8(body_bytes);  // length
  hello.u16(0);          // message_seq
  hello.raw(Bytes(5));   // fragment_offset, and two thirds of fragment_length
  hello.u8(body_bytes);
  hello.u16(0xfefd);
  hello.raw(Bytes(32, 0x11));  // random
  hello.u16(0);                // no session, no cookie
  hello.close(record, 2);
  const Bytes least = hello.take();
  offer(here, least);
  ASSERT_EQ(bob.sent.size(), 1U);
  EXPECT_LE(bob.sent.front().size(), least.size());
  EXPECT_EQ(bob.association, nullptr);
  // One byte less, and there is no answer at all.
  bob.sent.clear();
  offer(here, Bytes(least.begin(), least.end() - 1));
  EXPECT_TRUE(bob.sent.empty());
}

TEST_F(DtlsCookie, TheServersAnswerLostIsRepaired) {
  start_client();
  offer(here, take(alice));
  alice.association->handle_datagram(pair.now(), take(bob));
  offer(here, take(alice));
  ASSERT_NE(bob.association, nullptr);
  bob.sent.clear();
  pair.run_until(1000);
  EXPECT_TRUE(alice.peer_node && bob.peer_node);
}

}  // namespace
}  // namespace chordial::crypto::openssl
