// The table of connections: reuse, limits and who goes first, and closing from inside a callback.
#include "sip/flow/connection_table.h"

#include <functional>

namespace chordial::sip {
namespace {

using ports::StreamId;

constexpr Now now{};
const std::string text_message = "MESSAGE sip:a@b SIP/2.0\r\nl: 0\r\n\r\n";

SocketAddress address(std::uint16_t port) {
  return {*IpAddress::parse("192.0.2.1"), port};
}

struct RecordingOutbox final : ports::Outbox {
  std::vector<std::string> log;
  void transmit(const ports::Datagram&) override {}
  void stream_connect(StreamId id, const SocketAddress& remote) override {
    log.push_back("connect " + number(id) + " " + remote.text());
  }
  void stream_send(StreamId id, Bytes bytes) override {
    log.push_back("send " + number(id) + " " + std::to_string(bytes.size()));
  }
  void stream_close(StreamId id) override { log.push_back("close " + number(id)); }
  void persist(ports::PersistRequest) override {}
  ports::RequestId next_request_id() override { return ports::RequestId{1}; }
  static std::string number(StreamId id) { return std::to_string(static_cast<std::uint64_t>(id)); }
};

struct User final : ConnectionUser {
  std::vector<std::string> messages;
  std::vector<StreamId> lost;
  int pongs = 0;
  std::uint64_t next = 1;
  std::function<void(const Flow&)> on_message;
  void on_stream_message(Now, const Flow& flow, ByteView bytes) override {
    if (on_message) on_message(flow);
    messages.emplace_back(as_text(bytes));  // after the callback: the bytes must still be there
  }
  void on_stream_lost(Now, const Flow& flow, const Error&) override { lost.push_back(flow.stream); }
  void on_stream_pong(Now, const Flow&) override { ++pongs; }
  StreamId next_stream_id() override { return StreamId{next++}; }
};

struct ConnectionTableTest : testing::Test {
  RecordingOutbox outbox;
  User user;
  Rng rng{1, 2};
  ConnectionTable table{outbox, user, rng, {3, 200, 100}};

