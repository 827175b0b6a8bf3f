// Datagrams and streams through real sockets on the loopback.
#include "echo_node.h"
#include "loopback.h"

namespace chordial::driver {
namespace {

class Sockets : public ::testing::Test {
 protected:
  EchoNode node;
  Reactor reactor{node, nullptr};
};

TEST_F(Sockets, AnswersLeaveFromTheAddressThatWasAsked) {
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::sip, {IpAddress(), 0});
  ASSERT_NE(bound.port, 0);
  const SocketAddress asked = loopback(bound.port, 0x7f000002);
  {
    const Running running(reactor);
    Client client(SOCK_DGRAM);
    ASSERT_TRUE(client.connect(asked));  // a connected socket hears this address only
    ASSERT_TRUE(client.send("hello"));
    EXPECT_EQ(client.receive(), "hello");
  }
  ASSERT_EQ(node.heard.size(), 1U);
  EXPECT_EQ(node.heard[0].local, asked);
  EXPECT_EQ(node.heard[0].remote.ip, asked.ip.is_v4() ? IpAddress::v4(0x7f000001) : asked.ip);
  EXPECT_EQ(node.heard[0].socket, ports::SocketRole::sip);
}

TEST_F(Sockets, Ipv6KeepsTheAddressToo) {
  const auto bound = reactor.listen_udp(ports::SocketRole::link, {*IpAddress::parse("::"), 0});
  ASSERT_TRUE(bound) << "this test needs a host with IPv6";
  const SocketAddress asked{*IpAddress::parse("::1"), bound->port};
  const Running running(reactor);
  Client client(SOCK_DGRAM, AF_INET6);
  ASSERT_TRUE(client.connect(asked)) << "this test needs ::1 on the loopback interface";
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.receive(), "hello");
}

TEST_F(Sockets, MoreThanABatchIsAnsweredInOrder) {
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::link, loopback());
  Client client(SOCK_DGRAM);
  ASSERT_TRUE(client.connect(bound));
  constexpr int count = 150;  // waiting before the reactor runs: three batches
  for (int i = 0; i < count; ++i)
    ASSERT_TRUE(client.send("number " + std::to_string(i)));
  const Running running(reactor);
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(client.receive(), "number " + std::to_string(i));
}

TEST_F(Sockets, LargeAndEmptyDatagrams) {
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::sip, loopback());
  const Running running(reactor);
  Client client(SOCK_DGRAM);
  ASSERT_TRUE(client.connect(bound));
  const std::string large(60'000, 'x');
  ASSERT_TRUE(client.send(large));
  EXPECT_EQ(client.receive(), large);
  ASSERT_TRUE(client.send(""));
  ASSERT_TRUE(client.send("after"));
  EXPECT_EQ(client.receive(), "closed");  // recv says 0 for a datagram without bytes
  EXPECT_EQ(client.receive(), "after");
}

TEST_F(Sockets, AnAddressIsTakenOnceOnly) {
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::link, loopback());
  EXPECT_EQ(reactor.listen_udp(ports::SocketRole::sip, bound).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(reactor.listen_udp(ports::SocketRole::sip, {IpAddress::v4(0xc0000201), 0}).error().kind,
            ErrorKind::invalid);
  const SocketAddress tcp = *reactor.listen_tcp(loopback());
  EXPECT_EQ(reactor.listen_tcp(tcp).error().kind, ErrorKind::unavailable);
}

TEST_F(Sockets, WorkOfAnotherThreadIsDoneOnTheReactorsAndDrained) {
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::sip, loopback());
  Client client(SOCK_DGRAM);
  ASSERT_TRUE(client.connect(bound));
  std::thread::id done_on;
  std::thread::id reactors;
  {
    const Running running(reactor);
    reactor.post([&](Now) { reactors = std::this_thread::get_id(); });
    reactor.post([&](Now) {
      done_on = std::this_thread::get_id();
      node.answers.push_back(to_bytes(as_bytes("posted")));
      node.heard.push_back({ports::SocketRole::sip, bound, client.local(), {}});
    });
    EXPECT_EQ(client.receive(), "posted");
  }
  EXPECT_EQ(done_on, reactors);
  EXPECT_NE(done_on, std::this_thread::get_id());
}

