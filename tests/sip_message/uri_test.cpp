// URIs: the grammar of RFC 3261 §19.1.1, the comparison examples of §19.1.4 word for word, RFC
// 3966, and the canonical name of a user.
#include "sip/message/uri.h"

namespace chordial::sip {
namespace {

Uri uri(std::string_view text) {
  const auto parsed = Uri::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed ? *parsed : Uri{};
}

TEST(Uri, PartsOfTheExamplesOfSection19) {
  const Uri full =
      uri("sips:alice:secretword@atlanta.com:5071;transport=tcp;lr?subject=project%20x&to=a");
  EXPECT_EQ(full.scheme, UriScheme::sips);
  EXPECT_EQ(full.user, "alice");
  EXPECT_EQ(full.password, "secretword");
  EXPECT_EQ(full.host, "atlanta.com");
  EXPECT_EQ(full.port, 5071);
  EXPECT_EQ(full.parameters.value("TRANSPORT"), "tcp");
  EXPECT_TRUE(full.is_loose_router());
  EXPECT_EQ(full.headers, "subject=project%20x&to=a");
  EXPECT_EQ(uri("sip:+1-212-555-1212:1234@gateway.com;user=phone").user, "+1-212-555-1212");
  EXPECT_FALSE(uri("sip:192.0.2.4").has_user);
  EXPECT_EQ(uri("sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com").headers,
            "to=alice%40atlanta.com");
  EXPECT_EQ(uri("sip:alice;day=tuesday@atlanta.com").user, "alice;day=tuesday");
  const Uri six = uri("sip:bob@[2001:db8::9:1]:5080;transport=udp");
  EXPECT_EQ(six.host, "[2001:db8::9:1]");
  EXPECT_EQ(six.port, 5080);
  EXPECT_EQ(six.host_address(), IpAddress::parse("2001:db8::9:1"));
  EXPECT_EQ(uri("sip:[2001:db8::10]").port_or_default(), 5060);
  EXPECT_EQ(uri("sips:a@b").port_or_default(), 5061);
  EXPECT_EQ(uri("tel:+1-201-555-0123;phone-context=example.com").user, "+1-201-555-0123");
  EXPECT_EQ(uri("urn:service:sos.police").user, "service:sos.police");
}

TEST(Uri, RefusesWithThePlace) {
  struct Bad {
    const char* text;
    std::uint32_t offset;
  };
  const Bad bads[] = {
      {"", 0},
      {"alice", 0},
      {":x", 0},
      {"sip:", 4},
      {"sip:@host", 4},
      {"sip:a@b@c", 7},
      {"sip:a%4@b", 4},
      {"sip:a@b:0", 6},
      {"sip:a@b:70000", 6},
      {"sip:a@b:5060x", 6},
      {"sip:a@b;", 7},
      {"sip:a@b;;lr", 7},
      {"sip:a@b;x=", 7},
      {"sip:a@b;x=1;X=2", 11},
      {"sip:a@b;x=%4", 7},
      {"sip:a@b?", 8},
      {"sip:a@[::1", 6},
      {"sip:a@[1.2.3.4]", 6},
      {"sip:a@b c", 7},
      {"sip:a@b\r\nX", 7},
      {"sip:a@\xc3\xa4", 6},
      {"sip:a<b@c", 5},
      {"tel:", 4},
      {"urn:", 0},
  };
  for (const Bad& bad : bads) {
    const auto parsed = Uri::parse(bad.text, "uri", 100);
    ASSERT_FALSE(parsed.has_value()) << bad.text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << bad.text;
    EXPECT_EQ(parsed.error().offset, 100 + bad.offset) << bad.text;
  }
}

TEST(Uri, ManyParametersAreALimitAndNotWork) {
  std::string text = "sip:a@b";
  for (int i = 0; i < 5000; ++i)
    text += ";p" + std::to_string(i);
  const auto parsed = Uri::parse(text);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().kind, ErrorKind::limit);
}

TEST(Uri, EquivalenceOfSection19_1_4) {
  const std::pair<const char*, const char*> same[] = {
      {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
      {"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"},
      {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
       "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
      {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
       "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
      {"tel:+1-201-555-0123", "tel:+1(201)5550123"},
      {"urn:service:sos", "urn:service:sos"},
  };
  for (const auto& [a, b] : same) {
    EXPECT_TRUE(equivalent(uri(a), uri(b))) << a << " " << b;
    EXPECT_TRUE(equivalent(uri(b), uri(a))) << a << " " << b;
  }
  const std::pair<const char*, const char*> different[] = {
      {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
      {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
      {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"},
      {"sip:a@b", "sips:a@b"},
      {"sip:b", "sip:a@b"},
      {"sip:a@b", "sip:a:x@b"},
      {"sip:a%3bx@b", "sip:a;x@b"},  // a reserved character changes its meaning when escaped
      {"sip:a@b;maddr=192.0.2.1", "sip:a@b"},
      {"tel:+1", "tel:+1;ext=2"},
  };
  for (const auto& [a, b] : different) {
    EXPECT_FALSE(equivalent(uri(a), uri(b))) << a << " " << b;
    EXPECT_FALSE(equivalent(uri(b), uri(a))) << a << " " << b;
  }
}

TEST(Uri, CanonicalNameOfAUser) {
  EXPECT_EQ(*canonical_aor(uri("sip:Alice%20B@ExAmple.COM:5070;transport=tcp?x=y")),
            "Alice B@example.com");
  EXPECT_EQ(*canonical_aor(uri("sips:%61@x")), "a@x");
  EXPECT_EQ(*canonical_aor(uri("sip:a%40b@x")), "a@b@x");
  EXPECT_EQ(*canonical_aor(uri("sip:a@[2001:DB8::1]")), "a@[2001:db8::1]");
  EXPECT_FALSE(canonical_aor(uri("sip:example.com")).has_value());
  EXPECT_FALSE(canonical_aor(uri("tel:+1")).has_value());
  EXPECT_FALSE(canonical_aor(uri("sip:a%0d%0ax@b")).has_value());
  EXPECT_FALSE(canonical_aor(uri("sip:a%00@b")).has_value());
  EXPECT_EQ(escape_user("a b@c%:d"), "a%20b%40c%25%3Ad");
}

}  // namespace
}  // namespace chordial::sip
