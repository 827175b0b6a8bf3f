// What waits for the driver is bounded, each kind by its own rule.
#include "node/node_outbox.h"
#include "node/world.h"

namespace chordial::node::test {
namespace {

using ports::PersistSpace;

ports::PersistWrite row(std::uint8_t key, std::size_t bytes = 1) {
  return {PersistSpace::bindings, {key}, Bytes(bytes, key)};
}

class Outbox : public testing::Test {
 protected:
  ports::RequestId persist(std::vector<ports::PersistWrite> writes, bool lazy = false) {
    const ports::RequestId id = outbox.next_request_id();
    outbox.persist({id, std::move(writes), lazy});
    return id;
  }
  std::vector<std::string> streams() {
    std::vector<std::string> all;
    while (auto request = outbox.poll_stream()) {
      if (const auto* open = std::get_if<ports::StreamConnect>(&*request))
        all.push_back("open " + std::to_string(static_cast<std::uint64_t>(open->id)));
      if (const auto* send = std::get_if<ports::StreamSend>(&*request))
        all.push_back("send " + std::to_string(static_cast<std::uint64_t>(send->id)));
      if (const auto* close = std::get_if<ports::StreamClose>(&*request))
        all.push_back("close " + std::to_string(static_cast<std::uint64_t>(close->id)));
    }
    return all;
  }

  NodeOutbox outbox{{.datagram_bytes_max = 100,
                     .stream_bytes_max = 10,
                     .stream_requests_max = 6,
                     .persist_bytes_max = 100,
                     .persist_rows_max = 4}};
  static constexpr ports::StreamId one{1}, two{2};
};

TEST_F(Outbox, AStreamWithoutRoomIsClosedAndTold) {
  outbox.stream_send(one, Bytes(4));
  outbox.stream_send(two, Bytes(4));
  outbox.stream_send(one, Bytes(4));
  outbox.stream_send(one, Bytes(1));
  ASSERT_TRUE(outbox.has_refused());
  EXPECT_EQ(streams(), (std::vector<std::string>{"send 2", "close 1"}));
  EXPECT_EQ(outbox.take_lost_stream(), one);
  EXPECT_FALSE(outbox.has_refused());
  outbox.stream_send(two, Bytes(10));
  EXPECT_EQ(streams(), std::vector<std::string>{"send 2"});
}

TEST_F(Outbox, RequestsForStreamsAreCounted) {
  for (std::uint64_t i = 1; i <= 8; ++i)
    outbox.stream_connect(ports::StreamId{i}, {});
  EXPECT_EQ(streams().size(), 8u) << "six opened, two closed at once";
  EXPECT_EQ(outbox.take_lost_stream(), ports::StreamId{7});
  EXPECT_EQ(outbox.take_lost_stream(), ports::StreamId{8});
}

TEST_F(Outbox, ARequestToTheDiskWithoutRoomIsRefusedWhole) {
  persist({row(1), row(2)});
  persist({row(3)});
  const ports::RequestId refused = persist({row(4), row(5)});
  EXPECT_EQ(outbox.take_refused_request(), refused);
  persist({row(6)});
  const ports::RequestId large = persist({row(7, 200)});
  EXPECT_EQ(outbox.take_refused_request(), large);
  EXPECT_EQ(outbox.take_refused_request(), std::nullopt);
  std::vector<std::size_t> rows;
  while (const auto request = outbox.poll_persist())
    rows.push_back(request->writes.size());
  EXPECT_EQ(rows, (std::vector<std::size_t>{2, 1, 1}));
  persist({row(8), row(9), row(10), row(11)});
  EXPECT_FALSE(outbox.has_refused()) << "what was polled takes no room";
}

TEST_F(Outbox, ALazyRowThatIsWrittenAgainIsWrittenOnce) {
  const ports::RequestId first = persist({row(1), row(2), row(3)}, true);
  persist({row(1, 7)}, true);
  persist({row(3, 9)});
  const auto lazy = outbox.poll_persist();
  ASSERT_TRUE(lazy && lazy->id == first);
  ASSERT_EQ(lazy->writes.size(), 1u);
  EXPECT_EQ(lazy->writes[0].key, Bytes{2});
  EXPECT_EQ(outbox.poll_persist()->writes[0].value->size(), 7u);
  EXPECT_EQ(outbox.poll_persist()->writes[0].value->size(), 9u);
}

TEST_F(Outbox, ARowSomebodyWaitsForIsNeverTakenBack) {
  persist({row(1)});
  persist({row(1, 7)}, true);
  EXPECT_EQ(outbox.poll_persist()->writes.size(), 1u);
  persist({row(1, 8)});
  EXPECT_EQ(outbox.poll_persist()->writes.size(), 0u);
}

TEST_F(Outbox, ARefusedRequestLeavesTheRowItWouldHaveReplaced) {
  persist({row(1)}, true);
  persist({row(1, 200)});
  ASSERT_TRUE(outbox.has_refused());
  EXPECT_EQ(outbox.poll_persist()->writes.size(), 1u);
}

}  // namespace
}  // namespace chordial::node::test
