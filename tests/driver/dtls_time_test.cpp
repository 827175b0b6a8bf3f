// DTLS on the system's clock: when `Now` and the library agree, a lost flight is retransmitted with
// fresh record numbers (RFC 6347 §4.2.4), where virtual time would repeat the same bytes.
#include "crypto/dtls_pair.h"
#include "driver/clock.h"
#include "driver/reactor.h"
#include "echo_node.h"

namespace chordial::driver {
namespace {

namespace openssl = crypto::openssl;

// Both ends in one node; the reactor's timer is what drives them.
class Handshake final : public EchoNode {
 public:
  Handshake(openssl::DtlsEnd& client, openssl::DtlsEnd& server) : pair_(client, server) {}

  void begin(Now now) {
    pair_.client.association =
        pair_.client.context->create(crypto::SecurityRole::client, pair_.client, std::nullopt);
    pair_.server.association =
        pair_.server.context->create(crypto::SecurityRole::server, pair_.server, std::nullopt);
    pair_.server.association->start(now);
    pair_.client.association->start(now);
    carry(now);
  }
  void handle_timeout(Now now) override {
    for (openssl::DtlsEnd* end : {&pair_.client, &pair_.server}) {
      if (end->association->next_timeout() <= now.monotonic) end->association->handle_timeout(now);
    }
    carry(now);
  }
  MonotonicTime poll_timeout() const override {
    return std::min(pair_.client.association->next_timeout(),
                    pair_.server.association->next_timeout());
  }

  std::vector<Bytes> from_client;

 private:
  void carry(Now now) {
    while (!pair_.client.sent.empty() || !pair_.server.sent.empty()) {
      move(now, pair_.client, pair_.server, true);
      move(now, pair_.server, pair_.client, false);
    }
    done = (pair_.client.peer_node && pair_.server.peer_node) || pair_.client.closed;
  }
  void move(Now now, openssl::DtlsEnd& from, openssl::DtlsEnd& to, bool is_client) {
    while (!from.sent.empty()) {
      const Bytes datagram = std::move(from.sent.front());
      from.sent.pop_front();
      if (is_client) from_client.push_back(datagram);
      // The server's last flight begins with ChangeCipherSpec; lost the first time.
      const bool is_last_flight = !is_client && datagram[0] == 20;
      if (is_last_flight && !lost_) {
        lost_ = true;
      } else {
        to.association->handle_datagram(now, datagram);
      }
    }
  }

  openssl::DtlsPair pair_;
  bool lost_ = false;
};

TEST(DtlsTime, ALostLastFlightIsRepairedWithFreshRecords) {
  const Now now = system_now();
  const openssl::Validity today{now.wall - std::chrono::hours(1), now.wall + std::chrono::hours(1)};
  const openssl::DtlsOptions options{openssl::CipherPolicy::confidential, 1200, false};
  const NodeId one = openssl::node_id(1);
  const NodeId two = openssl::node_id(2);
  // The root of these tests is valid at another time than this.
  const openssl::OverlayAuthority present("example.org", today);
  openssl::DtlsEnd client(present, present.node(one, today), options);
  openssl::DtlsEnd server(present, present.node(two, today), options);
  Handshake handshake(client, server);
  handshake.begin(system_now());
  Reactor reactor(handshake, nullptr);
  reactor.run();
  ASSERT_EQ(client.peer_node, two);
  ASSERT_EQ(server.peer_node, one);
  // ClientHello, the client's flight, and that flight again: no datagram twice the same.
  ASSERT_GE(handshake.from_client.size(), 3U);
  for (std::size_t i = 0; i < handshake.from_client.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_NE(handshake.from_client[i], handshake.from_client[k]);
  }
}

}  // namespace
}  // namespace chordial::driver