TEST_F(Sockets, RunEndsWhenTheNodeHasFinished) {
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::link, loopback());
  Running running(reactor);
  Client client(SOCK_DGRAM);
  ASSERT_TRUE(client.connect(bound));
  ASSERT_TRUE(client.send("finish"));
  EXPECT_EQ(client.receive(), "finish");  // what was to be sent still leaves
  running.join();
}

TEST_F(Sockets, ADeadlineFiresAndNotEarly) {
  const MonotonicTime due = std::chrono::time_point_cast<Duration>(
      std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  node.timeout = due;
  node.finish_on_timeout = true;
  reactor.run();
  EXPECT_GE(node.fired_at, due);
}

TEST_F(Sockets, StreamsAreAcceptedEchoedAndClosed) {
  const SocketAddress bound = *reactor.listen_tcp(loopback());
  {
    const Running running(reactor);
    Client client(SOCK_STREAM);
    ASSERT_TRUE(client.connect(bound));
    ASSERT_TRUE(client.send("hello\n"));
    EXPECT_EQ(client.receive_lines(), "HELLO\n");
    ASSERT_TRUE(client.send("bye\n"));
    EXPECT_EQ(client.receive_lines(), "BYE\n");  // sent before the close
    EXPECT_EQ(client.receive(), "closed");
  }
  ASSERT_FALSE(node.events.empty());
  EXPECT_EQ(node.events[0], "accepted");
  EXPECT_NE(static_cast<std::uint64_t>(node.stream) & ports::accepted_stream_bit, 0U);
}

TEST_F(Sockets, TheOtherSideClosingIsAnEvent) {
  const SocketAddress bound = *reactor.listen_tcp(loopback());
  node.finish_when_closed = true;
  Running running(reactor);
  {
    Client client(SOCK_STREAM);
    ASSERT_TRUE(client.connect(bound));
  }
  running.join();
  EXPECT_EQ(node.events, (std::vector<std::string>{"accepted", "closed"}));
  EXPECT_EQ(node.closed_why->kind, ErrorKind::unavailable);
}

TEST_F(Sockets, ConnectsAndSendsWhatWasQueuedBefore) {
  Client listener(SOCK_STREAM);
  const KernelAddress any = to_kernel(loopback());
  ASSERT_EQ(::bind(listener.descriptor(), any.get(), any.size), 0);
  ASSERT_EQ(::listen(listener.descriptor(), 1), 0);
  node.streams.emplace_back(ports::StreamConnect{ports::StreamId{1}, listener.local()});
  node.streams.emplace_back(ports::StreamSend{ports::StreamId{1}, to_bytes(as_bytes("early"))});
  node.streams.emplace_back(ports::StreamSend{ports::StreamId{77}, to_bytes(as_bytes("nobody"))});
  {
    const Running running(reactor);
    const int accepted = ::accept(listener.descriptor(), nullptr, nullptr);
    ASSERT_GE(accepted, 0);
    char buffer[5];
    EXPECT_EQ(::recv(accepted, buffer, sizeof buffer, MSG_WAITALL), 5);
    EXPECT_EQ(std::string_view(buffer, 5), "early");
    ::close(accepted);
  }
  EXPECT_EQ(node.events[0], "connected");
}

TEST_F(Sockets, ARefusedConnectionIsAnEvent) {
  SocketAddress nobody;
  {
    Client briefly(SOCK_STREAM);
    const KernelAddress any = to_kernel(loopback());
    ASSERT_EQ(::bind(briefly.descriptor(), any.get(), any.size), 0);
    nobody = briefly.local();
  }
  node.streams.emplace_back(ports::StreamConnect{ports::StreamId{1}, nobody});
  node.finish_when_closed = true;
  reactor.run();
  EXPECT_EQ(node.events, std::vector<std::string>{"closed"});
  EXPECT_EQ(node.closed_why->kind, ErrorKind::unavailable);
}

// A group as local address says how the node was asked; the answer leaves from an address of ours.
TEST_F(Sockets, AnswersToAGroupLeaveAllTheSame) {
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::sip, {IpAddress(), 0});
  Client client(SOCK_DGRAM);
  const KernelAddress any = to_kernel(loopback());
  ASSERT_EQ(::bind(client.descriptor(), any.get(), any.size), 0);
  const SocketAddress group{*IpAddress::parse("224.0.1.75"), bound.port};
  node.heard.push_back({ports::SocketRole::sip, group, client.local(), {}});
  node.answers.push_back(to_bytes(as_bytes("answer")));
  reactor.drain();
  EXPECT_EQ(client.receive(), "answer");
}

