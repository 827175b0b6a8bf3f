// Header values: what RFC 3261 §20 and §25.1 allow, what is refused, and where.
#include "sip/message/values.h"

#include "sip/message/header_name.h"
#include "sip/message/syntax.h"

namespace chordial::sip {
namespace {

TEST(Values, NameAddress) {
  const auto named =
      NameAddress::parse("\"Mr. \\\"W\\\", <x>\" <sip:w@b;lr>;tag=a48s;q=0.7;expires=60", "From");
  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(unquote(named->display_name), "Mr. \"W\", <x>");
  EXPECT_EQ(named->uri.text, "sip:w@b;lr");
  EXPECT_EQ(named->tag(), "a48s");
  EXPECT_EQ(named->q_thousandths(), 700);
  EXPECT_EQ(named->expires_s(), 60U);
  const auto bare = NameAddress::parse("sip:w@b;tag=1", "From");
  ASSERT_TRUE(bare.has_value());
  EXPECT_TRUE(bare->uri.parameters.empty());
  EXPECT_EQ(bare->tag(), "1");
  EXPECT_TRUE(NameAddress::parse("*", "Contact")->star);
  EXPECT_EQ(NameAddress::parse("A. G. Bell <sip:a@b>", "To")->display_name, "A. G. Bell");
  EXPECT_EQ(NameAddress::parse("<sip:a@b>;+sip.instance=\"<urn:uuid:0;1>\";reg-id=1", "Contact")
                ->parameters.value("reg-id"),
            "1");
}

TEST(Values, NameAddressRefusals) {
  for (const char* text : {"", "\"open <sip:a@b>", "\"x\" sip:a@b", "<sip:a@b", "<sip:a@b>x",
                           "<sip:a@b>;;", "<sip:a@b>;tag=1;tag=2", "a,b <sip:a@b>", "sip:a@b?x=y",
                           "sip:a,b@c", "< sip:a@b>", "<sip:a@b>;x=\"open", "<>"}) {
    EXPECT_FALSE(NameAddress::parse(text, "To").has_value()) << text;
  }
  const auto bad = NameAddress::parse("X <sip:a@b:99999>", "To", 10);
  EXPECT_EQ(bad.error().text(), "To at byte 19: not a host and port");
}

TEST(Values, QualityAndExpiryOutOfTheirRange) {
  const auto q = [](std::string_view value) {
    return NameAddress::parse("<sip:a@b>;q=" + std::string(value), "Contact")->q_thousandths();
  };
  EXPECT_EQ(q("0"), 0);
  EXPECT_EQ(q("1"), 1000);
  EXPECT_EQ(q("1.0"), 1000);
  EXPECT_EQ(q("0.5"), 500);
  EXPECT_EQ(q("0.001"), 1);
  EXPECT_EQ(q("0.0001"), 1000);  // malformed
  EXPECT_EQ(q("2"), 1000);
  EXPECT_EQ(q("1.9"), 1000);
  const auto expires = [](std::string_view value) {
    return NameAddress::parse("<sip:a@b>;expires=" + std::string(value), "Contact")->expires_s();
  };
  EXPECT_EQ(expires("4294967295"), 0xffffffffU);
  EXPECT_EQ(expires("99999999999999999999"), 0xffffffffU);
  EXPECT_EQ(expires("soon"), 3600U);
}

TEST(Values, Via) {
  const auto via = Via::parse(
      "SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 "
      ";branch=z9hG4bKa7c6a8dlze.1");
  ASSERT_TRUE(via.has_value());
  EXPECT_EQ(via->transport, "UDP");
  EXPECT_EQ(via->host, "first.example.com");
  EXPECT_EQ(via->port, 4000);
  EXPECT_EQ(via->branch(), "z9hG4bKa7c6a8dlze.1");
  EXPECT_TRUE(via->has_magic_cookie());
  EXPECT_FALSE(via->wants_rport());
  EXPECT_EQ(Via::parse("SIP/2.0/UDP [2001:db8::9:1];rport;branch=z9hG4bKas3-111")->host,
            "[2001:db8::9:1]");
  EXPECT_EQ(Via::parse("SIP/2.0/TCP [::1]:5070;rport=9")->port, 5070);
  EXPECT_EQ(Via::parse("SIP/2.0/RELOAD node-00112233445566778899aabbccddeeff.example.org;branch=z")
                ->transport,
            "RELOAD");
  EXPECT_EQ(Via::parse("SIP/2.0/UDP h;received=2001:db8::1")->parameters.value("received"),
            "2001:db8::1");
  for (const char* text :
       {"", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/(/UDP h", "@/2.0/TCP h", "SIP/2.0 UDP h",
        "SIP/2.0/UDP h:x", "SIP/2.0/UDP h h2", "SIP/2.0/UDP h;;", "SIP/2.0/UDP [::1",
        "SIP/2.0/UDP h;branch=a;branch=b", "SIP/2.0/ h"}) {
    EXPECT_FALSE(Via::parse(text).has_value()) << text;
  }
}

TEST(Values, CSeq) {
  const auto cseq = CSeq::parse("0009\r\n  INVITE");
  ASSERT_TRUE(cseq.has_value());
  EXPECT_EQ(cseq->number, 9U);
  EXPECT_EQ(cseq->method, Method::invite);
  EXPECT_EQ(CSeq::parse("2147483647 invite")->method, Method::other);  // methods know their case
  for (const char* text :
       {"", "1", "INVITE", "1INVITE", "-1 INVITE", "2147483648 INVITE", "1 IN VITE"})
    EXPECT_FALSE(CSeq::parse(text).has_value()) << text;
}

TEST(Values, AuthenticationAndDialogReference) {
  const auto digest = Authentication::parse(
      "Digest username=\"bo,b\", realm=\"a\\\"b\" ,nonce=\"x\", qop=auth, nc=00000001",
      "Authorization");
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->scheme, "Digest");
  EXPECT_EQ(digest->find("username"), "bo,b");
  EXPECT_EQ(digest->find("REALM"), "a\"b");
  EXPECT_EQ(digest->find("qop"), "auth");
  EXPECT_EQ(digest->find("nc"), "00000001");
  EXPECT_FALSE(digest->find("uri").has_value());
  EXPECT_FALSE(Authentication::parse("", "Authorization").has_value());
  EXPECT_FALSE(Authentication::parse("Digest username=\"open", "Authorization")->find("username"));
  const auto replaces = DialogReference::parse(
      "425928@b.example.org ;to-tag=7743;from-tag=6472;early-only", "Replaces");
  ASSERT_TRUE(replaces.has_value());
  EXPECT_EQ(replaces->call_id, "425928@b.example.org");
  EXPECT_EQ(replaces->to_tag, "7743");
  EXPECT_TRUE(replaces->early_only);
  EXPECT_FALSE(DialogReference::parse("1;to-tag=2", "Replaces").has_value());
}

TEST(Values, HeaderNamesInBothForms) {
  for (std::size_t i = 1; i < header_name_count; ++i) {
    const auto name = static_cast<HeaderName>(i);
    EXPECT_EQ(header_name_of(text_of(name)), name) << text_of(name);
    EXPECT_EQ(header_name_of(lower(text_of(name))), name) << text_of(name);
  }
  const std::pair<const char*, HeaderName> compact[] = {
      {"v", HeaderName::via},
      {"V", HeaderName::via},
      {"f", HeaderName::from},
      {"t", HeaderName::to},
      {"i", HeaderName::call_id},
      {"m", HeaderName::contact},
      {"l", HeaderName::content_length},
      {"c", HeaderName::content_type},
      {"k", HeaderName::supported},
      {"s", HeaderName::subject},
      {"e", HeaderName::content_encoding},
      {"o", HeaderName::event},
      {"r", HeaderName::refer_to},
      {"x", HeaderName::session_expires},
      {"q", HeaderName::other},
      {"", HeaderName::other},
      {"Vi", HeaderName::other},
  };
  for (const auto& [text, name] : compact)
    EXPECT_EQ(header_name_of(text), name) << text;
}

TEST(Values, SmallRules) {
  EXPECT_EQ(unquote(quote("a\"b\\c\r\n")), "a\"b\\c");
  EXPECT_EQ(unquote("plain"), "plain");
  EXPECT_FALSE(percent_decode("%").has_value());
  EXPECT_FALSE(percent_decode("a%g1").has_value());
  EXPECT_EQ(parse_decimal("000000000000000000000000000001"), 1U);
  EXPECT_FALSE(parse_decimal("4294967296").has_value());
  EXPECT_FALSE(parse_decimal("").has_value());
  EXPECT_EQ(method_of("REGISTER"), Method::register_);
  EXPECT_EQ(method_of("Register"), Method::other);
}

}  // namespace
}  // namespace chordial::sip
