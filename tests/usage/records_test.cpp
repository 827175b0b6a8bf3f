// The two records of this usage: SipRegistration byte by byte as RFC 7904 §3.2 has it, and the
// bindings as they survive a restart.
#include "usage/sip/binding_record.h"
#include "usage/sip/registration_record.h"

namespace chordial::usage {
namespace {

NodeId node(std::uint8_t byte) {
  return *NodeId::from_bytes(Bytes(16, byte));
}

TEST(RegistrationRecord, ARouteIsWrittenAsTheRfcHasIt) {
  const Bytes bytes = encode({{node(0x11)}, {}, {}});
  // type 2, length 22: no contact_prefs, a destination_list of one node.
  EXPECT_EQ(to_hex(bytes),
            "02"
            "0016"
            "0000"
            "0012"
            "01"
            "10"
            "11111111111111111111111111111111");
  const auto record = decode(bytes);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->route, std::vector<NodeId>{node(0x11)});
}

TEST(RegistrationRecord, AForwardingNamesAnAddress) {
  const Bytes bytes = encode({{}, {}, "sam@a.example"});
  EXPECT_EQ(to_hex(bytes),
            "01"
            "000f"
            "000d" +
                to_hex(as_bytes("sam@a.example")));
  const auto record = decode(bytes);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->forward_to, "sam@a.example");
}

TEST(RegistrationRecord, EveryTruncationIsAnError) {
  const Bytes bytes = encode({{node(1), node(2)}, "(sip.schemes=SIP)", {}});
  ASSERT_TRUE(decode(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(ByteView(bytes).first(size))) << size;
  }
  EXPECT_FALSE(decode(*from_hex("0100020000"))) << "an empty address";
  EXPECT_EQ(decode(*from_hex("09000100")).error().kind, ErrorKind::unsupported);
}

class BindingRecord : public testing::Test {
 protected:
  Now now{MonotonicTime(std::chrono::hours(1)), WallTime(std::chrono::seconds(1'900'000'000))};

  sip::Binding binding(sip::TransportKind transport, std::int64_t seconds) const {
    sip::Binding made;
    made.uri = "sip:alice@192.0.2.1:5060";
    made.parameters = ";+sip.instance=\"<urn:uuid:1>\"";
    made.call_id = "c1";
    made.cseq = 7;
    made.q_thousandths = 500;
    made.flow = sip::Flow::udp(*SocketAddress::parse("192.0.2.7:5060"),
                               *SocketAddress::parse("[2001:db8::1]:5062"));
    made.flow.transport = transport;
    made.path = {"<sip:p.example;lr>"};
    made.expires = now.monotonic + std::chrono::seconds(seconds);
    return made;
  }
};

TEST_F(BindingRecord, SurvivesARestartWithAnotherMonotonicClock) {
  const std::vector<sip::Binding> bindings{binding(sip::TransportKind::udp, 600)};
  const Bytes bytes = encode_bindings(now, bindings);
  const Now later{MonotonicTime(std::chrono::seconds(5)), now.wall + std::chrono::seconds(100)};
  const auto read = decode_bindings(later, bytes);
  ASSERT_TRUE(read && read->size() == 1);
  EXPECT_EQ(read->front().uri, bindings[0].uri);
  EXPECT_EQ(read->front().parameters, bindings[0].parameters);
  EXPECT_EQ(read->front().flow, bindings[0].flow);
  EXPECT_EQ(read->front().path, bindings[0].path);
  EXPECT_EQ(read->front().cseq, 7u);
  EXPECT_EQ(read->front().expires - later.monotonic, std::chrono::seconds(500));
}

TEST_F(BindingRecord, TellsWhatExpiredAndForgetsConnections) {
  std::vector<sip::Binding> bindings{binding(sip::TransportKind::udp, 60),
                                     binding(sip::TransportKind::tcp, 600)};
  bindings[1].flow.stream = ports::StreamId{7};
  const Bytes bytes = encode_bindings(now, bindings);
  const Now later{now.monotonic, now.wall + std::chrono::seconds(61)};
  const auto read = decode_bindings(later, bytes);
  ASSERT_TRUE(read && read->size() == 2);
  EXPECT_EQ(read->at(0).expires, later.monotonic - std::chrono::seconds(1));
  EXPECT_EQ(read->at(1).flow.transport, sip::TransportKind::tcp);
  EXPECT_EQ(read->at(1).flow.stream, ports::StreamId{});
}

TEST_F(BindingRecord, EveryTruncationIsAnError) {
  const Bytes bytes =
      encode_bindings(now, std::vector<sip::Binding>{binding(sip::TransportKind::udp, 60)});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_bindings(now, ByteView(bytes).first(size))) << size;
  }
  Bytes other = bytes;
  other[0] = 9;
  EXPECT_EQ(decode_bindings(now, other).error().kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace chordial::usage
