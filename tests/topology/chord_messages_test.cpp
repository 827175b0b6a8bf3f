// The bytes of RFC 6940 §10.7, §10.8, §10.9, laid out by hand from the structures there.
#include "topology/chord/messages.h"

namespace chordial::topology::chord {
namespace {

const NodeId a{{0x0011223344556677, 0x8899aabbccddeeff}};
const NodeId b{{0, 2}};
const NodeId c{{0xffffffffffffffff, 0xfffffffffffffffe}};

const std::string a_hex = "00112233445566778899aabbccddeeff";
const std::string b_hex = "00000000000000000000000000000002";
const std::string c_hex = "fffffffffffffffffffffffffffffffe";

TEST(ChordUpdate, PeerReadyIsUptimeAndType) {
  const Bytes bytes = encode_peer_ready(0x01020304);
  EXPECT_EQ(to_hex(bytes), "0102030401");
  const auto update = decode_update(bytes);
  ASSERT_TRUE(update);
  EXPECT_EQ(update->uptime_s, 0x01020304U);
  EXPECT_EQ(update->type, UpdateType::peer_ready);
  EXPECT_TRUE(update->predecessors.empty() && update->successors.empty());
}

TEST(ChordUpdate, NeighborsIsTwoLists) {
  const Bytes bytes = encode_neighbors(60, {a, b}, {c});
  EXPECT_EQ(to_hex(bytes),
            "0000003c02"
            "0020" +
                a_hex + b_hex + "0010" + c_hex);
  const auto update = decode_update(bytes);
  ASSERT_TRUE(update);
  EXPECT_EQ(update->type, UpdateType::neighbors);
  ASSERT_EQ(update->predecessors.size(), 2U);
  EXPECT_EQ(update->predecessors[1], b);
  ASSERT_EQ(update->successors.size(), 1U);
  EXPECT_TRUE(update->successors.contains(c));
  EXPECT_FALSE(update->successors.contains(a));
}

TEST(ChordUpdate, FullIsThreeLists) {
  const Bytes bytes = encode_full(0, {}, {a}, {b, c});
  EXPECT_EQ(to_hex(bytes),
            "0000000003"
            "0000"
            "0010" +
                a_hex + "0020" + b_hex + c_hex);
  const auto update = decode_update(bytes);
  ASSERT_TRUE(update);
  EXPECT_EQ(update->type, UpdateType::full);
  EXPECT_TRUE(update->predecessors.empty());
  EXPECT_EQ(update->fingers[1], c);
}

TEST(ChordRouteQueryAns, IsOneNodeId) {
  EXPECT_EQ(to_hex(encode_route_query_answer(a)), a_hex);
  EXPECT_EQ(decode_route_query_answer(*from_hex(a_hex)).value(), a);
  EXPECT_FALSE(decode_route_query_answer(*from_hex(a_hex + "00")));
  EXPECT_FALSE(decode_route_query_answer({}));
}

TEST(ChordLeaveData, NamesItsSide) {
  const Bytes from_successor = encode_leave(LeaveType::from_successor, {a});
  EXPECT_EQ(to_hex(from_successor), "010010" + a_hex);
  const Bytes from_predecessor = encode_leave(LeaveType::from_predecessor, {b, c});
  EXPECT_EQ(to_hex(from_predecessor), "020020" + b_hex + c_hex);
  const auto leave = decode_leave(from_predecessor);
  ASSERT_TRUE(leave);
  EXPECT_EQ(leave->type, LeaveType::from_predecessor);
  EXPECT_EQ(leave->nodes[0], b);
}

struct Bad {
  const char* hex;
  const char* error;
};

TEST(ChordUpdate, RefusesWhatBreaksTheGrammar) {
  for (const Bad& bad : {
           Bad{"", "uptime at byte 0: the bytes end inside this field"},
           Bad{"00000000", "type at byte 4: the bytes end inside this field"},
           Bad{"0000000000", "type at byte 5: no ChordUpdateType"},
           Bad{"0000000004", "type at byte 5: no ChordUpdateType"},
           Bad{"000000000100", "ChordUpdate at byte 5: "},
           Bad{"0000000002", "predecessors at byte 5: the bytes end inside this field"},
           Bad{"00000000020001ff0000", "predecessors at byte 8: no whole number of Node-IDs"},
           Bad{"000000000200000000ff", "ChordUpdate at byte 9: "},
           Bad{"0000000003000000000010ff", "fingers at byte 11: the bytes end inside this field"},
       }) {
    const auto update = decode_update(*from_hex(bad.hex));
    ASSERT_FALSE(update) << bad.hex;
    EXPECT_EQ(update.error().text().substr(0, std::string(bad.error).size()), bad.error) << bad.hex;
  }
}

TEST(ChordLeaveData, RefusesWhatBreaksTheGrammar) {
  for (const char* hex : {"", "00", "030000", "01", "010001", "01000100", "02000000"})
    EXPECT_FALSE(decode_leave(*from_hex(hex))) << hex;
}

}  // namespace
}  // namespace chordial::topology::chord
