// Who may ask and who may answer: signatures, certificates, documents, options, extensions.
#include "transport/pair.h"
#include "wire/message_contents.h"

namespace chordial::transport {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using wire::Destination;
using wire::MessageCode;

std::vector<Destination> to(const Side& side) {
  return {Destination::of(side.id)};
}

TEST(Proof, EveryAlteredByteIsNoticed) {
  Pair clean;
  Bytes original;
  clean.on_wire = [&](Side& side, Bytes& bytes) {
    if (&side == &clean.b) original = bytes;
    return false;
  };
  ASSERT_TRUE(clean.a.ask(to(clean.b), MessageCode::store_req, as_bytes("value")));
  clean.deliver();
  const auto view = wire::MessageView::parse(original);
  ASSERT_TRUE(view);
  // Contents and signature. Certificates are covered by neither: one that is altered is merely not
  // the one that is looked for, which here is known already.
  const std::size_t contents_end = view->header_bytes() + view->contents()->encoded.size();
  const std::size_t certificates = 2 + 3 + clean.a.signer->certificate().der.size();
  for (std::size_t i = view->header_bytes(); i < original.size(); ++i) {
    if (i >= contents_end && i < contents_end + certificates) continue;
    Pair pair;
    // The same message, made by the same node with the same numbers.
    pair.on_wire = [&](Side& side, Bytes& bytes) {
      if (&side == &pair.b) bytes[i] ^= 0x10;
      return true;
    };
    ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req, as_bytes("value")));
    pair.deliver();
    EXPECT_TRUE(pair.b.requests.empty()) << "byte " << i;
  }
}

TEST(Proof, AnAnswerFromAnotherNodeIsNoAnswer) {
  Pair pair;
  // b answers for a node that it is not.
  const NodeId third{{3, 3}};
  pair.b.rules.self = third;
  pair.b.connections.put({pair.b.id, link::LinkId{1}});
  ASSERT_TRUE(pair.a.ask({Destination::of(third)}, MessageCode::fetch_req));
  pair.run(seconds(16));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_FALSE(pair.a.heard[0].answered);
  EXPECT_GE(pair.a.transport.counters().rejected_responder, 1u);
}

TEST(Proof, AnAnswerForAResourceMustComeFromNearEnough) {
  Pair pair;
  pair.a.implausible = pair.b.id;
  ASSERT_TRUE(pair.a.ask({Destination::of(ResourceId{pair.b.own})}, MessageCode::fetch_req));
  pair.run(seconds(16));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_FALSE(pair.a.heard[0].answered);
  pair.a.implausible.reset();
  ASSERT_TRUE(pair.a.ask({Destination::of(ResourceId{pair.b.own})}, MessageCode::fetch_req));
  pair.run(seconds(1));
  EXPECT_TRUE(pair.a.heard.back().answered);
}

TEST(Proof, AnErrorFromSomebodyOnTheWayIsAHintAndTwoAreEnough) {
  Pair pair;
  pair.a.implausible = pair.b.id;
  pair.b.refuse_with = wire::ErrorCode::not_found;
  ASSERT_TRUE(pair.a.ask({Destination::of(ResourceId{pair.b.own})}, MessageCode::fetch_req));
  pair.deliver();
  EXPECT_TRUE(pair.a.heard.empty());
  pair.run(seconds(4));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(pair.a.heard[0].code, wire::ErrorCode::not_found);
}

TEST(Proof, AUserCertificateNamesItsNode) {
  Pair pair;
  const auto user = pair.certify({pair.a.id}, "alice");
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req, {}, user.get()));
  pair.deliver();
  ASSERT_EQ(pair.b.askers.size(), 1u);
  EXPECT_EQ(pair.b.askers[0], pair.a.id);
  EXPECT_TRUE(pair.a.heard.at(0).answered);
}

TEST(Proof, ACertificateWithSeveralNodeIdsSignsForOneOfThem) {
  Pair pair;
  const NodeId another{{77, 77}};
  const auto both = pair.certify({another, pair.a.id}, "both");
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req, {}, both.get()));
  pair.deliver();
  ASSERT_EQ(pair.b.askers.size(), 1u);
  EXPECT_EQ(pair.b.askers[0], pair.a.id) << "H(NodeId || certificate)";
}

TEST(Proof, AnotherOverlaysCertificateProvesNothing) {
  Pair pair;
  Rng rng(1, 1);
  const crypto::mock::MockAuthority foreign("other.org", rng);
  crypto::mock::MockStore store(foreign);
  const auto der = foreign.issue({{pair.a.id},
                                  "x@other.org",
                                  begin_of_time - std::chrono::hours(1),
                                  begin_of_time + std::chrono::hours(1)},
                                 1);
  crypto::mock::MockSigner signer(foreign, **store.intern(*der), pair.cost);
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req, {}, &signer));
  pair.deliver();
  EXPECT_TRUE(pair.b.requests.empty());
  EXPECT_EQ(pair.b.transport.counters().rejected_signature, 1u);
}

TEST(Proof, AnExpiredCertificateIsOfNoUse) {
  Pair pair;
  pair.now.wall += std::chrono::hours(2000);
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req));
  pair.deliver();
  EXPECT_TRUE(pair.b.requests.empty());
}