// Every datagram makes another one, so that the socket is never empty.
class Flooded final : public EchoNode {
 public:
  void handle_datagram(Now, const ports::Datagram& datagram) override {
    ++count;
    sender.send(as_text(datagram.bytes));
    // Without a fair reactor this is where it ends.
    if (count > 100'000) done = true;
  }

  Client sender{SOCK_DGRAM};
  int count = 0;
};

TEST(Fairness, AFloodDoesNotKeepTheReactorFromItsTimer) {
  Flooded node;
  Reactor reactor(node, nullptr);
  const SocketAddress bound = *reactor.listen_udp(ports::SocketRole::link, loopback());
  ASSERT_TRUE(node.sender.connect(bound));
  for (int i = 0; i < 80; ++i)
    ASSERT_TRUE(node.sender.send("flood"));
  node.timeout = MonotonicTime{} + std::chrono::microseconds(1);  // due already
  node.finish_on_timeout = true;
  reactor.run();
  EXPECT_NE(node.fired_at, MonotonicTime{});
  EXPECT_LT(node.count, 10'000);
}

TEST_F(Sockets, AStreamThatTheNodeClosedIsHeardNoMore) {
  const SocketAddress tcp = *reactor.listen_tcp(loopback());
  const SocketAddress udp = *reactor.listen_udp(ports::SocketRole::sip, loopback());
  Client client(SOCK_STREAM);
  ASSERT_TRUE(client.connect(tcp));
  const ports::StreamId id{ports::accepted_stream_bit | 1};
  Running running(reactor);
  // The answer is more than the client takes in, so the close has to wait for it.
  const std::string much(900'000, 'x');
  ASSERT_TRUE(client.send(much + "bye"));
  ASSERT_EQ(client.receive_until("BYE").size(), much.size() + 3);
  client.send("late");
  Client barrier(SOCK_DGRAM);
  ASSERT_TRUE(barrier.connect(udp));
  ASSERT_TRUE(barrier.send("finish"));
  running.join();
  EXPECT_EQ(node.stream, id);
  EXPECT_EQ(node.heard_after_close, 0);
}

TEST(SocketLimits, AReaderThatDoesNotReadIsDropped) {
  EchoNode node;
  ReactorLimits limits;
  limits.stream_queue_bytes_max = 10'000;
  Reactor reactor(node, nullptr, limits);
  const SocketAddress bound = *reactor.listen_tcp(loopback());
  node.finish_when_closed = true;
  Client client(SOCK_STREAM);
  ASSERT_TRUE(client.connect(bound));
  const ports::StreamId first{ports::accepted_stream_bit | 1};
  Running running(reactor);
  ASSERT_TRUE(client.send("x"));
  ASSERT_EQ(client.receive(), "X");
  // From here on the client reads nothing; the node answers until the kernel's buffers are full.
  const std::string much(1 << 20, 'y');
  while (client.send(much)) {}
  running.join();
  EXPECT_EQ(node.stream, first);
  EXPECT_EQ(node.closed_why->kind, ErrorKind::limit);
}

}  // namespace
}  // namespace chordial::driver
