#include "sip/proxy/flow_token.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

SocketAddress address(const char* text) {
  return *SocketAddress::parse(text);
}

const Flow udp = Flow::udp(address("192.0.2.1:5060"), address("198.51.100.1:40000"));
const Flow tls =
    Flow::over_stream(TransportKind::tls, ports::StreamId{ports::accepted_stream_bit | 7},
                      address("[2001:db8::1]:5061"), address("[2001:db8::2]:9"));
const DialogNames invite{"call", "alice@x", "a1", "bob@x", {}};
const DialogNames answer{"call", "alice@x", "a1", "bob@x", "b1"};
const DialogNames from_caller = answer;
const DialogNames from_callee{"call", "bob@x", "b1", "alice@x", "a1"};

TEST(FlowTokens, EachEndOpensItsOwn) {
  const FlowTokens tokens(1, 2);
  for (const DialogFlows& flows :
       {DialogFlows{udp, {}}, DialogFlows{{}, tls}, DialogFlows{udp, tls}, DialogFlows{tls, tls}}) {
    const std::string callee = tokens.for_callee(flows, invite);
    const std::string caller = tokens.for_caller(callee, answer).value();
    EXPECT_LE(callee.size(), 202u);
    const auto by_callee = tokens.open(callee, from_callee);
    ASSERT_TRUE(by_callee);
    EXPECT_EQ(by_callee->flows, flows);
    EXPECT_EQ(by_callee->near(), flows.callee);
    EXPECT_EQ(by_callee->far(), flows.caller);
    const auto by_caller = tokens.open(caller, from_caller);
    ASSERT_TRUE(by_caller);
    EXPECT_EQ(by_caller->near(), flows.caller);
    EXPECT_EQ(by_caller->far(), flows.callee);
    EXPECT_FALSE(tokens.open(callee, from_caller)) << "the callee's token in the caller's hand";
    EXPECT_FALSE(tokens.open(caller, from_callee));
    EXPECT_FALSE(tokens.for_caller(caller, answer)) << "only once";
    EXPECT_FALSE(FlowTokens(1, 3).open(callee, from_callee)) << "another node, or a restart";
  }
}

TEST(FlowTokens, AnyOtherDialogOpensNothing) {
  const FlowTokens tokens(1, 2);
  const std::string callee = tokens.for_callee({udp, tls}, invite);
  const std::string caller = tokens.for_caller(callee, answer).value();
  for (const DialogNames& forged : {DialogNames{"other", "alice@x", "a1", "bob@x", "b1"},
                                    DialogNames{"call", "carol@x", "a1", "bob@x", "b1"},
                                    DialogNames{"call", "alice@x", "made-up", "bob@x", "b1"},
                                    DialogNames{"call", "alice@x", "a1", "carol@x", "b1"},
                                    DialogNames{"call", "alice@x", "a1", "bob@x", "made-up"}})
    EXPECT_FALSE(tokens.open(caller, forged));
  for (const DialogNames& forged : {DialogNames{"other", "bob@x", "b1", "alice@x", "a1"},
                                    DialogNames{"call", "carol@x", "b1", "alice@x", "a1"},
                                    DialogNames{"call", "bob@x", "b1", "alice@x", "made-up"}})
    EXPECT_FALSE(tokens.open(callee, forged));
  EXPECT_FALSE(tokens.for_caller(callee, invite)) << "no To tag";
  EXPECT_FALSE(tokens.for_caller(callee, {"call", "alice@x", "a2", "bob@x", "b1"}));
}

TEST(FlowTokens, AlteredOnesOpenNothing) {
  const FlowTokens tokens(1, 2);
  const std::string token = tokens.for_callee({udp, tls}, invite);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == '0' ? '1' : '0';
    EXPECT_FALSE(tokens.open(altered, from_callee)) << i;
    EXPECT_FALSE(tokens.open(altered, from_caller)) << i;
  }
  for (const std::string& text : {std::string(), std::string("bob"), std::string(5000, 'a')})
    EXPECT_FALSE(tokens.open(text, from_callee));
}

TEST(DialogNames, AreCanonical) {
  const OwnNames names("dht.example", NodeId{{0, 1}}, {}, {address("192.0.2.1:5060")});
  const std::string text =
      "BYE sip:x@y SIP/2.0\r\nFrom: Bob <sip:bob@DHT.example>;tag=2\r\nTo: "
      "<sip:alice@192.0.2.1:5060>;tag=1\r\nCall-ID: c\r\n\r\n";
  const auto message = Message::parse(as_bytes(text));
  const auto dialog = DialogNames::of(*message, names);
  ASSERT_TRUE(dialog.has_value());
  EXPECT_EQ(dialog->from, "bob@dht.example");
  EXPECT_EQ(dialog->from_tag, "2");
  EXPECT_EQ(dialog->to, "alice@dht.example");
  EXPECT_EQ(dialog->to_tag, "1");
}

}  // namespace
}  // namespace chordial::sip
