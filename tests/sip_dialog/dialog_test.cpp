// The dialog of RFC 3261 §24.2 (alice@atlanta.com calls bob@biloxi.com over two proxies), from both
// ends, and the corners of §12.2.
#include "sip/dialog/dialog.h"

#include <gtest/gtest.h>

namespace chordial::sip {
namespace {

const std::string invite =
    "INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8\r\n"
    "Record-Route: <sip:p2.biloxi.com;lr>, <sip:p1.atlanta.com;lr>\r\n"
    "To: Bob <sip:bob@biloxi.com>\r\n"
    "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
    "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\nCSeq: 314159 INVITE\r\n"
    "Contact: <sip:alice@pc33.atlanta.com>\r\n\r\n";
const std::string ok =
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8\r\n"
    "Record-Route: <sip:p2.biloxi.com;lr>, <sip:p1.atlanta.com;lr>\r\n"
    "To: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\n"
    "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
    "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\nCSeq: 314159 INVITE\r\n"
    "Contact: <sip:bob@192.0.2.4>\r\n\r\n";
constexpr const char* via = "SIP/2.0/UDP x;branch=z9hG4bK1";

Message read(const std::string& text) {
  auto message = Message::parse(as_bytes(text));
  EXPECT_TRUE(message) << text;
  return *message;
}
std::string replaced(std::string text, const std::string& what, const std::string& with) {
  text.replace(text.find(what), what.size(), with);
  return text;
}
std::string finished(MessageBuilder builder) {
  return std::string(as_text(builder.finish()));
}

TEST(Dialog, BothEndsAgree) {
  auto bob = Dialog::as_server(read(invite), "a6c85cf", Dialog::State::early);
  auto alice = Dialog::as_client(read(ok));
  ASSERT_TRUE(bob && alice);
  EXPECT_EQ(alice->state(), Dialog::State::confirmed);
  EXPECT_EQ(bob->state(), Dialog::State::early);
  EXPECT_EQ(alice->route_set(),
            (std::vector<std::string>{"<sip:p1.atlanta.com;lr>", "<sip:p2.biloxi.com;lr>"}));
  EXPECT_EQ(bob->next_hop(), "sip:p2.biloxi.com;lr");

  const std::string bye = finished(bob->request(Method::bye, via));
  EXPECT_EQ(
      bye,
      "BYE sip:alice@pc33.atlanta.com SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n"
      "Max-Forwards: 70\r\nRoute: <sip:p2.biloxi.com;lr>\r\nRoute: <sip:p1.atlanta.com;lr>\r\n"
      "From: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\n"
      "To: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
      "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(dialog_of_request(read(bye)), alice->id());
  EXPECT_TRUE(alice->receive(read(bye)));

  const std::string info = finished(alice->request(Method::info, via));
  EXPECT_NE(info.find("CSeq: 314160 INFO"), std::string::npos);
  EXPECT_EQ(dialog_of_request(read(info)), bob->id());
  EXPECT_TRUE(bob->receive(read(info)));
  const std::string ack = finished(alice->ack(314159, via));
  EXPECT_EQ(ack.rfind("ACK sip:bob@192.0.2.4 SIP/2.0\r\n", 0), 0u);
  EXPECT_NE(ack.find("CSeq: 314159 ACK"), std::string::npos);
}

TEST(Dialog, EarlyThenConfirmedTakesTheFinalRouteSet) {
  auto alice = Dialog::as_client(read(replaced(ok, "200 OK", "180 Ringing")));
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->state(), Dialog::State::early);
  ASSERT_TRUE(alice->confirm(read(replaced(replaced(ok, "<sip:p2.biloxi.com;lr>, ", ""),
                                           "<sip:bob@192.0.2.4>", "<sip:bob@192.0.2.5>"))));
  EXPECT_EQ(alice->state(), Dialog::State::confirmed);
  EXPECT_EQ(alice->route_set(), std::vector<std::string>{"<sip:p1.atlanta.com;lr>"});
  EXPECT_EQ(alice->remote_target(), "sip:bob@192.0.2.5");
  alice->terminate();
  EXPECT_EQ(alice->state(), Dialog::State::terminated);
}

TEST(Dialog, OrderOfRequestsAndTargetRefresh) {
  auto bob = Dialog::as_server(read(invite), "a6c85cf", Dialog::State::confirmed);
  const auto in_dialog = [](unsigned cseq, const std::string& method, const std::string& contact) {
    return "X sip:b@b SIP/2.0\r\nTo: <sip:bob@biloxi.com>;tag=a6c85cf\r\nFrom: <sip:a@b>;tag=1\r\n"
           "Call-ID: c\r\nCSeq: " +
           std::to_string(cseq) + " " + method + "\r\n" + contact + "\r\n";
  };
  const auto text = [&](unsigned cseq, const char* method, const char* contact) {
    return replaced(in_dialog(cseq, method, contact), "X", method);
  };
  const std::string moved = text(314160, "INVITE", "Contact: <sip:alice@203.0.113.1>\r\n");
  EXPECT_TRUE(bob->receive(read(moved)));
  EXPECT_EQ(bob->remote_target(), "sip:alice@203.0.113.1");
  EXPECT_EQ(bob->receive(read(moved)).error().kind, ErrorKind::conflict);
  const std::string info = text(314165, "INFO", "Contact: <sip:alice@203.0.113.2>\r\n");
  EXPECT_TRUE(bob->receive(read(info))) << "gaps are allowed";
  EXPECT_EQ(bob->remote_target(), "sip:alice@203.0.113.1") << "INFO moves no target";
  const std::string star = text(314166, "INVITE", "Contact: *\r\n");
  EXPECT_EQ(bob->receive(read(star)).error().kind, ErrorKind::malformed);
  EXPECT_EQ(bob->remote_target(), "sip:alice@203.0.113.1");
}

TEST(Dialog, StrictRouterInTheRouteSet) {
  const std::string strict = replaced(invite, "<sip:p2.biloxi.com;lr>", "<sip:old.biloxi.com>");
  auto bob = Dialog::as_server(read(strict), "t", Dialog::State::confirmed);
  const std::string bye = finished(bob->request(Method::bye, via));
  EXPECT_EQ(bye.rfind("BYE sip:old.biloxi.com SIP/2.0\r\n", 0), 0u);
  const auto routes = read(bye).routes().value();
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(routes[1].uri.text, "sip:alice@pc33.atlanta.com");
}

TEST(Dialog, Refusals) {
  const auto kind = [](const std::string& text) {
    return Dialog::as_server(read(text), "t", Dialog::State::early).error().kind;
  };
  EXPECT_EQ(kind(replaced(invite, "Contact: <sip:alice@pc33.atlanta.com>\r\n", "")),
            ErrorKind::not_found);
  EXPECT_EQ(kind(replaced(invite, "<sip:alice@pc33.atlanta.com>", "<mailto:a@b>")),
            ErrorKind::malformed);
  std::string many = "Record-Route: ";
  for (int i = 0; i < 40; ++i)
    many += "<sip:p.example;lr>,";
  EXPECT_EQ(kind(replaced(invite, "To: ", many + "<sip:q.example>\r\nTo: ")), ErrorKind::limit);
  EXPECT_FALSE(Dialog::as_client(read(replaced(ok, ";tag=a6c85cf", ""))));
  EXPECT_FALSE(dialog_of_request(read(invite)));
}

TEST(Dialog, ReplacesNamesOurTagFirst) {
  const auto reference = DialogReference::parse("c@x;to-tag=ours;from-tag=theirs", "Replaces");
  ASSERT_TRUE(reference);
  EXPECT_EQ(dialog_of_reference(*reference), (DialogId{"c@x", "ours", "theirs"}));
}

}  // namespace
}  // namespace chordial::sip
