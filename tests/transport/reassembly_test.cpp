// Fragments in every order, twice, overlapping, missing; and a whole message cut by the link.
#include "transport/pair.h"

namespace chordial::transport {
namespace {

using std::chrono::seconds;

const NodeId neighbour{{4, 4}};
const Bytes header{1, 2, 3};

Now at_s(std::int64_t s) {
  return {MonotonicTime(seconds(s)), WallTime{}};
}

Bytes filling(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  return bytes;
}

Fragment piece(ByteView whole, std::uint64_t id, std::size_t from, std::size_t to) {
  return {id,
          neighbour,
          header,
          static_cast<std::uint32_t>(from),
          to == whole.size(),
          whole.subspan(from, to - from)};
}

TEST(Reassembly, EveryOrderOfFourPiecesGivesTheMessage) {
  const Bytes whole = filling(1000);
  std::vector<int> order{0, 1, 2, 3};
  do {
    Reassembly reassembly;
    std::optional<Reassembled> message;
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_FALSE(message);
      const auto k = static_cast<std::size_t>(order[i]);
      message = reassembly.add(at_s(0), piece(whole, 1, k * 250, k * 250 + 250), 65536);
    }
    ASSERT_TRUE(message);
    EXPECT_EQ(message->body, whole);
    EXPECT_EQ(message->header, header);
    EXPECT_EQ(reassembly.messages(), 0u);
    EXPECT_EQ(reassembly.bytes(), 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Reassembly, RandomOverlappingPiecesAgreeWithTheWhole) {
  Rng rng(3, 4);
  for (int round = 0; round < 25; ++round) {
    const Bytes whole = filling(1 + rng.below(3000));
    Reassembly reassembly;
    std::vector<bool> there(whole.size());
    std::optional<Reassembled> message;
    for (int n = 0; n < 500 && !message; ++n) {
      const std::size_t from = rng.below(whole.size());
      const std::size_t to = from + 1 + rng.below(std::min<std::size_t>(900, whole.size() - from));
      for (std::size_t i = from; i < to; ++i)
        there[i] = true;
      message = reassembly.add(at_s(0), piece(whole, 9, from, to), 65536);
      const bool all = std::all_of(there.begin(), there.end(), [](bool b) { return b; });
      // The header comes with offset 0, the length with the last byte: both are in `there`.
      EXPECT_EQ(message.has_value(), all);
    }
    if (message) {
      EXPECT_EQ(message->body, whole);
    }
  }
}

TEST(Reassembly, AContradictionBeginsAnew) {
  const Bytes old = filling(600);
  Bytes now = old;
  now[100] ^= 1;
  Reassembly reassembly;
  EXPECT_FALSE(reassembly.add(at_s(0), piece(old, 1, 0, 300), 65536));
  EXPECT_FALSE(reassembly.add(at_s(0), piece(now, 1, 0, 300), 65536));
  const auto message = reassembly.add(at_s(0), piece(now, 1, 300, 600), 65536);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body, now);
}

TEST(Reassembly, AnotherLengthBeginsAnew) {
  const Bytes shorter = filling(500);
  const Bytes longer = filling(800);
  Reassembly reassembly;
  EXPECT_FALSE(reassembly.add(at_s(0), piece(shorter, 1, 250, 500), 65536));
  EXPECT_FALSE(reassembly.add(at_s(0), piece(longer, 1, 400, 800), 65536));
  const auto message = reassembly.add(at_s(0), piece(longer, 1, 0, 400), 65536);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body, longer);
}

TEST(Reassembly, AMissingPieceIsForgottenAfter15Seconds) {
  const Bytes whole = filling(600);
  Reassembly reassembly;
  EXPECT_FALSE(reassembly.add(at_s(0), piece(whole, 1, 0, 300), 65536));
  EXPECT_EQ(reassembly.next_expiry(), at_s(15).monotonic);
  reassembly.expire(at_s(15));
  EXPECT_EQ(reassembly.messages(), 0u);
  EXPECT_FALSE(reassembly.add(at_s(16), piece(whole, 1, 300, 600), 65536));
}

TEST(Reassembly, KeepsToItsLimits) {
  const Bytes whole = filling(60'000);
  Reassembly reassembly;
  EXPECT_FALSE(reassembly.add(at_s(0), piece(whole, 1, 50'000, 60'000), 55'000));
  EXPECT_EQ(reassembly.messages(), 0u) << "above max-message-size";
  for (std::uint64_t id = 1; id <= 100; ++id) {
    Fragment fragment = piece(whole, id, 59'000, 60'000);
    fragment.neighbour = NodeId{{id % 50, 0}};
    (void)reassembly.add(at_s(0), fragment, 65536);
  }
  EXPECT_LE(reassembly.messages(), reassembly_messages_max);
  EXPECT_LE(reassembly.bytes(), reassembly_bytes_max);
  Reassembly one;
  for (std::uint64_t id = 1; id <= 100; ++id)
    (void)one.add(at_s(0), piece(whole, id, 0, 100), 65536);
  EXPECT_EQ(one.messages(), reassembly_messages_per_neighbour_max);
}

TEST(Fragments, GoThroughTheWholeTransport) {
  Pair pair;
  pair.a.link_bytes = pair.b.link_bytes = 700;
  pair.b.answer_bytes = 9000;
  // Pieces arrive last first.
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(pair.a.ask({wire::Destination::of(pair.b.id)}, wire::MessageCode::store_req,
                           filling(5000)));
    EXPECT_GT(pair.wire.size(), 5u);
    std::reverse(pair.wire.begin(), pair.wire.end());
    auto again = pair.wire.front();
    pair.wire.insert(pair.wire.begin(), again);
    pair.deliver();
  }
  ASSERT_EQ(pair.a.heard.size(), 2u);
  EXPECT_EQ(pair.a.heard[1].body.size(), 9000u);
}

TEST(Fragments, OneLostPieceIsRepairedByTheRepetition) {
  Pair pair;
  pair.a.link_bytes = 700;
  ASSERT_TRUE(
      pair.a.ask({wire::Destination::of(pair.b.id)}, wire::MessageCode::store_req, filling(5000)));
  pair.wire.erase(pair.wire.begin() + 3);
  pair.run(seconds(4));
  ASSERT_EQ(pair.a.heard.size(), 1u);
  EXPECT_TRUE(pair.a.heard[0].answered);
}

}  // namespace
}  // namespace chordial::transport
