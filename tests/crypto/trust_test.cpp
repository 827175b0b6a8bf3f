// Names and URIs of certificates (RFC 6940 §11.3, §14.15), patterns of delegates.
#include "crypto/trust.h"

#include <gtest/gtest.h>

#include "crypto/aor_pattern.h"

namespace chordial::crypto {
namespace {

const NodeId node = *NodeId::from_hex("00112233445566778899aabbccddeeff");

TEST(ReloadUri, IsOneDestinationOfTypeNodeInHexadecimal) {
  EXPECT_EQ(reload_uri(node, "example.org"),
            "reload://011000112233445566778899aabbccddeeff@example.org/");
  EXPECT_EQ(node_of_reload_uri(reload_uri(node, "example.org"), "example.org"), node);
}

TEST(ReloadUri, ReadsWhatTheGrammarPermits) {
  for (const char* uri : {"reload://011000112233445566778899AABBCCDDEEFF@EXAMPLE.org/",
                          "RELOAD://011000112233445566778899aabbccddeeff@example.org"}) {
    EXPECT_EQ(node_of_reload_uri(uri, "example.org"), node) << uri;
  }
}

TEST(ReloadUri, RefusesTheRest) {
  for (const char* uri : {"", "reload://", "reload://@example.org/", "sip:alice@example.org",
                          "reload://011000112233445566778899aabbccddeeff",
                          "reload://011000112233445566778899aabbccddeeff@",
                          "reload://011000112233445566778899aabbccddeeff@/",
                          "reload://011000112233445566778899aabbccddeeff@example.org/00",
                          "reload://011000112233445566778899aabbccddeeff@example.org//",
                          "reload://021000112233445566778899aabbccddeeff@example.org/",
                          "reload://010f112233445566778899aabbccddeeff@example.org/",
                          "reload://00112233445566778899aabbccddeeff@example.org/",
                          "reload://01100011223344556677 8899aabbccddeeff@example.org/",
                          "reload://011000000000000000000000000000000000@example.org/",
                          "reload://0110ffffffffffffffffffffffffffffffff@example.org/"}) {
    const auto read = node_of_reload_uri(uri, "example.org");
    ASSERT_FALSE(read) << uri;
    EXPECT_EQ(read.error().kind, ErrorKind::malformed) << uri;
  }
  EXPECT_EQ(node_of_reload_uri(reload_uri(node, "example.net"), "example.org").error().kind,
            ErrorKind::unauthentic);
}

TEST(UserName, HostIsLowerCase) {
  EXPECT_EQ(normalized_user_name("Alice@Example.ORG"), "Alice@example.org");
  for (const char* text : {"", "alice", "@example.org", "alice@", "a@b@c", "al ice@example.org",
                           "alice@exam\nple", "\xc3\xa4@example.org"}) {
    EXPECT_FALSE(normalized_user_name(text)) << text;
  }
  EXPECT_FALSE(normalized_user_name("a@" + std::string(254, 'b')));
  EXPECT_FALSE(normalized_user_name(std::string_view("alice\0@example.org", 18)));
}

TEST(UserName, SomeBelongToNobody) {
  for (const char* name : {"bootstrap@example.org", "BootStrap@example.org", "node-1@example.org",
                           "Node-x@example.org", "00112233445566778899aabbccddeeff@example.org"}) {
    EXPECT_TRUE(is_reserved_user_name(name)) << name;
  }
  for (const char* name :
       {"alice@example.org", "bootstrapper@example.org", "nodes@example.org", "0011@example.org"}) {
    EXPECT_FALSE(is_reserved_user_name(name)) << name;
  }
}

struct PatternCase {
  const char* pattern;
  std::vector<const char*> matching;
  std::vector<const char*> others;
};

TEST(AorPattern, MatchesWholeNames) {
  const PatternCase cases[] = {
      {"2[0-9]{2}@site\\.example",
       {"200@site.example", "299@site.example"},
       {"2000@site.example", "20@site.example", "x200@site.example", "200@sitexexample", ""}},
      {"^alice@a$", {"alice@a"}, {"malice@a", "alice@ab"}},
      {".*@b", {"@b", "x@b", "x@b@b"}, {"b", "x@bb"}},
      {"[^0-9]+@b", {"x@b", "xy@b"}, {"x1@b", "@b"}},
      {"a?b{0,2}c{2,}", {"cc", "acc", "bbccc"}, {"c", "bbbcc", "aacc"}},
      {"[a-c_-]\\*", {"a*", "_*", "-*"}, {"d*", "aa"}},
  };
  for (const PatternCase& one : cases) {
    const auto pattern = AorPattern::parse(one.pattern);
    ASSERT_TRUE(pattern) << one.pattern << ": " << pattern.error().text();
    for (const char* name : one.matching)
      EXPECT_TRUE(pattern->matches(name)) << one.pattern << " " << name;
    for (const char* name : one.others)
      EXPECT_FALSE(pattern->matches(name)) << one.pattern << " " << name;
  }
}

TEST(AorPattern, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "^$", "(a|b)", "a|b", "*a", "[a", "[]", "[z-a]", "a{", "a{2",
                           "a{3,2}", "a{x}", "a b", "\\", "a**", "a^b", "[^!-~]"}) {
    EXPECT_FALSE(AorPattern::parse(text)) << text;
  }
  EXPECT_EQ(AorPattern::parse("a{9999}").error().kind, ErrorKind::limit);
  EXPECT_EQ(AorPattern::parse(std::string(256, 'a')).error().kind, ErrorKind::limit);
}

TEST(AorPattern, TakesNoTimeForWhatOthersCannotBear) {
  const auto pattern = AorPattern::parse("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
  ASSERT_TRUE(pattern);
  EXPECT_FALSE(pattern->matches(std::string(255, 'a')));
}

}  // namespace
}  // namespace chordial::crypto
