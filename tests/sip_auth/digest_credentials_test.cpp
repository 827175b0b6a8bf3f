#include "sip/auth/digest_credentials.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

constexpr std::string_view required =
    R"(username="bob", realm="r", nonce="n", uri="sip:r", response="x")";

std::string with(std::string_view more) {
  return "Digest " + std::string(required) + std::string(more);
}

TEST(DigestCredentials, Rfc3261Section20_7WithFolds) {
  const auto parsed = parse_digest_credentials(
      "Digest username=\"Alice\", realm=\"atlanta.com\",\r\n"
      "       nonce=\"84a4cc6f3082121f32b42a2187831a9e\",\r\n"
      "       response=\"7587245234b3434cc3412213e5f113a5432\", uri=\"sip:a@b\", NC=0000000A");
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->username, "Alice");
  EXPECT_EQ(parsed->realm, "atlanta.com");
  EXPECT_EQ(parsed->nonce, "84a4cc6f3082121f32b42a2187831a9e");
  EXPECT_EQ(parsed->response, "7587245234b3434cc3412213e5f113a5432");
  EXPECT_EQ(parsed->nonce_count, 10u);
  EXPECT_EQ(parsed->qop, "");
}

TEST(DigestCredentials, QuotedOrBareAndUnknownParameters) {
  const std::string value =
      with(R"( , qop = "auth" ,nc="00000002", cnonce="a\"b", x-new=1, opaque="")");
  const auto parsed = parse_digest_credentials(value);
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->qop, "auth");
  EXPECT_EQ(parsed->nonce_count, 2u);
  EXPECT_EQ(parsed->cnonce, R"(a\"b)");
}

TEST(DigestCredentials, Refusals) {
  struct Case {
    std::string value;
    ErrorKind kind;
    std::string field;
  };
  std::string many = with("");
  for (int i = 0; i < 40; ++i)
    many += ", p=1";
  const Case cases[] = {
      {"Basic abc", ErrorKind::unsupported, "auth-scheme"},
      {"", ErrorKind::unsupported, "auth-scheme"},
      {"Digest", ErrorKind::malformed, "credentials"},
      {with(", username=\"eve\""), ErrorKind::malformed, "username"},
      {with(", nc=1"), ErrorKind::malformed, "nc"},
      {with(", nc=0000000g"), ErrorKind::malformed, "nc"},
      {with(", nc=-0000001"), ErrorKind::malformed, "nc"},
      {with(", userhash=true"), ErrorKind::unsupported, "username"},
      {with(", username*=UTF-8''x"), ErrorKind::unsupported, "username"},
      {with(" qop=auth"), ErrorKind::malformed, "credentials"},
      {with(", opaque=\"endless"), ErrorKind::malformed, "credentials"},
      {with(", opaque=\"endless\\"), ErrorKind::malformed, "credentials"},
      {with(","), ErrorKind::malformed, "credentials"},
      {R"(Digest username="", realm="r", nonce="n", uri="u", response="x")", ErrorKind::malformed,
       "username"},
      {R"(Digest username="b", realm="r", nonce="n", uri="u")", ErrorKind::malformed, "response"},
      {many, ErrorKind::limit, "credentials"},
      {with(", opaque=\"" + std::string(5000, 'x') + "\""), ErrorKind::limit, "credentials"},
  };
  for (const Case& c : cases) {
    const auto parsed = parse_digest_credentials(c.value);
    ASSERT_FALSE(parsed) << c.value;
    EXPECT_EQ(parsed.error().kind, c.kind) << c.value;
    EXPECT_EQ(parsed.error().field, c.field) << c.value;
  }
}

}  // namespace
}  // namespace chordial::sip
