// Fragments as RFC 6940 §6.7 wants them.
#include "forwarding/bench.h"
#include "forwarding/fragments.h"

namespace chordial::forwarding {
namespace {

using wire::Destination;

// The pieces' bodies by offset, as a receiver would put them together.
Bytes assemble(const std::vector<BenchLinks::Sent>& pieces, std::size_t whole) {
  Bytes body(whole);
  std::size_t lasts = 0;
  for (const auto& piece : pieces) {
    const auto view = wire::MessageView::parse(piece.bytes);
    EXPECT_TRUE(view) << "length and token hold in every piece";
    if (!view) return {};
    std::copy(view->body().begin(), view->body().end(),
              body.begin() + view->header().fragment_offset());
    lasts += view->header().is_last_fragment() ? 1 : 0;
  }
  EXPECT_EQ(lasts, 1u);
  return body;
}

TEST(Fragments, AreEqualAndFitTheLink) {
  for (const std::size_t size : {1000u, 1163u, 1164u, 5000u, 60'000u}) {
    Bench bench;
    bench.links.bytes_max = 1163;
    Message message({Destination::of(node(3))}, wire::MessageCode::ping_req, size);
    bench.receive(message.bytes());
    const auto& sent = bench.links.sent;
    ASSERT_FALSE(sent.empty());
    EXPECT_EQ(to_hex(assemble(sent, size)), to_hex(message.body)) << size;
    for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
      EXPECT_EQ(sent[i].bytes.size(), sent[0].bytes.size());
      EXPECT_LE(sent[i].bytes.size(), 1163u - fragment_slack_bytes);
    }
  }
}

TEST(Fragments, CanBeCutAgainOnTheWay) {
  Bench first;
  first.links.bytes_max = 3000;
  Message message({Destination::of(node(3))}, wire::MessageCode::ping_req, 8000);
  first.receive(message.bytes());
  ASSERT_GT(first.links.sent.size(), 2u);
  Bench second;
  second.links.bytes_max = 700;
  for (const auto& piece : first.links.sent)
    second.receive(piece.bytes, 4);
  EXPECT_GT(second.links.sent.size(), first.links.sent.size());
  EXPECT_EQ(to_hex(assemble(second.links.sent, 8000)), to_hex(message.body));
}

TEST(Fragments, HoldAtLeast256BytesOfTheBody) {
  const auto plan = FragmentPlan::of(2000, 300, 600);
  ASSERT_TRUE(plan);
  // With 32 bytes of slack it would be seven pieces of 243; without, six.
  EXPECT_EQ(plan->count, 6u);
  EXPECT_EQ(plan->body_bytes, 284u);
  EXPECT_FALSE(FragmentPlan::of(2000, 400, 600)) << "no room for header and 256 bytes";
}

TEST(Fragments, OfOthersNeverCauseErrors) {
  Bench bench;
  Message message({Destination::of(node(3))}, wire::MessageCode::ping_req);
  message.header.fragment = wire::fragment_high_bit | 400;
  message.header.ttl = 0;
  bench.receive(message.bytes());
  EXPECT_TRUE(bench.handler.refused.empty());
}

}  // namespace
}  // namespace chordial::forwarding
