// The tunnel, AppAttach, Ping, RouteQuery, configuration documents, and what liars get.
#include "topology/chord/messages.h"

#include "overlay/world.h"
#include "wire/codes.h"
#include "wire/message.h"

namespace chordial::overlay {
namespace {

using std::chrono::seconds;

TEST(Tunnel, ASipMessageArrivesOnceWithThePathItTook) {
  World world(10);
  world.context.topology.successors = 2;
  world.context.topology.predecessors = 2;
  world.context.topology.fingers = 2;
  world.context.topology.full_mesh = false;
  world.form();
  std::size_t longest = 0;
  for (std::size_t to = 0; to < 9; ++to) {
    Member& caller = world[9];
    Heard heard;
    const RequestId id = caller.peer->send_tunnel(
        world.now, Target::node(world[to].id), as_bytes("INVITE sip:bob@example.org SIP/2.0\r\n"),
        nullptr, heard);
    world.run_until([&] { return heard.delivered.count(id) > 0; }, seconds(20));
    ASSERT_TRUE(heard.delivered.count(id) == 1 && heard.delivered.at(id)) << to;
    ASSERT_EQ(world[to].tunnelled.size(), 1u);
    const TunnelArrival& arrival = world[to].tunnelled[0];
    EXPECT_EQ(arrival.from, caller.id);
    EXPECT_EQ(arrival.path.front(), caller.id);
    for (std::size_t i = 0; i < arrival.path.size(); ++i) {
      const NodeId next = i + 1 < arrival.path.size() ? arrival.path[i + 1] : world[to].id;
      EXPECT_TRUE(world.member(arrival.path[i])->peer->linked(next)) << "the path follows links";
    }
    longest = std::max(longest, arrival.path.size());
  }
  EXPECT_GE(longest, 2u) << "some message crossed another peer";
}

TEST(Tunnel, RepetitionsAreAnsweredAndNotDeliveredAgain) {
  World world(2);
  world.form();
  std::size_t answers = 0;
  // The first answers get lost.
  world.tamper = [&](const SocketAddress& from, const SocketAddress&, Bytes&) {
    return !(from == world[1].address && ++answers <= 2);
  };
  Heard heard;
  const RequestId id = world[0].peer->send_tunnel(world.now, Target::node(world[1].id),
                                                  as_bytes("MESSAGE"), nullptr, heard);
  world.run(seconds(20));
  ASSERT_TRUE(heard.delivered.count(id) == 1 && heard.delivered.at(id));
  EXPECT_EQ(world[1].tunnelled.size(), 1u);
}

TEST(Tunnel, ARefusalReachesTheSender) {
  World world(3);
  world.form();
  world[2].refuse_tunnel = true;
  Heard heard;
  const RequestId id = world[1].peer->send_tunnel(world.now, Target::node(world[2].id),
                                                  as_bytes("INVITE"), nullptr, heard);
  world.run(seconds(20));
  ASSERT_EQ(heard.delivered.count(id), 1u);
  ASSERT_FALSE(heard.delivered.at(id));
  EXPECT_EQ(heard.delivered.at(id).error().error.kind, ErrorKind::forbidden);
}

TEST(Tunnel, WithoutTheExtensionItIsUnsupported) {
  World world(2);
  world.form();
  SharedContext without = world.context;
  without.tunnel_extension = 0;
  world[1].peer->adopt(world.now, without);
  Heard to, from;
  const RequestId a = world[0].peer->send_tunnel(world.now, Target::node(world[1].id),
                                                 as_bytes("INVITE"), nullptr, to);
  const RequestId b = world[1].peer->send_tunnel(world.now, Target::node(world[0].id),
                                                 as_bytes("INVITE"), nullptr, from);
  world.run(seconds(20));
  ASSERT_TRUE(to.delivered.count(a) == 1 && from.delivered.count(b) == 1);
  EXPECT_EQ(to.delivered.at(a).error().reload_code,
            static_cast<std::uint16_t>(wire::ErrorCode::unknown_extension));
  EXPECT_EQ(to.delivered.at(a).error().error.kind, ErrorKind::unsupported);
  EXPECT_EQ(from.delivered.at(b).error().error.kind, ErrorKind::unsupported);
  world[1].kill();
}

TEST(Tunnel, AUserCertificateIsProvenByItsSignature) {
  World world(4);
  world.form();
  const auto user = world.user("alice@example.org", world[0].id);
  Heard heard;
  const RequestId id = world[0].peer->send_tunnel(world.now, Target::node(world[3].id),
                                                  as_bytes("INVITE"), user.get(), heard);
  world.run(seconds(5));
  ASSERT_TRUE(heard.delivered.count(id) == 1 && heard.delivered.at(id));
  EXPECT_EQ(world[3].tunnelled.at(0).from, world[0].id);
}

TEST(Requests, ToNobodyEndInTime) {
  World world(3);
  world.form();
  Heard heard;
  const NodeId nobody{{1, 2}};
  const RequestId id = world[0].peer->ping(world.now, Target::node(nobody), heard);
  world.run(seconds(16));
  ASSERT_EQ(heard.pinged.count(id), 1u);
  EXPECT_FALSE(heard.pinged.at(id));
  EXPECT_EQ(heard.pinged.at(id).error().error.kind, ErrorKind::unavailable);
}

TEST(Requests, ToOneselfAreAnsweredByOneself) {
  World world(2);
  world.form();
  Heard heard;
  const RequestId id = world[0].peer->ping(world.now, Target::node(world[0].id), heard);
  EXPECT_TRUE(heard.pinged.empty()) << "never from inside the call";
  world.run(seconds(1));
  ASSERT_TRUE(heard.pinged.count(id) == 1 && heard.pinged.at(id));
  EXPECT_EQ(heard.pinged.at(id)->by.hops, 0);
}

TEST(Requests, CancelledOnesAreNotHeardOf) {
  World world(2);
  world.form();
  Heard heard;
  const RequestId id = world[0].peer->ping(world.now, Target::node(world[1].id), heard);
  world[0].peer->cancel(id);
  world.run(seconds(20));
  EXPECT_EQ(heard.calls, 0u);
}

TEST(Requests, RouteQueryNamesTheNextHop) {
  World world(5);
  world.form();
  Heard heard;
  const RequestId id =
      world[0].peer->route_query(world.now, Target::node(world[1].id), world[3].id.position, heard);
  world.run(seconds(5));
  ASSERT_TRUE(heard.queried.count(id) == 1 && heard.queried.at(id));
  const auto next = topology::chord::decode_route_query_answer(*heard.queried.at(id));
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, world[3].id) << "in a small overlay everybody is linked";
}

TEST(AppAttach, ExchangesCandidates) {
  World world(4);
  world.form();
  AppAttach offer;
  offer.application = 5060;
  offer.candidates.push_back({world[1].address, Candidate::Type::host, "1", 7, std::nullopt});
  Heard heard;
  const RequestId id = world[1].peer->app_attach(world.now, world[3].id, offer, heard);
  offer.application = 99;
  const RequestId unknown = world[1].peer->app_attach(world.now, world[3].id, offer, heard);
  world.run(seconds(20));
  ASSERT_TRUE(heard.app_attached.count(id) == 1 && heard.app_attached.at(id));
  EXPECT_EQ(heard.app_attached.at(id)->candidates.at(0).address, world[3].address);
  EXPECT_EQ(world[3].app_candidates.at(0), world[1].address);
  ASSERT_EQ(heard.app_attached.count(unknown), 1u);
  EXPECT_EQ(heard.app_attached.at(unknown).error().error.kind, ErrorKind::not_found);
}

TEST(Configuration, ANewerDocumentReachesEverybody) {
  World world(6);
  world.form();
  SharedContext newer = world.context;
  newer.sequence = 2;
  newer.document = to_bytes(as_bytes("document 2"));
  for (auto& m : world.members)
    m->newer = &newer;
  world[0].peer->adopt(world.now, newer);
  world.run(seconds(60));
  for (auto& m : world.members)
    EXPECT_EQ(m->peer->context().sequence, 2) << m->index;
  for (auto& m : world.members)
    m->kill();
}

TEST(Configuration, ARevokedNodeLosesItsLinks) {
  World world(5);
  world.form();
  SharedContext newer = world.context;
  newer.sequence = 2;
  newer.document = to_bytes(as_bytes("document 2"));
  crypto::Trust trust;
  trust.bad_nodes.push_back(world[3].id);
  world.certificates.configure(trust);
  for (auto& m : world.members)
    m->newer = m->index == 3 ? nullptr : &newer;
  world[0].peer->adopt(world.now, newer);
  world.run(seconds(120));
  for (auto& m : world.members) {
    EXPECT_TRUE(m->index == 3 || !m->peer->linked(world[3].id)) << m->index;
  }
  EXPECT_EQ(world[3].peer->sizes().links, 0u);
  for (auto& m : world.members)
    m->kill();
}

TEST(Configuration, AForgedDocumentChangesNothing) {
  World world(3);
  world.form();
  SharedContext forged = world.context;
  forged.sequence = 9;
  forged.document = to_bytes(as_bytes("forged"));
  world[0].peer->adopt(world.now, forged);
  world.run(seconds(30));
  EXPECT_EQ(world[1].peer->context().sequence, 1);
  EXPECT_EQ(world[2].peer->context().sequence, 1);
  world[0].kill();
}

struct Counts final : CounterVisitor {
  std::map<std::string, std::uint64_t> values;
  void counter(const char* name, std::uint64_t value) override { values[name] = value; }
  void gauge(const char* name, std::uint64_t value) override { values[name] = value; }
};

std::uint64_t count(const Member& member, const char* name) {
  Counts counts;
  member.peer->count(counts);
  return counts.values.at(name);
}

TEST(Liars, AlteredBytesAreDroppedAndTheRequestGetsThroughLater) {
  World world(2);
  world.form();
  std::size_t altered = 0;
  world.tamper = [&](const SocketAddress& from, const SocketAddress&, Bytes& bytes) {
    if (from == world[0].address && altered < 2) {
      ++altered;
      bytes[bytes.size() / 2] ^= 1;
    }
    return true;
  };
  Heard heard;
  const RequestId id = world[0].peer->send_tunnel(
      world.now, Target::node(world[1].id), as_bytes("a message of some length"), nullptr, heard);
  world.run(seconds(20));
  ASSERT_TRUE(heard.delivered.count(id) == 1 && heard.delivered.at(id));
  ASSERT_EQ(world[1].tunnelled.size(), 1u);
  EXPECT_EQ(world[1].tunnelled[0].text, "a message of some length");
  EXPECT_GE(count(world[1], "transport_rejected_signature") +
                count(world[1], "transport_rejected_malformed") +
                count(world[1], "forwarding_messages_dropped_malformed"),
            1u);
}

TEST(Liars, TwoPeersInOneProcessShareNothingTheyShouldNot) {
  World one(2, 1), other(2, 2);
  one.form();
  other.form();
  EXPECT_NE(one[0].id, other[0].id);
  one[0].kill();
  one.run(seconds(60));
  EXPECT_EQ(other[1].peer->phase(), Phase::mesh);
  EXPECT_EQ(one[1].peer->phase(), Phase::isolated);
}

}  // namespace
}  // namespace chordial::overlay
