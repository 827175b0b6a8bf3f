#include "sip/proxy/flow_token.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

SocketAddress address(const char* text) {
  return *SocketAddress::parse(text);
}

TEST(FlowTokens, OpensWhatItSealed) {
  const FlowTokens tokens(1, 2);
  const Flow udp = Flow::udp(address("192.0.2.1:5060"), address("198.51.100.1:40000"));
  const Flow tls =
      Flow::over_stream(TransportKind::tls, ports::StreamId{ports::accepted_stream_bit | 7},
                        address("[2001:db8::1]:5061"), address("[2001:db8::2]:9"));
  for (const std::vector<Flow>& flows :
       {std::vector{udp}, std::vector{tls}, std::vector{udp, tls}, std::vector{tls, tls}}) {
    const std::string token = tokens.seal(flows, "call");
    EXPECT_LE(token.size(), 200u);
    EXPECT_EQ(tokens.open(token, "call"), flows);
    EXPECT_FALSE(tokens.open(token, "another call"));
    EXPECT_FALSE(FlowTokens(1, 3).open(token, "call"));
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string altered = token;
      altered[i] = altered[i] == '0' ? '1' : '0';
      EXPECT_FALSE(tokens.open(altered, "call")) << i;
    }
  }
  EXPECT_FALSE(tokens.open("", "call"));
  EXPECT_FALSE(tokens.open("bob", "call"));
  EXPECT_FALSE(tokens.open(std::string(5000, 'a'), "call"));
}

TEST(DialogBinding, SameForBothDirections) {
  const OwnNames names("dht.example", NodeId{{0, 1}}, {}, {address("192.0.2.1:5060")});
  const auto binding = [&](const char* from, const char* to) {
    const std::string text = std::string("BYE sip:x@y SIP/2.0\r\nFrom: ") + from + "\r\nTo: " + to +
                             "\r\nCall-ID: c\r\n\r\n";
    return dialog_binding(*Message::parse(as_bytes(text)), names).value();
  };
  const std::string there = binding("<sip:alice@dht.example>;tag=1", "<sip:bob@dht.example>");
  EXPECT_EQ(there, binding("Bob <sip:bob@DHT.example>;tag=2", "<sip:alice@192.0.2.1:5060>;tag=1"));
  EXPECT_NE(there, binding("<sip:carol@dht.example>;tag=1", "<sip:bob@dht.example>"));
}

}  // namespace
}  // namespace chordial::sip
