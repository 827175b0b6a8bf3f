// What the answers to REGISTER hold (RFC 3261 §10.3 step 8, RFC 3327).
#include <gtest/gtest.h>

#include "sip_proxy/phone.h"

namespace chordial::sip::test {
namespace {

class Registering : public testing::Test {
 protected:
  std::string answer(const std::string& extra) {
    alice.start("REGISTER", "sip:dht.example",
                "Contact: <sip:alice@198.51.100.1:5070>\r\n" + extra);
    return alice.take("SIP/2.0");
  }
  World world;
  Node& node = world.add_node("192.0.2.1:5060");
  Phone& alice = world.add_phone("alice", node, "198.51.100.1:5070");
};

TEST_F(Registering, AnswersHaveNoRecordRoute) {
  const std::string ok = answer("Record-Route: <sip:elsewhere@192.0.2.9;lr>\r\n");
  EXPECT_EQ(ok.substr(0, 11), "SIP/2.0 200");
  EXPECT_EQ(header(ok, HeaderName::record_route), "");
  EXPECT_NE(header(ok, HeaderName::date), "");
}

TEST_F(Registering, TooBriefNamesTheMinimum) {
  const std::string refusal = answer("Expires: 5\r\n");
  EXPECT_EQ(refusal.substr(0, 11), "SIP/2.0 423");
  EXPECT_EQ(header(refusal, HeaderName::min_expires), "60");
}

TEST_F(Registering, UnknownExtensionsAreNamed) {
  const std::string refusal = answer("Require: path, teleport\r\n");
  EXPECT_EQ(refusal.substr(0, 11), "SIP/2.0 420");
  EXPECT_EQ(header(refusal, HeaderName::unsupported), "teleport");
}

TEST_F(Registering, ThePathComesBack) {
  const std::string ok = answer("Path: <sip:edge@198.51.100.9;lr>\r\nSupported: path\r\n");
  EXPECT_EQ(header(ok, HeaderName::path), "<sip:edge@198.51.100.9;lr>");
}

}  // namespace
}  // namespace chordial::sip::test
