// Building requests and responses (RFC 3261 §8.1.1, §8.2.6).
#include "sip/message/build.h"

#include "sip_message/sample.h"

namespace chordial::sip {
namespace {

TEST(MessageBuilder, Response) {
  const Parsed request(sample_invite);
  const SocketAddress source{*IpAddress::parse("203.0.113.5"), 5099};
  const Bytes bytes = MessageBuilder::response(*request, 180, "tag1", source)
                          .copy(*request, HeaderName::route)
                          .header(HeaderName::contact, "<sip:b@c>")
                          .finish();
  const Parsed response(as_text(bytes));
  EXPECT_TRUE(response->validate().has_value());
  EXPECT_EQ(response->status(), 180);
  EXPECT_EQ(response->reason(), "Ringing");
  EXPECT_EQ(response->to()->tag(), "tag1");
  EXPECT_EQ(response->to()->uri.text, "sip:bob@biloxi.example.com");
  EXPECT_EQ(response->from()->tag(), "1928301774");
  EXPECT_EQ(*response->call_id(), "a84b4c76e66710");
  EXPECT_EQ(response->cseq()->number, 314159U);
  ASSERT_EQ(response->vias()->size(), 3U);
  EXPECT_EQ(response->top_via()->parameters.value("rport"), "5099");
  EXPECT_EQ(response->top_via()->parameters.value("received"), "203.0.113.5");
  EXPECT_EQ(response->count(HeaderName::route), 2U);
  EXPECT_EQ(*response->content_length(), 0U);
}

TEST(MessageBuilder, ResponseKeepsAnExistingTagAndWritesNoneInto100) {
  const std::string text =
      "BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:f@b>;tag=1\r\n"
      "To: sip:t@b;tag=old\r\nCall-ID: c\r\nCSeq: 1 BYE\r\nTimestamp: 54\r\n\r\n";
  const Parsed request(text);
  const Bytes ok = MessageBuilder::response(*request, 200, "new", std::nullopt).finish();
  EXPECT_EQ(Parsed(as_text(ok))->to()->tag(), "old");
  EXPECT_FALSE(Parsed(as_text(ok))->has(HeaderName::timestamp));
  const Parsed invite(sample_invite);
  const Bytes trying = MessageBuilder::response(*invite, 100, "new", std::nullopt).finish();
  EXPECT_EQ(Parsed(as_text(trying))->to()->tag(), "");
  const Bytes with_time = MessageBuilder::response(*request, 100, {}, std::nullopt).finish();
  EXPECT_EQ(Parsed(as_text(with_time))->value(HeaderName::timestamp), "54");
}

TEST(MessageBuilder, ResponseToWhatIsNotWhole) {
  const Parsed request("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\r\n");
  const Bytes bytes =
      MessageBuilder::response(*request, 400, "t", std::nullopt, "Bad\r\nX: y").finish();
  const Parsed response(as_text(bytes));
  EXPECT_EQ(response->reason(), "BadX: y");
  EXPECT_EQ(response->header_count(), 2U);
}

TEST(MessageBuilder, StampsTheTopViaBehindAnEmptyLine) {
  const Parsed request(
      "INVITE sip:a@b SIP/2.0\r\nVia:\r\nVia: ,SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/UDP "
      "i\r\n\r\n");
  const SocketAddress source{*IpAddress::parse("192.0.2.1"), 1};
  const Bytes bytes = MessageBuilder::response(*request, 400, "t", source).finish();
  const Parsed response(as_text(bytes));
  ASSERT_EQ(response->vias()->size(), 2U);
  EXPECT_EQ(response->top_via()->parameters.value("received"), "192.0.2.1");
}

TEST(MessageBuilder, Request) {
  const Bytes bytes = MessageBuilder::request(Method::register_, "sip:example.com")
                          .header(HeaderName::via, via_value("UDP", "h:5070", "z9hG4bKx", true))
                          .header(HeaderName::from, "<sip:a@b>;tag=1")
                          .header(HeaderName::to, "<sip:a@b>")
                          .header(HeaderName::call_id, "one\r\nInjected: two")
                          .header(HeaderName::cseq, "1 REGISTER")
                          .header(HeaderName::expires, 3600)
                          .header("X-Own", "v")
                          .finish("text/plain", as_bytes("hi"));
  const Parsed request(as_text(bytes));
  EXPECT_EQ(request->method(), Method::register_);
  EXPECT_EQ(request->top_via()->port, 5070);
  EXPECT_TRUE(request->top_via()->wants_rport());
  EXPECT_EQ(request->value(HeaderName::call_id), "oneInjected: two");
  EXPECT_EQ(*request->expires_s(), 3600U);
  EXPECT_EQ(as_text(request->body()), "hi");
}

TEST(MessageBuilder, ReasonPhrases) {
  EXPECT_EQ(reason_phrase(100), "Trying");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(607), "Unwanted");
  EXPECT_EQ(reason_phrase(499), "Request Error");
  EXPECT_EQ(reason_phrase(1000), "");
}

}  // namespace
}  // namespace chordial::sip
