// What a peer must do with the requests of a node of another make (RFC 6940 §6.4, §6.5, §7.4, §10),
// seen from that node: messages in, messages out.
#include <algorithm>

#include "conformance/stranger.h"
#include "storage/resource_name.h"
#include "topology/chord/messages.h"
#include "wire/storage_messages.h"
#include "wire/topology_messages.h"

namespace chordial::conformance {
namespace {

using overlay::Member;
using overlay::World;
using std::chrono::seconds;
using wire::Destination;
using wire::ErrorCode;
using wire::MessageCode;

Bytes attach_body(const SocketAddress& at, bool send_update,
                  std::string_view role = wire::role_passive) {
  wire::IceCandidate candidate;
  candidate.addr_port = at;
  candidate.overlay_link = wire::OverlayLinkType::dtls_udp_sr_no_ice;
  candidate.foundation = as_bytes("1");
  candidate.priority = 1;
  const std::vector<wire::IceCandidate> candidates{candidate};
  return wire::body_of(wire::AttachReqAns{{}, {}, as_bytes(role), candidates, send_update});
}

class PeerRules : public testing::Test {
 protected:
  PeerRules() : world(3) { world.form(); }

  // Somebody linked with member 0, and with nobody else.
  std::unique_ptr<Stranger> stranger() {
    auto made = std::make_unique<Stranger>(world);
    made->link_with(world[0]);
    return made;
  }

  World world;
};

// §6.4.2.1
TEST_F(PeerRules, AJoinForAnotherNodeIsForbidden) {
  const auto node = stranger();
  const Bytes body = wire::body_of(wire::JoinReq{world[1].id, {}});
  EXPECT_EQ(error_of(node->ask(world[0], MessageCode::join_req, body)), ErrorCode::forbidden);
}

TEST_F(PeerRules, AJoinThatIsNotFromANeighbourIsForbidden) {
  const auto node = stranger();
  const Bytes body = wire::body_of(wire::JoinReq{node->id(), {}});
  const auto answer = node->ask(world[0], MessageCode::join_req, body,
                                {Destination::of(world[0].id), Destination::of(world[1].id)});
  EXPECT_EQ(error_of(answer), ErrorCode::forbidden);
}

// §6.4.2.2
TEST_F(PeerRules, ALeaveForAnotherOrFromAfarIsForbidden) {
  const auto node = stranger();
  const Bytes data = topology::chord::encode_leave(topology::chord::LeaveType::from_successor, {});
  const Bytes of_another = wire::body_of(wire::LeaveReq{world[1].id, data});
  const Bytes own = wire::body_of(wire::LeaveReq{node->id(), data});
  EXPECT_EQ(error_of(node->ask(world[0], MessageCode::leave_req, of_another)),
            ErrorCode::forbidden);
  const auto far = node->ask(world[0], MessageCode::leave_req, own,
                             {Destination::of(world[0].id), Destination::of(world[1].id)});
  EXPECT_EQ(error_of(far), ErrorCode::forbidden);
  EXPECT_TRUE(world[0].peer->linked(world[1].id)) << "and nobody has left";
}

// §6.4.2.3: Updates are told by neighbours, of themselves.
TEST_F(PeerRules, AnUpdateFromAfarIsForbidden) {
  const auto node = stranger();
  const auto answer =
      node->ask(world[0], MessageCode::update_req, topology::chord::encode_peer_ready(1),
                {Destination::of(world[0].id), Destination::of(world[1].id)});
  EXPECT_EQ(error_of(answer), ErrorCode::forbidden);
}

// §6.4.2.3, §6.4.2.4.1, §10.8
TEST_F(PeerRules, AnUpdateFollowsWhereItWasAskedFor) {
  const auto node = stranger();
  world.run(seconds(10));
  const auto updates = [&] { return node->requests(MessageCode::update_req).size(); };
  const std::size_t before = updates();
  const auto query = [&](bool send_update) {
    const Bytes body =
        wire::body_of(wire::RouteQueryReq{send_update, Destination::of(world[1].id), {}});
    const auto answer = node->ask(world[0], MessageCode::route_query_req, body);
    EXPECT_TRUE(answer && answer->code == MessageCode::route_query_ans);
    world.run(seconds(1));
  };
  query(false);
  EXPECT_EQ(updates(), before);
  query(true);
  ASSERT_GT(updates(), before);
  const auto all = node->requests(MessageCode::update_req);
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const Stranger::Received& each) {
    const auto update = topology::chord::decode_update(each.body);
    return update && update->type == topology::chord::UpdateType::full;
  }));
  // The same by Attach, to a peer that is linked already.
  const std::size_t then = updates();
  const auto attached =
      node->ask(world[0], MessageCode::attach_req, attach_body(node->address(), true));
  ASSERT_TRUE(attached);
  world.run(seconds(1));
  EXPECT_GT(updates(), then);
}

