// RFC 6940 §6.1 and §6.2 case by case.
#include "forwarding/bench.h"

namespace chordial::forwarding {
namespace {

using wire::Destination;

struct Case {
  const char* name;
  std::vector<Destination> to;
  bool delivered;
  std::uint64_t link;  // 0: not sent on
};

TEST(Forwarder, DecidesByTheFirstEntries) {
  static const Bytes opaque{1, 2, 3};
  const Case cases[] = {
      {"this node", {Destination::of(node(1))}, true, 0},
      {"the wildcard", {Destination::of(wildcard_node_id)}, true, 0},
      {"the wildcard in front",
       {Destination::of(wildcard_node_id), Destination::of(node(3))},
       true,
       0},
      {"a resource of its own", {Destination::of(resource(100))}, true, 0},
      {"a linked node", {Destination::of(node(3))}, false, 3},
      {"source routing", {Destination::of(node(1)), Destination::of(node(4))}, false, 4},
      {"source routing to a resource",
       {Destination::of(node(1)), Destination::of(resource(200))},
       false,
       3},
      {"a node by the routing table", {Destination::of(node(9))}, false, 4},
      {"a resource by the routing table", {Destination::of(resource(200))}, false, 3},
      {"a resource whose number a linked node has", {Destination::of(resource(4))}, false, 4},
      {"a node of its own range without a link", {Destination::of(node(5))}, false, 0},
      {"a resource that is not the last entry",
       {Destination::of(resource(100)), Destination::of(node(3))},
       false,
       0},
      {"an opaque id of nobody", {Destination::opaque(opaque)}, false, 0},
      {"a compressed id of nobody", {Destination::compressed(5)}, false, 0},
      {"nobody at all", {}, false, 0},
      {"unroutable", {Destination::of(node(99))}, false, 0},
  };
  for (const Case& c : cases) {
    Bench bench;
    Message message(c.to);
    bench.receive(message.bytes());
    EXPECT_EQ(bench.handler.delivered.size(), c.delivered ? 1u : 0u) << c.name;
    ASSERT_EQ(bench.links.sent.size(), c.link == 0 ? 0u : 1u) << c.name;
    if (c.link != 0) {
      EXPECT_EQ(bench.links.sent[0].link, link::LinkId{c.link}) << c.name;
    }
    EXPECT_TRUE(bench.handler.refused.empty()) << c.name;
  }
}

TEST(Forwarder, RewritesTheHeaderAndNothingElse) {
  Bench bench;
  Message message({Destination::of(node(1)), Destination::of(node(9))});
  message.via = {Destination::of(node(7))};
  message.header.ttl = 33;
  message.header.max_response_length = 5000;
  message.header.configuration_sequence = 12;
  bench.receive(message.bytes());
  ASSERT_EQ(bench.links.sent.size(), 1u);
  const auto sent = wire::MessageView::parse(bench.links.sent[0].bytes);
  ASSERT_TRUE(sent);
  EXPECT_EQ(to_hex(sent->body()), to_hex(message.body));
  EXPECT_EQ(sent->header().ttl, 32);
  EXPECT_EQ(sent->header().transaction_id, message.header.transaction_id);
  EXPECT_EQ(sent->header().max_response_length, 5000u);
  EXPECT_EQ(sent->header().configuration_sequence, 12);
  const std::vector<Destination> via(sent->header().via_list.begin(),
                                     sent->header().via_list.end());
  ASSERT_EQ(via.size(), 2u);
  EXPECT_EQ(via[0], Destination::of(node(7)));
  EXPECT_EQ(via[1], Destination::of(node(2)));  // §6.1.2: where it came from
  ASSERT_EQ(sent->header().destination_list.size(), 1u);
  EXPECT_EQ(sent->header().destination_list.front(), Destination::of(node(9)));
}

TEST(Forwarder, AnAnswerGathersNoViaList) {
  Bench bench;
  Message answer({Destination::of(node(1)), Destination::of(node(3))}, wire::MessageCode::ping_ans);
  bench.receive(answer.bytes());
  ASSERT_EQ(bench.links.sent.size(), 1u);
  const auto sent = wire::MessageView::parse(bench.links.sent[0].bytes);
  EXPECT_TRUE(sent->header().via_list.empty());
}

TEST(Forwarder, CarriesOpaqueIdsOfOthers) {
  static const Bytes id{9, 8, 7};
  Bench bench;
  Message answer({Destination::of(node(1)), Destination::of(node(3)), Destination::opaque(id)},
                 wire::MessageCode::ping_ans);
  bench.receive(answer.bytes());
  ASSERT_EQ(bench.links.sent.size(), 1u);
  const auto sent = wire::MessageView::parse(bench.links.sent[0].bytes);
  EXPECT_EQ(sent->header().destination_list.back(), Destination::opaque(id));
}

struct Refusal {
  const char* name;
  void (*change)(Message&);
  wire::ErrorCode error;
};

TEST(Forwarder, RefusesWithTheRfcsErrors) {
  static const Bytes nothing;
  const Refusal refusals[] = {
      {"TTL used up", [](Message& m) { m.header.ttl = 0; }, wire::ErrorCode::ttl_exceeded},
      {"TTL above the overlay's", [](Message& m) { m.header.ttl = 101; },
       wire::ErrorCode::ttl_exceeded},
      {"a node twice in the list",
       [](Message& m) {
         m.to = {Destination::of(node(3)), Destination::of(node(9)), Destination::of(node(3))};
       },
       wire::ErrorCode::invalid_message},
      {"it was here before", [](Message& m) { m.via = {Destination::of(node(1))}; },
       wire::ErrorCode::not_found},
      {"it was there before", [](Message& m) { m.via = {Destination::of(node(3))}; },
       wire::ErrorCode::not_found},
      {"an option that every peer must know",
       [](Message& m) {
         m.options.push_back({200, wire::ForwardingOption::forward_critical, nothing});
       },
       wire::ErrorCode::unsupported_forwarding_option},
  };
  for (const Refusal& refusal : refusals) {
    Bench bench;
    Message message({Destination::of(node(3))});
    refusal.change(message);
    bench.receive(message.bytes());
    EXPECT_TRUE(bench.links.sent.empty()) << refusal.name;
    ASSERT_EQ(bench.handler.refused.size(), 1u) << refusal.name;
    EXPECT_EQ(bench.handler.refused[0], refusal.error) << refusal.name;
  }
}

// §6.3.2.2: the last destination or none, and never in a via list, wherever the message goes.
TEST(Forwarder, AResourceIdStandsLastOrNowhere) {
  Bench bench;
  Message between(
      {Destination::of(node(3)), Destination::of(resource(200)), Destination::of(node(9))});
  bench.receive(between.bytes());
  Message behind({Destination::of(node(3))});
  behind.via = {Destination::of(resource(200))};
  bench.receive(behind.bytes());
  EXPECT_TRUE(bench.links.sent.empty());
  EXPECT_TRUE(bench.handler.refused.empty());
  EXPECT_EQ(bench.forwarder.counters().dropped_place, 2u);
  Message last({Destination::of(node(3)), Destination::of(resource(200))});
  bench.receive(last.bytes());
  EXPECT_EQ(bench.links.sent.size(), 1u);
}

// §6.3.2, §6.3.2.2: every header is read up to its lists' limits, and no list grows beyond them.
TEST(Forwarder, AViaListGrowsToItsLimit) {
  for (const std::size_t entries : {wire::destinations_max - 1, wire::destinations_max}) {
    Bench bench;
    Message message({Destination::of(node(3))});
    for (std::size_t i = 0; i < entries; ++i)
      message.via.push_back(Destination::of(node(1000 + i)));
    bench.receive(message.bytes());
    const bool full = entries == wire::destinations_max;
    EXPECT_EQ(bench.links.sent.size(), full ? 0u : 1u);
    EXPECT_EQ(bench.forwarder.counters().dropped_size, full ? 1u : 0u);
    EXPECT_EQ(bench.handler.refused.size(), full ? 1u : 0u);
  }
}

// A request sent round in circles by liars ends: at a peer it has been at, and by its TTL.
TEST(Forwarder, ALoopEndsWhereItBegan) {
  Bench bench;
  Message message({Destination::of(resource(200))});
  bench.receive(message.bytes());
  ASSERT_EQ(bench.links.sent.size(), 1u);
  // Node 3 sends it back as if this were the next hop.
  const Bytes again = bench.links.sent[0].bytes;
  bench.receive(again, 3);
  EXPECT_EQ(bench.links.sent.size(), 1u);
  EXPECT_EQ(bench.forwarder.counters().dropped_loop, 1u);
  ASSERT_EQ(bench.handler.refused.size(), 1u);
  EXPECT_EQ(bench.handler.refused[0], wire::ErrorCode::not_found);
}

TEST(Forwarder, EveryDropIsCounted) {
  const auto dropped_by = [](auto change) {
    Bench bench;
    Message message({Destination::of(node(3))});
    change(bench, message);
    bench.receive(message.bytes());
    EXPECT_TRUE(bench.links.sent.empty());
    return bench.forwarder.counters();
  };
  EXPECT_EQ(dropped_by([](Bench&, Message& m) { m.header.overlay = 1; }).dropped_overlay, 1u);
  EXPECT_EQ(dropped_by([](Bench&, Message& m) { m.header.version = 1; }).dropped_malformed, 1u);
  EXPECT_EQ(dropped_by([](Bench&, Message& m) { m.header.ttl = 0; }).dropped_ttl, 1u);
  EXPECT_EQ(dropped_by([](Bench&, Message& m) { m.via = {Destination::of(node(1))}; }).dropped_loop,
            1u);
  EXPECT_EQ(dropped_by([](Bench&, Message& m) { m.to.push_back(m.to[0]); }).dropped_duplicate, 1u);
  EXPECT_EQ(
      dropped_by([](Bench&, Message& m) { m.to = {Destination::of(node(99))}; }).dropped_route, 1u);
  EXPECT_EQ(dropped_by([](Bench&, Message& m) {
              m.options = {{9, wire::ForwardingOption::forward_critical, {}}};
            }).dropped_option,
            1u);
  EXPECT_EQ(dropped_by([](Bench& b, Message&) { b.rules.max_message_bytes = 50; }).dropped_size,
            1u);
}

TEST(Forwarder, AnErrorIsNeverCausedByAnAnswerOrAnError) {
  for (const auto code : {wire::MessageCode::ping_ans, wire::MessageCode::error}) {
    Bench bench;
    Message message({Destination::of(node(3))}, code);
    message.header.ttl = 0;
    bench.receive(message.bytes());
    EXPECT_TRUE(bench.handler.refused.empty());
    EXPECT_TRUE(bench.links.sent.empty());
  }
}

TEST(Forwarder, ErrorsAreLimited) {
  Bench bench;
  Message message({Destination::of(node(3))});
  message.header.ttl = 0;
  const Bytes bytes = message.bytes();
  for (int i = 0; i < 500; ++i)
    bench.receive(bytes);
  EXPECT_EQ(bench.handler.refused.size(), Forwarder::errors_burst_max);
  EXPECT_EQ(bench.forwarder.counters().errors_withheld, 500u - Forwarder::errors_burst_max);
}

TEST(Forwarder, ATtlOfZeroStillReachesItsDestination) {
  Bench bench;
  Message message({Destination::of(node(1))});
  message.header.ttl = 0;
  message.options.push_back({200, wire::ForwardingOption::forward_critical, {}});
  bench.receive(message.bytes());
  EXPECT_EQ(bench.handler.delivered.size(), 1u);
}

TEST(Forwarder, DropsWhatIsNotOfThisOverlay) {
  Bench bench;
  Message message({Destination::of(node(1))});
  message.header.overlay = 78;
  bench.receive(message.bytes());
  Bytes other = Message({Destination::of(node(1))}).bytes();
  other[0] ^= 0xff;
  bench.receive(other);
  bench.receive({});
  EXPECT_TRUE(bench.handler.delivered.empty());
  EXPECT_EQ(bench.forwarder.counters().dropped_overlay, 1u);
  EXPECT_EQ(bench.forwarder.counters().dropped_malformed, 2u);
}

TEST(Forwarder, AMessageAboveTheOverlaysSizeIsTooLarge) {
  Bench bench;
  bench.rules.max_message_bytes = 1000;
  Message message({Destination::of(node(3))}, wire::MessageCode::ping_req, 2000);
  bench.receive(message.bytes());
  ASSERT_EQ(bench.handler.refused.size(), 1u);
  EXPECT_EQ(bench.handler.refused[0], wire::ErrorCode::message_too_large);
}

TEST(Forwarder, AClientRoutesNothing) {
  Bench bench;
  bench.rules.routes = false;
  bench.receive(Message({Destination::of(node(3))}).bytes());
  bench.receive(Message({Destination::of(node(1))}).bytes());
  EXPECT_TRUE(bench.links.sent.empty());
  EXPECT_EQ(bench.handler.delivered.size(), 1u);
}

TEST(Forwarder, KnowsItsOwnFirstHop) {
  Bench bench;
  const auto hop = [&](std::vector<Destination> to) {
    return bench.forwarder.first_hop(wire::DestinationList(to));
  };
  EXPECT_EQ(hop({Destination::of(node(9))}).node, node(4));
  EXPECT_EQ(hop({Destination::of(resource(100))}).kind, FirstHop::Kind::self);
  EXPECT_EQ(hop({Destination::of(node(99))}).kind, FirstHop::Kind::none);
  EXPECT_EQ(hop({Destination::of(wildcard_node_id)}).kind, FirstHop::Kind::none);
}

TEST(ConnectionTable, KeepsOneLinkPerNode) {
  ConnectionTable table;
  for (std::uint64_t n : {5, 3, 9, 1})
    EXPECT_TRUE(table.put({node(n), link::LinkId{n * 10}}));
  EXPECT_TRUE(table.put({node(3), link::LinkId{31}}));
  EXPECT_EQ(table.size(), 4u);
  EXPECT_EQ(table.find(node(3))->link, link::LinkId{31});
  EXPECT_EQ(table.find(link::LinkId{30}), nullptr);
  EXPECT_EQ(table.find(link::LinkId{90})->node, node(9));
  table.remove(node(9));
  EXPECT_EQ(table.find(node(9)), nullptr);
  for (std::size_t i = 1; i < table.all().size(); ++i)
    EXPECT_LT(table.all()[i - 1].node, table.all()[i].node);
}

TEST(ConnectionTable, HasALimit) {
  ConnectionTable table;
  for (std::uint64_t n = 0; n < connections_max; ++n)
    EXPECT_TRUE(table.put({node(n + 1), link::LinkId{n}}));
  EXPECT_FALSE(table.put({node(connections_max + 1), link::LinkId{0}}));
}

}  // namespace
}  // namespace chordial::forwarding
