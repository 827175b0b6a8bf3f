// What answers may and must be (RFC 6940 §6.3.2, §6.3.3), and what is counted where pieces go.
#include <gtest/gtest.h>
#include <set>

#include "transport/pair.h"

namespace chordial::transport {
namespace {

using wire::Destination;
using wire::MessageCode;

// A message signed by `from` as a foreign node would write it.
Bytes written_by(Side& from, wire::ForwardingHeader header, const Destination& to,
                 const wire::MessageContents& contents) {
  header.overlay = 42;
  header.configuration_sequence = 7;
  header.destination_list = std::span(&to, 1);
  ByteWriter writer;
  wire::write(writer, contents);
  const Bytes signature =
      sign_contents(*from.signer, from.id, 42, header.transaction_id, writer.view());
  return wire::with_header(
      header, message_body(writer.view(), {from.signer->certificate().der}, signature));
}

struct Counts final : CounterVisitor {
  explicit Counts(const Transport& transport) { transport.count(*this); }
  void counter(const char* name, std::uint64_t value) override { values[name] = value; }
  void gauge(const char* name, std::uint64_t value) override { values[name] = value; }
  std::map<std::string, std::uint64_t> values;
};

// §6.3.3: what is critical and not understood is not processed; an answer cannot be refused.
TEST(AnswerRules, AnAnswerWithACriticalExtensionNobodyKnowsIsNoAnswer) {
  Pair pair;
  pair.b.keep_replies = true;
  const auto id = pair.a.ask({Destination::of(pair.b.id)}, MessageCode::fetch_req);
  ASSERT_TRUE(id);
  pair.deliver();
  wire::ForwardingHeader header;
  header.transaction_id = *id;
  for (const bool critical : {true, false}) {
    const wire::MessageExtension extension[] = {{0x55, critical, {}, 0}};
    const wire::MessageContents answer{MessageCode::fetch_ans,
                                       as_bytes("x"),
                                       std::span<const wire::MessageExtension>(extension),
                                       0,
                                       {}};
    pair.a.receive(written_by(pair.b, header, Destination::of(pair.a.id), answer));
    EXPECT_EQ(pair.a.heard.size(), critical ? 0u : 1u);
  }
  EXPECT_TRUE(pair.a.heard.at(0).answered);
  EXPECT_EQ(Counts(pair.a.transport).values["transport_rejected_extension"], 1u);
}

// §6.3.2: to the byte, whatever the answer is made of.
TEST(AnswerRules, AnAnswerNeverExceedsWhatTheRequesterAllows) {
  const auto answer_to_limit = [](std::uint32_t limit) {
    Pair pair;
    pair.b.answer_bytes = 500;
    Bytes answer;
    pair.on_wire = [&](Side&, Bytes& bytes) {
      answer = bytes;
      return false;
    };
    wire::ForwardingHeader header;
    header.transaction_id = 99;
    header.max_response_length = limit;
    const std::vector<Destination> via{Destination::of(NodeId{{5, 5}}), Destination::compressed(3)};
    header.via_list = via;
    pair.b.receive(written_by(pair.a, header, Destination::of(pair.b.id),
                              {MessageCode::fetch_req, {}, {}, 0, {}}));
    pair.deliver();
    return answer;
  };
  const auto code_of_answer = [](const Bytes& answer) {
    const auto view = wire::MessageView::parse(answer);
    return view ? view->contents()->message_code : MessageCode::invalid;
  };
  const Bytes unlimited = answer_to_limit(0);
  EXPECT_EQ(code_of_answer(unlimited), MessageCode::fetch_ans);
  const auto size = static_cast<std::uint32_t>(unlimited.size());
  EXPECT_EQ(code_of_answer(answer_to_limit(size)), MessageCode::fetch_ans);
  const Bytes refused = answer_to_limit(size - 1);
  ASSERT_EQ(code_of_answer(refused), MessageCode::error);
  const auto view = wire::MessageView::parse(refused);
  const auto error = wire::parse_body<wire::ErrorResponse>(*view->contents());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->error_code, wire::ErrorCode::response_too_large);
  // And an answer asks for no limit itself.
  EXPECT_EQ(wire::MessageView::parse(unlimited)->header().max_response_length, 0u);
}

// §6.3.3.1: error_info is there to aid in debugging.
TEST(AnswerRules, AnErrorSaysInWordsWhatIsWrong) {
  for (std::uint16_t number = 2; number <= 0x14; ++number) {
    const auto code = static_cast<wire::ErrorCode>(number);
    const bool structure = code == wire::ErrorCode::unknown_kind ||
                           code == wire::ErrorCode::generation_counter_too_low;
    const bool unused = code == wire::ErrorCode::exp_a || code == wire::ErrorCode::exp_b;
    EXPECT_EQ(*description_of(code) == '\0', structure || unused) << number;
  }
  Pair pair;
  pair.b.keep_replies = true;
  ASSERT_TRUE(pair.a.ask({Destination::of(pair.b.id)}, MessageCode::fetch_req));
  pair.deliver();
  pair.b.transport.refuse(pair.now, pair.b.replies.at(0), wire::ErrorCode::forbidden);
  pair.deliver();
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_EQ(as_text(pair.a.heard[0].body), description_of(wire::ErrorCode::forbidden));
}

// §6.3.3.1: the code after the request's, or error; never another.
TEST(AnswerRules, AnAnswerToAnotherMethodIsNoAnswer) {
  Pair pair;
  pair.b.keep_replies = true;
  const auto id = pair.a.ask({Destination::of(pair.b.id)}, MessageCode::fetch_req);
  pair.deliver();
  wire::ForwardingHeader header;
  header.transaction_id = *id;
  const auto answer = [&](MessageCode code, ByteView body) {
    pair.a.receive(written_by(pair.b, header, Destination::of(pair.a.id), {code, body, {}, 0, {}}));
    return pair.a.heard.size();
  };
  EXPECT_EQ(answer(MessageCode::stat_ans, {}), 0u);
  EXPECT_EQ(answer(MessageCode::error, as_bytes("no ErrorResponse")), 0u);
  EXPECT_EQ(Counts(pair.a.transport).values["transport_rejected_malformed"], 2u);
  EXPECT_EQ(answer(MessageCode::fetch_ans, {}), 1u);
}

// §6.3.2: ttl, sequence and ids as the overlay and chance have them.
TEST(AnswerRules, RequestsBeginWithTheOverlaysTtlAndIdsByChance) {
  Pair pair;
  pair.a.settings.initial_ttl = 33;
  std::set<std::uint64_t> ids;
  pair.on_wire = [&](Side&, Bytes& bytes) {
    const auto view = wire::MessageView::parse(bytes);
    EXPECT_TRUE(view);
    if (!view) return false;
    EXPECT_EQ(view->header().ttl, 33);
    EXPECT_EQ(view->header().configuration_sequence, 7);
    EXPECT_EQ(view->header().fragment, wire::fragment_only) << "reserved bits are zero";
    ids.insert(view->header().transaction_id);
    return false;
  };
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(pair.a.ask({Destination::of(pair.b.id)}, MessageCode::fetch_req));
  pair.deliver();
  EXPECT_EQ(ids.size(), 100u);
  std::uint64_t all_bits = 0, no_bits = ~std::uint64_t{0};
  for (const std::uint64_t id : ids) {
    all_bits |= id;
    no_bits &= id;
  }
  EXPECT_EQ(all_bits, ~std::uint64_t{0});
  EXPECT_EQ(no_bits, 0u);
}

// §6.7: whatever goes, and why, is counted.
TEST(AnswerRules, LostPiecesAreCountedByWhatBecameOfThem) {
  const Bytes body(600, 0x11), other(600, 0x22), header{1, 2, 3};
  Reassembly reassembly;
  const auto add = [&](std::int64_t second, std::uint64_t id, std::uint64_t from,
                       std::uint32_t offset, bool last, ByteView bytes, std::size_t most = 5000) {
    return reassembly
        .add({MonotonicTime(std::chrono::seconds(second)), WallTime{}},
             {id, NodeId{{from, 0}}, header, offset, last, bytes}, most)
        .has_value();
  };
  EXPECT_FALSE(add(0, 1, 1, 0, false, {}));
  EXPECT_FALSE(add(0, 1, 1, 4000, false, body, 4500));
  EXPECT_EQ(reassembly.drops().malformed, 2u);
  EXPECT_FALSE(add(0, 1, 1, 0, false, body));
  EXPECT_FALSE(add(0, 1, 1, 300, false, other));
  EXPECT_EQ(reassembly.drops().restarted, 1u);
  EXPECT_FALSE(add(20, 2, 1, 0, false, body));
  EXPECT_EQ(reassembly.drops().expired, 1u);
  for (std::uint64_t id = 3; id < 3 + reassembly_messages_per_neighbour_max; ++id)
    EXPECT_FALSE(add(20, id, 1, 0, false, body));
  EXPECT_EQ(reassembly.drops().limit, 1u);
  EXPECT_TRUE(add(21, 2, 1, 600, true, body)) << "what was begun can be ended";
}

}  // namespace
}  // namespace chordial::transport