  void accept(std::uint64_t id) {
    table.handle_accepted(now,
                          {StreamId{id}, address(5060), address(static_cast<std::uint16_t>(id))});
  }
  void receive(std::uint64_t id, const std::string& text) {
    table.handle_received(now, {StreamId{id}, as_bytes(text)});
  }
};

TEST_F(ConnectionTableTest, OpensOnceAndReuses) {
  const auto flow = table.open(now, TransportKind::tcp, address(5070));
  ASSERT_TRUE(flow.has_value());
  EXPECT_TRUE(table.send(now, *flow, as_bytes(text_message)).has_value());
  EXPECT_EQ(table.open(now, TransportKind::tcp, address(5070))->stream, flow->stream);
  EXPECT_EQ(outbox.log, (std::vector<std::string>{"connect 1 192.0.2.1:5070", "send 1 33"}));
  EXPECT_FALSE(table.open(now, TransportKind::tls, address(1)).has_value());
  EXPECT_FALSE(table.open(now, TransportKind::udp, address(1)).has_value());
  accept(4000);
  EXPECT_EQ(table.open(now, TransportKind::tcp, address(4000))->stream, StreamId{4000});
}

TEST_F(ConnectionTableTest, ANumberThatIsSomebodyElsesNowReachesNobody) {
  accept(7);
  const Flow old = Flow::over_stream(TransportKind::tcp, StreamId{7}, address(5060), address(9));
  EXPECT_EQ(table.send(now, old, as_bytes(text_message)).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(outbox.log.empty());
}

TEST_F(ConnectionTableTest, RefusesTooMuchBeforeItIsUp) {
  const auto flow = table.open(now, TransportKind::tcp, address(5070));
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(table.send(now, *flow, as_bytes(text_message)).has_value());
  EXPECT_EQ(table.send(now, *flow, as_bytes(text_message)).error().kind, ErrorKind::unavailable);
  table.handle_connected(now, {flow->stream, address(1)});
  EXPECT_TRUE(table.send(now, *flow, as_bytes(text_message)).has_value());
}

TEST_F(ConnectionTableTest, TheLongestSilentGoesFirst) {
  accept(10);
  accept(11);
  accept(12);
  receive(10, text_message);  // 11 is now the one silent for longest
  accept(13);
  EXPECT_EQ(user.lost, std::vector<StreamId>{StreamId{11}});
  EXPECT_EQ(outbox.log, std::vector<std::string>{"close 11"});
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(user.messages, std::vector<std::string>{text_message});
}

TEST_F(ConnectionTableTest, AnswersPingsAndHearsPongs) {
  accept(10);
  receive(10, "\r\n\r\n\r\n\r\n");
  EXPECT_EQ(outbox.log, std::vector<std::string>{"send 10 2"});
  const auto flow = table.open(now, TransportKind::tcp, address(10));
  EXPECT_TRUE(table.ping(now, *flow).has_value());
  receive(10, "\r\n");
  EXPECT_EQ(user.pongs, 1);
}

TEST_F(ConnectionTableTest, ClosesWhatIsMalformedOrHoldsTooMuch) {
  accept(10);
  receive(10, "nonsense\r\n\r\n");
  EXPECT_EQ(user.lost, std::vector<StreamId>{StreamId{10}});
  accept(11);
  accept(12);
  receive(11, std::string(150, 'x'));
  EXPECT_EQ(table.size(), 2U);
  receive(12, std::string(60, 'x'));
  EXPECT_EQ(user.lost.back(), StreamId{11}) << "the one that has had no whole message for longest";
  receive(11, text_message);  // late bytes of a closed stream
  receive(12, std::string(40, 'x'));
  EXPECT_EQ(table.size(), 1U);
}

TEST_F(ConnectionTableTest, DribbledBytesKeepNothingAlive) {
  accept(10);
  accept(11);
  accept(12);
  receive(11, text_message);
  receive(12, text_message);
  for (int i = 0; i < 20; ++i)
    receive(10, "x");
  accept(13);
  EXPECT_EQ(user.lost, std::vector<StreamId>{StreamId{10}});
}

TEST_F(ConnectionTableTest, StrangersGoBeforeUsers) {
  accept(10);
  accept(11);
  const Flow flow = Flow::over_stream(TransportKind::tcp, StreamId{10}, address(5060), address(10));
  table.prove(flow);
  table.prove(flow);
  for (std::uint64_t id = 12; id < 40; ++id) {
    accept(id);
    receive(id, text_message);
  }
  EXPECT_TRUE(table.send(now, flow, as_bytes(text_message)).has_value());
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(user.lost.size(), 27U);
}

TEST_F(ConnectionTableTest, AmongUsersTheOneSilentForLongestGoes) {
  for (std::uint64_t id = 10; id < 13; ++id) {
    accept(id);
    table.prove(Flow::over_stream(TransportKind::tcp, StreamId{id}, {}, {}));
  }
  receive(10, text_message);
  accept(13);
  EXPECT_EQ(user.lost, std::vector<StreamId>{StreamId{11}});
}

TEST(ConnectionLimits, OneAddressPushesOutItself) {
  RecordingOutbox outbox;
  User user;
  Rng rng{1, 2};
  ConnectionTable table{outbox, user, rng, {.connections_max = 8, .strangers_per_source_max = 2}};
  const auto accept = [&](std::uint64_t id, const char* ip) {
    table.handle_accepted(
        now,
        {StreamId{id}, address(5060), {*IpAddress::parse(ip), static_cast<std::uint16_t>(id)}});
  };
  accept(1, "192.0.2.1");
  for (std::uint64_t id = 10; id < 30; ++id)
    accept(id, "192.0.2.66");
  EXPECT_EQ(table.size(), 3U);
  EXPECT_EQ(user.lost.size(), 18U);
  EXPECT_EQ(user.lost.front(), StreamId{10});
}

// Ten thousand connections that each send a message without end, byte by byte.
TEST(ConnectionLimits, TenThousandDribblers) {
  RecordingOutbox outbox;
  User user;
  Rng rng{1, 2};
  const ConnectionLimits limits{.connections_max = 1024};
  ConnectionTable table{outbox, user, rng, limits};
  struct Held final : CounterVisitor {
    std::uint64_t bytes = 0;
    void counter(const char*, std::uint64_t) override {}
    void gauge(const char* name, std::uint64_t value) override {
      if (std::string_view(name) == "sip_connections_held_bytes") bytes = value;
    }
  } held;
  const std::string head = "MESSAGE sip:a@b SIP/2.0\r\nX: " + std::string(7000, 'x');
  for (std::uint64_t id = 1; id <= 10000; ++id) {
    const auto ip = IpAddress::v4(0xc6336400U + static_cast<std::uint32_t>(id / 100));
    table.handle_accepted(now, {StreamId{id}, address(5060), {ip, 4000}});
    table.handle_received(now, {StreamId{id}, as_bytes(head)});
    for (int i = 0; i < 3; ++i)
      table.handle_received(now, {StreamId{id}, as_bytes(std::string_view("y"))});
    table.visit(held);
    ASSERT_LE(table.size(), limits.connections_max);
    ASSERT_LE(held.bytes, limits.held_bytes_max);
  }
  EXPECT_TRUE(user.messages.empty());
}

TEST(ConnectionLimits, AStrangersMessageIsShort) {
  RecordingOutbox outbox;
  User user;
  Rng rng{1, 2};
  ConnectionTable table{outbox, user, rng};
  const Flow flow = Flow::over_stream(TransportKind::tcp, StreamId{2}, {}, {});
  for (const std::uint64_t id : {1, 2})
    table.handle_accepted(now,
                          {StreamId{id}, address(5060), address(static_cast<std::uint16_t>(id))});
  table.prove(flow);
  const std::string body(40000, 'b');
  const std::string text = "MESSAGE sip:a@b SIP/2.0\r\nl: 40000\r\n\r\n" + body;
  for (const std::uint64_t id : {1, 2}) {
    table.handle_received(now, {StreamId{id}, as_bytes(text).first(30000)});
    table.handle_received(now, {StreamId{id}, as_bytes(text).subspan(30000)});
  }
  EXPECT_EQ(user.lost, std::vector<StreamId>{StreamId{1}});
  EXPECT_EQ(user.messages, std::vector<std::string>{text});
}

TEST_F(ConnectionTableTest, MayBeClosedByItsOwnMessage) {
  accept(10);
  user.on_message = [&](const Flow& flow) { table.close(flow); };
  receive(10, text_message.substr(0, 5));
  receive(10, text_message.substr(5) + text_message);
  EXPECT_EQ(user.messages, std::vector<std::string>{text_message});
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(user.lost.empty());
  EXPECT_EQ(
      table.send(now, Flow::over_stream(TransportKind::tcp, StreamId{10}, {}, {}), {}).error().kind,
      ErrorKind::not_found);
}

TEST_F(ConnectionTableTest, TellsOfTheOtherEndClosing) {
  accept(10);
  table.handle_closed(now, {StreamId{10}, {}});
  table.handle_closed(now, {StreamId{10}, {}});
  EXPECT_EQ(user.lost.size(), 1U);
  EXPECT_TRUE(outbox.log.empty());
  EXPECT_NE(table.open(now, TransportKind::tcp, address(10))->stream, StreamId{10});
}

}  // namespace
}  // namespace chordial::sip
