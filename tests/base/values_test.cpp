// Addresses, identifiers, the ring's arithmetic, readers and writers.
#include "base/address.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/node_id.h"
#include "base/rng.h"

namespace chordial {
namespace {

TEST(SocketAddress, ParsesAndPrintsBothFamilies) {
  for (const char* text : {"127.0.0.1:5060", "[2001:db8::1]:65535", "[::]:0"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
  }
  for (const char* text : {"", ":1", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "::1:5", "[1.2.3.4]:5",
                           "a:1", "1.2.3.4:5x"}) {
    EXPECT_FALSE(SocketAddress::parse(text)) << text;
  }
}

TEST(RingPosition, IntervalsWrap) {
  const RingPosition a{0, 10}, b{0, 20}, high{~std::uint64_t{0}, 5};
  EXPECT_TRUE(in_half_open(a, b, b));
  EXPECT_FALSE(in_half_open(a, a, b));
  EXPECT_TRUE(in_half_open(high, a, b));
  EXPECT_TRUE(in_half_open(b, high, a));
  EXPECT_FALSE(in_half_open(b, RingPosition(0, 15), a));
  EXPECT_TRUE(in_half_open(a, a, a));
  EXPECT_TRUE(in_open(a, b, a));
  EXPECT_FALSE(in_open(a, a, a));
  EXPECT_EQ(RingPosition::power_of_two(64) - RingPosition(0, 1),
            RingPosition(0, ~std::uint64_t{0}));
}

TEST(NodeId, HexRoundTrip) {
  const auto id = NodeId::from_hex("00112233445566778899aabbccddeeff");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->hex(), "00112233445566778899aabbccddeeff");
  EXPECT_FALSE(NodeId::from_hex("0011"));
  EXPECT_FALSE(NodeId::from_hex("00112233445566778899aabbccddeeff00"));
}

TEST(ByteReader, ReportsFieldAndOffset) {
  const Bytes bytes{0, 3, 1, 2};
  ByteReader reader(bytes, 100);
  auto inner = reader.sub_reader(2, "list");
  EXPECT_FALSE(reader.ok());
  EXPECT_FALSE(inner.ok());
  EXPECT_EQ(reader.error().text(), "list at byte 102: the bytes end inside this field");
  EXPECT_EQ(reader.u32("later"), 0u);
  EXPECT_STREQ(reader.error().field, "list");
}

TEST(ByteWriter, NestsVectors) {
  ByteWriter writer;
  const auto outer = writer.open(2);
  writer.u8(7);
  writer.vector(1, Bytes{1, 2, 3});
  writer.close(outer, 2);
  EXPECT_EQ(to_hex(writer.view()), "00050703010203");
}

TEST(Rng, IsReproducibleAndBounded) {
  Rng a(1, 2), b(1, 2), c(1, 3);
  EXPECT_EQ(a.u64(), b.u64());
  EXPECT_NE(a.u64(), c.u64());
  for (int i = 0; i < 1000; ++i)
    EXPECT_LT(a.below(7), 7u);
}

TEST(SipHash, AgreesWithThePublishedVector) {
  // Aumasson and Bernstein, appendix A: key 00..0f, input 00..0e.
  Bytes input;
  for (std::uint8_t i = 0; i < 15; ++i)
    input.push_back(i);
  EXPECT_EQ(siphash(0x0706050403020100, 0x0f0e0d0c0b0a0908, input), 0xa129ca6149be45e5);
}

}  // namespace
}  // namespace chordial
