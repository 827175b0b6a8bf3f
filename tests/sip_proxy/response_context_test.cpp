// Which of several answers is the best (RFC 3261 §16.7 steps 6 and 7).
#include "sip/proxy/response_context.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

std::string response(int status, const std::string& extra = {}) {
  return "SIP/2.0 " + std::to_string(status) + " X\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n" +
         extra +
         "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n";
}

TEST(ResponseContext, Best) {
  struct Case {
    std::vector<int> statuses;
    int best;
  };
  const Case cases[] = {
      {{}, 0},           {{486, 404}, 486}, {{503, 500, 486}, 486}, {{404, 603, 302}, 603},
      {{486, 302}, 302}, {{404, 407}, 407}, {{480, 484, 404}, 484}, {{408, 480}, 480},
      {{503, 408}, 408}, {{503, 500}, 500},
  };
  for (const Case& c : cases) {
    ResponseContext context;
    for (const int status : c.statuses) {
      if (status == 408 || status == 503) {
        context.consider(static_cast<std::uint16_t>(status));
      } else {
        context.consider(*Message::parse(as_bytes(response(status))));
      }
    }
    EXPECT_EQ(context.best_status(), c.best);
    if (c.best != 0 && c.best != 408 && c.best != 503) {
      ASSERT_TRUE(context.best());
      EXPECT_EQ(context.best()->status(), c.best);
    }
  }
}

TEST(ResponseContext, ChallengesOfAllBranches) {
  ResponseContext context;
  context.consider(*Message::parse(as_bytes(response(
      401, "WWW-Authenticate: Digest realm=\"one\"\r\nWWW-Authenticate: Digest realm=\"x\"\r\n"))));
  context.consider(
      *Message::parse(as_bytes(response(407, "Proxy-Authenticate: Digest realm=\"two\"\r\n"))));
  context.consider(*Message::parse(as_bytes(response(404))));
  EXPECT_EQ(context.best_status(), 401);
  const auto others = context.other_challenges();
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others[0].name, HeaderName::proxy_authenticate);
  EXPECT_EQ(others[0].value, "Digest realm=\"two\"");
}

TEST(ResponseContext, ChallengesAreBounded) {
  ResponseContext context;
  for (int i = 0; i < 100; ++i) {
    context.consider(*Message::parse(as_bytes(
        response(407, "Proxy-Authenticate: Digest realm=\"" + std::to_string(i) + "\"\r\n"))));
  }
  EXPECT_LE(context.other_challenges().size(), challenges_max);
}

}  // namespace
}  // namespace chordial::sip
