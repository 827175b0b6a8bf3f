// The values routing works with (RFC 3261 §16.6).
#include "sip/proxy/routing.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

TEST(RequestUri, OfAContactHasNoHeadersAndNoMethod) {
  const struct {
    const char* contact;
    const char* uri;
  } cases[] = {
      {"sip:bob@192.0.2.1:5070;ob", "sip:bob@192.0.2.1:5070;ob"},
      {"sip:bob@h?Route=%3Csip:x%3E", "sip:bob@h"},
      {"sip:b?b@h;a=1?Subject=x&Route=y", "sip:b?b@h;a=1"},
      {"sip:h?x@h;method=INVITE?a=b", "sip:h?x@h"},
      {"sip:bob@h;method=INVITE", "sip:bob@h"},
      {"sip:bob@h;a;METHOD=INVITE;b=2?x=y", "sip:bob@h;a;b=2"},
      {"sip:bob@h;transport=tcp;maddr=192.0.2.9", "sip:bob@h;transport=tcp;maddr=192.0.2.9"},
      {"tel:+15550100", "tel:+15550100"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(request_uri_of(c.contact), c.uri) << c.contact;
}

}  // namespace
}  // namespace chordial::sip
