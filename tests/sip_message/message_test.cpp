// The reader of messages: lines, folds, lists, limits, and what validate() refuses.
#include "sip_message/sample.h"

namespace chordial::sip {
namespace {

std::string minimal(std::string_view headers) {
  std::string text =
      "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:f@b>;tag=1\r\n"
      "To: <sip:t@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n";
  text += headers;
  return text + "\r\n";
}

TEST(Message, ReadsAnInvite) {
  const Parsed message(sample_invite);
  EXPECT_TRUE(message->validate().has_value());
  EXPECT_TRUE(message->is_request());
  EXPECT_EQ(message->method(), Method::invite);
  EXPECT_EQ(message->request_uri_text(), "sip:bob@biloxi.example.com");
  EXPECT_EQ(message->from()->display_name, "\"Alice, A.\"");
  const auto vias = message->vias();
  ASSERT_EQ(vias->size(), 3U);
  EXPECT_EQ((*vias)[2].host, "192.0.2.9");
  const auto routes = message->routes();
  ASSERT_EQ(routes->size(), 3U);
  EXPECT_EQ((*routes)[2].uri.host, "three.example.com");
  EXPECT_EQ(*message->value_of_other("x-private"), "one");
  EXPECT_FALSE(message->value_of_other("X-Other").has_value());
  EXPECT_EQ(as_text(message->body()), "v=0\n");
  EXPECT_EQ(message->count(HeaderName::route), 2U);
  EXPECT_EQ(message->expires_s().error().kind, ErrorKind::not_found);
}

TEST(Message, ReadsAResponse) {
  const Parsed message(
      "SIP/2.0 180 Ringing all over\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCSeq: 3 "
      "INVITE\r\n\r\n");
  EXPECT_TRUE(message->is_response());
  EXPECT_EQ(message->status(), 180);
  EXPECT_EQ(message->reason(), "Ringing all over");
  EXPECT_EQ(message->method(), Method::invite);
  EXPECT_EQ(message->method_text(), "INVITE");
  EXPECT_TRUE(message->request_uri_text().empty());
}

TEST(Message, RefusesWhatCannotBeRead) {
  struct Bad {
    std::string text;
    ErrorKind kind;
  };
  const Bad bads[] = {
      {"", ErrorKind::truncated},
      {"\r\n\r\n", ErrorKind::truncated},
      {"INVITE sip:a@b SIP/2.0\r\n", ErrorKind::truncated},
      {"INVITE sip:a@b SIP/2.0\r\nTo: x\r\n", ErrorKind::truncated},
      {"INVITE sip:a@b SIP/2.0\nTo: x\n\n", ErrorKind::malformed},
      {"INVITE sip:a@b SIP/2.0\r\nTo: x\nVia: y\r\n\r\n", ErrorKind::malformed},
      {"INVITE sip:a@b SIP/2.0\r\nTo: x\rVia: y\r\n\r\n", ErrorKind::malformed},
      {"INVITE sip:a@b SIP/2.0\r\nTo x\r\n\r\n", ErrorKind::malformed},
      {"INVITE sip:a@b SIP/2.0\r\n: x\r\n\r\n", ErrorKind::malformed},
      {"INVITE sip:a@b SIP/2.0\r\n To: x\r\n\r\n", ErrorKind::malformed},
      {"INVITE sip:a@b SIP/2.0\r\nT o: x\r\n\r\n", ErrorKind::malformed},
      {"INVITE\r\n\r\n", ErrorKind::malformed},
      {"INVITE SIP/2.0\r\n\r\n", ErrorKind::malformed},
      {"INVITE sip:a@b\r\n\r\n", ErrorKind::malformed},
      {"INVITE sip:a@b HTTP/1.1\r\n\r\n", ErrorKind::malformed},
      {"IN(VITE sip:a@b SIP/2.0\r\n\r\n", ErrorKind::malformed},
      {"SIP/2.0 99 x\r\n\r\n", ErrorKind::malformed},
      {"SIP/2.0 700 x\r\n\r\n", ErrorKind::malformed},
      {"SIP/2.0 0200 x\r\n\r\n", ErrorKind::malformed},
      {"SIP/3.0 200 x\r\n\r\n", ErrorKind::unsupported},
      {std::string(70000, 'x'), ErrorKind::limit},
  };
  for (const Bad& bad : bads) {
    const auto message = Message::parse(as_bytes(bad.text));
    ASSERT_FALSE(message.has_value()) << bad.text.substr(0, 60);
    EXPECT_EQ(message.error().kind, bad.kind) << bad.text.substr(0, 60);
  }
}

TEST(Message, LimitsTheNumberOfHeaders) {
  std::string lines;
  for (int i = 0; i < 249; ++i)
    lines += "X: 1\r\n";
  EXPECT_FALSE(Message::parse(as_bytes(minimal(lines + "X: 2\r\n" + "X: 3\r\n"))).has_value());
  const std::string fits = minimal(lines + "Zed: 2\r\n");
  const auto message = Message::parse(as_bytes(fits));
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->header_count(), headers_max);
  EXPECT_EQ(*message->value_of_other("Zed"), "2");
}

TEST(Message, FoldsAndEmptyElements) {
  const std::string text =
      minimal("Subject: one\r\n\t two\r\nSupported: a ,, b,\r\nk:c\r\nRequire:\r\n");
  const Parsed message(text);
  EXPECT_EQ(message->value(HeaderName::subject), "one\r\n\t two");
  EXPECT_TRUE(message->lists_token(HeaderName::supported, "B"));
  EXPECT_TRUE(message->lists_token(HeaderName::supported, "c"));
  EXPECT_FALSE(message->lists_token(HeaderName::supported, "d"));
  EXPECT_FALSE(message->list(HeaderName::require).next().has_value());
  EXPECT_TRUE(message->has(HeaderName::require));
}

TEST(Message, CommasInQuotesAndAngles) {
  const Parsed message(
      minimal("Contact: \"a,\\\",b\" <sip:x,y@b>;p=\"1,2\", <sip:z@b>\r\nContact: sip:w@b\r\n"));
  const auto contacts = message->contacts();
  ASSERT_TRUE(contacts.has_value());
  ASSERT_EQ(contacts->size(), 3U);
  EXPECT_EQ((*contacts)[0].uri.user, "x,y");
  EXPECT_EQ((*contacts)[0].parameters.value("p"), "\"1,2\"");
  EXPECT_EQ((*contacts)[2].uri.user, "w");
}

TEST(Message, ListsThatAreKeptAreBounded) {
  std::string contacts = "Contact: <sip:a@b>";
  for (std::size_t i = 1; i < list_elements_max; ++i)
    contacts += ",<sip:a@b>";
  EXPECT_EQ(Parsed(minimal(contacts + "\r\n"))->contacts()->size(), list_elements_max);
  const Parsed message(minimal(contacts + ",<sip:a@b>\r\n"));
  EXPECT_EQ(message->contacts().error().kind, ErrorKind::limit);
}

TEST(Message, ValidateNamesTheFieldAndThePlace) {
  struct Bad {
    const char* headers;
    const char* field;
  };
  const Bad bads[] = {
      {"To: <sip:x@b>\r\n", "To"},
      {"From: <sip:x@b>\r\n", "From"},
      {"Call-ID: d\r\n", "Call-ID"},
      {"i: d\r\n", "Call-ID"},
      {"CSeq: 1 OPTIONS\r\n", "CSeq"},
      {"Max-Forwards: 1\r\nMax-Forwards: 1\r\n", "Max-Forwards"},
      {"Max-Forwards: 256\r\n", "Max-Forwards"},
      {"Max-Forwards: -1\r\n", "Max-Forwards"},
      {"Content-Length: 1\r\n", "Content-Length"},
      {"Content-Length: x\r\n", "Content-Length"},
      {"Content-Length: 0\r\nl: 0\r\n", "Content-Length"},
  };
  for (const Bad& bad : bads) {
    const std::string text = minimal(bad.headers);
    const auto message = Message::parse(as_bytes(text));
    ASSERT_TRUE(message.has_value()) << bad.headers;
    const auto good = message->validate();
    ASSERT_FALSE(good.has_value()) << bad.headers;
    EXPECT_STREQ(good.error().field, bad.field) << bad.headers;
  }
  EXPECT_TRUE(Parsed(minimal(""))->validate().has_value());
  EXPECT_TRUE(
      Parsed(minimal("Max-Forwards: 255\r\nContent-Length: 0\r\n"))->validate().has_value());
}

TEST(Message, KeepsACopyForLater) {
  StoredMessage stored = [] {
    const std::string text(sample_invite);
    return StoredMessage(*Message::parse(as_bytes(text)));
  }();
  const StoredMessage moved = std::move(stored);
  EXPECT_EQ(moved->text(), sample_invite);
  EXPECT_EQ(*moved->call_id(), "a84b4c76e66710");
}

TEST(Message, SkipsLineEndsInFront) {
  const std::string text = "\r\n\r\n" + minimal("");
  const Parsed message(text);
  EXPECT_EQ(message->text(), minimal(""));
}

}  // namespace
}  // namespace chordial::sip