// §6.4.2.5.2: what was asked for and is known, in that order, and nothing else.
TEST_F(PeerRules, AProbeIsAnsweredInItsOrderAndWithNothingElse) {
  const auto node = stranger();
  const std::vector<wire::ProbeInformationType> asked{wire::ProbeInformationType::uptime,
                                                      static_cast<wire::ProbeInformationType>(77),
                                                      wire::ProbeInformationType::responsible_set};
  const auto answer =
      node->ask(world[0], MessageCode::probe_req, wire::body_of(wire::ProbeReq{asked}));
  ASSERT_TRUE(answer && answer->code == MessageCode::probe_ans);
  const auto probe = wire::parse_value<wire::ProbeAns>(answer->body);
  ASSERT_TRUE(probe && probe->probe_info.size() == 2);
  EXPECT_EQ(probe->probe_info.front().type, wire::ProbeInformationType::uptime);
  EXPECT_EQ(probe->probe_info.back().type, wire::ProbeInformationType::responsible_set);
}

// §6.5.1.1, §6.5.1.13: who asks waits as server, who answers connects as client.
TEST_F(PeerRules, WhoAnswersAnAttachIsActiveAndConnects) {
  const auto node = stranger();
  const auto answer =
      node->ask(world[0], MessageCode::attach_req, attach_body(node->address(), false),
                {Destination::of(world[0].id), Destination::of(world[1].id)});
  ASSERT_TRUE(answer && answer->code == MessageCode::attach_ans);
  const auto attach = wire::parse_value<wire::AttachReqAns>(answer->body);
  ASSERT_TRUE(attach);
  EXPECT_EQ(as_text(attach->role), wire::role_active);
  EXPECT_FALSE(attach->send_update);
  for (const wire::IceCandidate& candidate : attach->candidates)
    EXPECT_TRUE(wire::is_no_ice(candidate.overlay_link)) << "§6.5.1.5";
  EXPECT_TRUE(world.run_until([&] { return node->linked(world[1]); }, seconds(5)));
}

// A peer that has asked `other` for a link, by way of the neighbour who named it.
struct Asked {
  explicit Asked(bool own_is_smaller) {
    world.form();
    between.emplace(world);
    between->link_with(peer());
    other = std::make_unique<Stranger>(world);
    while ((peer().id < other->id()) != own_is_smaller)
      other = std::make_unique<Stranger>(world);
    (void)between->ask(peer(), MessageCode::update_req,
                       topology::chord::encode_neighbors(1, {other->id()}, {other->id()}));
    EXPECT_TRUE(world.run_until([&] { return attach().has_value(); }, seconds(5)));
  }
  Member& peer() { return world[0]; }
  // Its Attach.
  std::optional<Stranger::Received> attach() {
    for (const auto& each : between->requests(MessageCode::attach_req)) {
      const auto view = wire::MessageView::parse(each.message);
      if (view->header().destination_list.back() == Destination::of(other->id())) return each;
    }
    return std::nullopt;
  }
  // What it answers to an Attach of the other one's.
  std::optional<Stranger::Received> answer_to_attach() {
    const std::uint64_t theirs = between->relay(peer(), *other, MessageCode::attach_req,
                                                attach_body(other->address(), false));
    world.run(seconds(1));
    std::optional<Stranger::Received> answer;
    for (const auto& each : between->received) {
      if (each.transaction_id == theirs && !wire::is_request(each.code)) answer = each;
    }
    EXPECT_TRUE(answer);
    return answer;
  }
  // How often its Attach has been sent so far.
  std::ptrdiff_t transmissions() {
    return std::ranges::count(between->received, attach()->transaction_id,
                              &Stranger::Received::transaction_id);
  }

  World world{3};
  std::optional<Stranger> between;
  std::unique_ptr<Stranger> other;
};

// §6.5.1.2, third case: both have asked, and neither has an answer. The smaller Node-ID gives way.
TEST(TwoAttaches, TheSmallerNodesOwnIsCancelledAndTheOthersAnswered) {
  Asked asked(true);
  const auto own = asked.attach();
  const auto body = wire::parse_value<wire::AttachReqAns>(own->body);
  ASSERT_TRUE(body);
  EXPECT_EQ(as_text(body->role), wire::role_passive);
  const auto answer = asked.answer_to_attach();
  EXPECT_EQ(answer->code, MessageCode::attach_ans);
  const auto before = asked.transmissions();
  asked.world.run(seconds(8));
  EXPECT_TRUE(asked.other->linked(asked.peer())) << "and its handshake follows";
  EXPECT_EQ(asked.transmissions(), before) << "its own is not sent again";
}