TEST(Proof, ANeighbourThatKnowsTheCertificateIsNotSentItAgain) {
  Pair pair;
  std::vector<std::size_t> sizes;
  pair.on_wire = [&](Side& side, Bytes& bytes) {
    if (&side == &pair.b) sizes.push_back(bytes.size());
    return true;
  };
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req));
    pair.deliver();
  }
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_LT(sizes[1] + crypto::mock::certificate_bytes, sizes[0] + 10);
  EXPECT_EQ(pair.a.heard.size(), 2u);
  // A repetition carries it, for the neighbour may have forgotten it.
  bool lose = true;
  pair.on_wire = [&](Side& side, Bytes& bytes) {
    if (&side == &pair.b) sizes.push_back(bytes.size());
    return !(&side == &pair.b && std::exchange(lose, false));
  };
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::store_req));
  pair.run(seconds(4));
  ASSERT_EQ(sizes.size(), 4u);
  EXPECT_EQ(sizes[3], sizes[0]);
  EXPECT_EQ(pair.a.heard.size(), 3u);
}

TEST(Configuration, AnOlderOneIsToldAndHelped) {
  Pair pair;
  pair.a.settings.sequence = 6;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.deliver();
  EXPECT_TRUE(pair.b.requests.empty());
  EXPECT_EQ(pair.b.older, 1) << "it shall be sent the document";
  EXPECT_EQ(pair.a.newer, 1);
  EXPECT_TRUE(pair.a.heard.empty()) << "the next transmission carries the new number";
  pair.a.settings.sequence = 7;
  pair.run(seconds(4));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_TRUE(pair.a.heard[0].answered);
}

TEST(Configuration, ANewerOneHelpsTheOther) {
  Pair pair;
  pair.a.settings.sequence = 8;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.deliver();
  EXPECT_EQ(pair.a.older, 1);
  EXPECT_EQ(pair.b.newer, 1);
  pair.run(seconds(16));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(pair.a.heard[0].code, wire::ErrorCode::config_too_new);
}

TEST(Configuration, NumbersGoRound) {
  Pair pair;
  pair.a.settings.sequence = 65534;
  pair.b.settings.sequence = 3;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::fetch_req));
  pair.deliver();
  EXPECT_EQ(pair.b.older, 1) << "3 follows 65534";
}

TEST(Configuration, AConfigUpdatePassesWhateverTheNumbers) {
  Pair pair;
  pair.a.settings.sequence = 9;
  ASSERT_TRUE(pair.a.ask(to(pair.b), MessageCode::config_update_req));
  pair.deliver();
  EXPECT_EQ(pair.b.requests.size(), 1u);
}

TEST(Extensions, UnknownCriticalOnesAreNamed) {
  Pair pair;
  const auto ask = [&](std::uint16_t type, bool critical, MessageCode code) {
    const wire::MessageExtension extension[] = {{type, critical, {}, 0}};
    const auto destinations = to(pair.b);
    Outgoing outgoing;
    outgoing.destinations = destinations;
    outgoing.code = code;
    outgoing.extensions = extension;
    ASSERT_TRUE(pair.a.transport.request(pair.now, outgoing));
    pair.deliver();
  };
  ask(0x55, true, MessageCode::ping_req);
  EXPECT_EQ(pair.a.heard.at(0).code, wire::ErrorCode::unknown_extension);
  ask(0x55, false, MessageCode::ping_req);
  EXPECT_TRUE(pair.a.heard.at(1).answered);
  ask(0xF051, true, MessageCode::ping_req);
  EXPECT_TRUE(pair.a.heard.at(2).answered);
  ask(0xF051, true, MessageCode::fetch_req);
  EXPECT_EQ(pair.a.heard.at(3).code, wire::ErrorCode::unknown_extension);
}

// Writes a message as a foreign node would, with options, and lets b have it.
Bytes with_options(Pair& pair, std::vector<wire::ForwardingOption> options) {
  wire::ForwardingHeader header;
  header.overlay = 42;
  header.configuration_sequence = 7;
  header.transaction_id = 99;
  const auto destinations = to(pair.b);
  header.destination_list = destinations;
  header.options = options;
  ByteWriter writer;
  wire::write(writer, wire::MessageContents{MessageCode::fetch_req, {}, {}, 0, {}});
  const Bytes contents = writer.take();
  const Bytes signature = sign_contents(*pair.a.signer, pair.a.id, 42, 99, contents);
  return wire::with_header(header,
                           message_body(contents, {pair.a.signer->certificate().der}, signature));
}

TEST(Options, TheDestinationRefusesCriticalOnesAndCopiesOthers) {
  Pair pair;
  Bytes answer;
  pair.on_wire = [&](Side&, Bytes& bytes) {
    answer = bytes;
    return true;
  };
  pair.b.receive(with_options(pair, {{9, wire::ForwardingOption::destination_critical, {}}}));
  pair.deliver();
  EXPECT_TRUE(pair.b.requests.empty());
  const Bytes value{1, 2, 3};
  pair.b.receive(with_options(pair, {{9, wire::ForwardingOption::response_copy, value}}));
  pair.deliver();
  EXPECT_EQ(pair.b.requests.size(), 1u);
  const auto view = wire::MessageView::parse(answer);
  ASSERT_TRUE(view);
  ASSERT_EQ(view->header().options.size(), 1u);
  EXPECT_EQ(view->header().options.front().flags, 0);
  EXPECT_EQ(to_hex(view->header().options.front().option), "010203");
}

TEST(Refusals, AreNeverLargerThanWhatTheyAnswer) {
  Pair pair;
  wire::ForwardingHeader header;
  header.overlay = 42;
  header.ttl = 200;
  const std::vector<Destination> destinations{Destination::of(pair.b.id)};
  header.destination_list = destinations;
  Bytes body{0, 0x17};
  pair.b.receive(wire::with_header(header, body));
  EXPECT_TRUE(pair.wire.empty()) << "52 bytes cause nothing";
  body.resize(3000);
  const Bytes large = wire::with_header(header, body);
  pair.b.receive(large);
  ASSERT_EQ(pair.wire.size(), 1u);
  EXPECT_LT(pair.wire[0].bytes.size(), large.size());
}

}  // namespace
}  // namespace chordial::transport
