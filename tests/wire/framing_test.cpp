// Frames of a link (RFC 6940 §6.6.2).
#include "wire/framing.h"

#include "wire/golden.h"

namespace chordial::wire::test {
namespace {

TEST(Framing, DataAndAckByHand) {
  FramedMessage data;
  data.sequence = 0x01020304;
  const Bytes message{0xde, 0xad};
  data.message = message;
  EXPECT_EQ(to_hex(body_of(data)), to_hex(hex("80 01020304 000002 dead")));
  FramedMessage ack;
  ack.is_ack = true;
  ack.sequence = 7;
  ack.received = 0x0000000e;
  EXPECT_EQ(to_hex(body_of(ack)), to_hex(hex("81 00000007 0000000e")));
}

TEST(Framing, ReadsFramesOneAfterTheOther) {
  const Bytes bytes = hex("81 00000007 0000000e  80 00000001 000000  80 00000002 000001 ff");
  ByteReader reader(bytes);
  FramedMessage frame;
  read(reader, frame);
  EXPECT_TRUE(frame.is_ack);
  EXPECT_EQ(frame.received, 0xeu);
  read(reader, frame);
  EXPECT_FALSE(frame.is_ack);
  EXPECT_TRUE(frame.message.empty());
  EXPECT_EQ(frame.received, 0u);
  read(reader, frame);
  EXPECT_EQ(frame.sequence, 2u);
  EXPECT_EQ(to_hex(frame.message), "ff");
  EXPECT_TRUE(reader.ok() && reader.done());
}

TEST(Framing, CutsAndForeignTypesAreErrors) {
  for (const Bytes& whole : {hex("81 00000007 0000000e"), hex("80 00000001 000002 dead")}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      ByteReader reader(ByteView(whole).first(size));
      FramedMessage frame;
      read(reader, frame);
      ASSERT_FALSE(reader.ok());
      EXPECT_EQ(reader.error().kind, ErrorKind::truncated);
      EXPECT_LE(reader.error().offset, size);
    }
  }
  for (const char* foreign : {"00", "7f", "82", "ff"}) {
    const auto parsed = parse_value<FramedMessage>(hex(foreign));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed);
    EXPECT_EQ(parsed.error().offset, 0u);
  }
}

TEST(Framing, TheMaskCountsBackFromTheAcknowledged) {
  FramedMessage ack;
  ack.is_ack = true;
  ack.sequence = 2;  // so that it wraps
  ack.received = (1u << 1) | (1u << 5) | (1u << 31);
  EXPECT_TRUE(acknowledges(ack, 2));
  EXPECT_TRUE(acknowledges(ack, 1));
  EXPECT_FALSE(acknowledges(ack, 0));
  EXPECT_TRUE(acknowledges(ack, 0xfffffffd));
  EXPECT_TRUE(acknowledges(ack, static_cast<std::uint32_t>(2 - 31)));
  EXPECT_FALSE(acknowledges(ack, static_cast<std::uint32_t>(2 - 32)));
  EXPECT_FALSE(acknowledges(ack, 3)) << "from the future";
}

}  // namespace
}  // namespace chordial::wire::test