TEST(TwoAttaches, TheLargerNodesOwnGoesOnAndTheOthersIsInProgress) {
  Asked asked(false);
  EXPECT_EQ(error_of(asked.answer_to_attach()), ErrorCode::in_progress);
  const auto before = asked.transmissions();
  asked.world.run(seconds(8));
  EXPECT_GT(asked.transmissions(), before);
}

// §6.5.1.2, second case: its own has been answered, and the handshake is under way.
TEST(TwoAttaches, DuringTheHandshakeOfItsOwnTheOthersIsInProgress) {
  Asked asked(true);
  (void)asked.between->relay(asked.peer(), *asked.other, MessageCode::attach_ans,
                             attach_body(asked.other->address(), false, wire::role_active),
                             asked.attach()->transaction_id);
  asked.world.run(seconds(1));
  EXPECT_EQ(error_of(asked.answer_to_attach()), ErrorCode::in_progress);
}

// §6.5.1.1: candidates with ICE and without do not go together.
TEST_F(PeerRules, AnAttachThatMixesIceAndNoIceIsRefused) {
  const auto node = stranger();
  wire::IceCandidate one, other;
  one.addr_port = other.addr_port = node->address();
  one.overlay_link = wire::OverlayLinkType::dtls_udp_sr_no_ice;
  other.overlay_link = wire::OverlayLinkType::dtls_udp_sr;
  const std::vector<wire::IceCandidate> candidates{one, other};
  const Bytes body =
      wire::body_of(wire::AttachReqAns{{}, {}, as_bytes(wire::role_passive), candidates, false});
  EXPECT_EQ(error_of(node->ask(world[0], MessageCode::attach_req, body,
                               {Destination::of(world[0].id), Destination::of(world[1].id)})),
            ErrorCode::invalid_message);
}

// §6.5.4.2
TEST_F(PeerRules, AConfigUpdateThatProvesNothingIsAnError) {
  const auto node = stranger();
  const wire::ConfigUpdateReq forged{
      wire::ConfigUpdateType::config, as_bytes("<overlay>forged</overlay>"), {}, {}};
  const auto answer = node->ask(world[0], MessageCode::config_update_req, wire::body_of(forged));
  EXPECT_NE(error_of(answer), ErrorCode::invalid);
  const wire::ConfigUpdateReq unknown{
      static_cast<wire::ConfigUpdateType>(9), {}, {}, as_bytes("?")};
  EXPECT_NE(error_of(node->ask(world[0], MessageCode::config_update_req, wire::body_of(unknown))),
            ErrorCode::invalid);
  EXPECT_EQ(world[0].peer->context().sequence, 1);
}

// §6.3.2.1, §6.5.4: whoever is behind is told, and sent the document.
TEST_F(PeerRules, ANodeWithAnOlderDocumentIsToldAndSentTheNewOne) {
  const auto node = stranger();
  node->sequence = 0;
  const auto answer = node->ask(world[0], MessageCode::ping_req, wire::body_of(wire::PingReq{}));
  EXPECT_EQ(error_of(answer), ErrorCode::config_too_old);
  world.run(seconds(1));
  const auto sent = node->requests(MessageCode::config_update_req);
  ASSERT_FALSE(sent.empty());
  const auto update = wire::parse_value<wire::ConfigUpdateReq>(sent[0].body);
  ASSERT_TRUE(update);
  EXPECT_EQ(as_text(update->config_data), "document 1");
  const auto header = wire::MessageView::parse(sent[0].message);
  EXPECT_EQ(header->header().configuration_sequence, 65535);
  node->sequence = 2;
  EXPECT_EQ(error_of(node->ask(world[0], MessageCode::ping_req, wire::body_of(wire::PingReq{}))),
            ErrorCode::config_too_new);
}

// §7.4.1.1, §7.4.4.2: only for what one is responsible for.
TEST_F(PeerRules, WhoIsNotResponsibleSaysSo) {
  const auto node = stranger();
  ResourceId elsewhere{};
  for (std::uint64_t i = 1; world.owner(elsewhere) == &world[0]; ++i)
    elsewhere = ResourceId{{i << 60, i}};
  // Straight to the wrong peer: by its Node-ID the request is for it, whatever the Resource-ID.
  const std::vector<wire::KindId> kinds{wire::kind_sip_registration};
  EXPECT_EQ(error_of(node->ask(world[0], MessageCode::find_req,
                               wire::body_of(wire::FindReq{elsewhere, kinds}))),
            ErrorCode::not_found);
  const auto original = wire::body_of(wire::StoreReq{elsewhere, 0, {}});
  EXPECT_EQ(error_of(node->ask(world[0], MessageCode::store_req, original)), ErrorCode::not_found);
  // A replica of somebody who is no peer here at all.
  const auto replica = wire::body_of(wire::StoreReq{elsewhere, 1, {}});
  EXPECT_EQ(error_of(node->ask(world[0], MessageCode::store_req, replica)), ErrorCode::forbidden);
}

// §6.3.3.1: a request nobody has defined, or whose body makes no sense, is an error in words.
TEST_F(PeerRules, WhatMakesNoSenseIsInvalid) {
  const auto node = stranger();
  const auto unknown = node->ask(world[0], static_cast<MessageCode>(0x27), {});
  EXPECT_EQ(error_of(unknown), ErrorCode::invalid_message);
  for (const MessageCode code :
       {MessageCode::attach_req, MessageCode::store_req, MessageCode::fetch_req,
        MessageCode::find_req, MessageCode::stat_req, MessageCode::join_req, MessageCode::leave_req,
        MessageCode::probe_req, MessageCode::route_query_req, MessageCode::app_attach_req,
        MessageCode::config_update_req}) {
    const auto answer = node->ask(world[0], code, as_bytes("?"));
    EXPECT_EQ(error_of(answer), ErrorCode::invalid_message) << wire::name_of(code);
    const auto error = wire::parse_value<wire::ErrorResponse>(answer->body);
    EXPECT_FALSE(error->error_info.empty()) << wire::name_of(code);
  }
}

// §6.2.1: the same transaction again gets the same answer again.
TEST_F(PeerRules, ARetransmissionIsAnsweredAlike) {
  const auto node = stranger();
  const Bytes body = attach_body(node->address(), false);
  const std::uint64_t transaction = 4242;
  for (int i = 0; i < 2; ++i) {
    (void)node->send(world[0], MessageCode::attach_req, body, {}, {}, transaction);
    world.run(seconds(1));
  }
  std::vector<Bytes> answers;
  for (const auto& each : node->received) {
    if (each.transaction_id == transaction) answers.push_back(each.body);
  }
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0], answers[1]);
}

// §6.3.4: what is not signed by whom it says is not answered at all.
TEST_F(PeerRules, ABadSignatureIsMetWithSilence) {
  const auto node = stranger();
  world.tamper = [&](const SocketAddress& from, const SocketAddress&, Bytes& bytes) {
    if (from == node->address()) bytes.back() ^= 1;
    return true;
  };
  EXPECT_FALSE(node->ask(world[0], MessageCode::ping_req, wire::body_of(wire::PingReq{})));
}

// §10.7.3: who is no replica any more keeps no copy, whoever has come between.
TEST(ReplicaSet, IsAllThatKeepsAValue) {
  World world(4);
  world.form();
  const auto user = world.user("alice@example.org", world[0].id);
  overlay::Store store;
  store.resource = storage::resource_id_of("alice@example.org");
  store.kind = wire::kind_sip_registration;
  store.lifetime_s = 36'000;
  store.values.push_back({0, to_bytes(world[0].id.bytes()), true, Bytes{1}});
  overlay::Heard heard;
  const auto id = world[0].peer->store(world.now, store, user.get(), heard);
  ASSERT_TRUE(world.run_until([&] { return heard.stored.contains(id); }, seconds(20)));
  ASSERT_TRUE(heard.stored.at(id));
  const std::size_t copies = 1U + world.context.topology.replicas;
  EXPECT_TRUE(
      world.run_until([&] { return world.holders(store.resource) == copies; }, seconds(60)));
  for (int i = 0; i < 4; ++i) {
    Member& more = world.add(overlay::Role::peer);
    more.boot({world[0].address}, false);
  }
  world.run(std::chrono::hours(3));
  EXPECT_EQ(world.holders(store.resource), copies);
}

// §10.9, §6.4.2.2
TEST_F(PeerRules, WhoLeavesTellsEveryPeerItIsLinkedWith) {
  const auto node = stranger();
  // Shows itself a peer, so that it is told.
  (void)node->ask(world[0], MessageCode::update_req, topology::chord::encode_peer_ready(5));
  world[0].peer->leave(world.now);
  world.run(seconds(10));
  const auto leaves = node->requests(MessageCode::leave_req);
  ASSERT_FALSE(leaves.empty());
  const auto leave = wire::parse_value<wire::LeaveReq>(leaves[0].body);
  ASSERT_TRUE(leave);
  EXPECT_EQ(leave->leaving_peer_id, world[0].id);
  EXPECT_TRUE(topology::chord::decode_leave(leave->overlay_specific_data));
}

}  // namespace
}  // namespace chordial::conformance
