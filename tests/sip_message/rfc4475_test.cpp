// The torture tests of RFC 4475: each message is accepted or refused as the RFC says, and the
// values it was written for are read as the RFC reads them.
#include "sip/message/syntax.h"
#include "sip_message/sample.h"

namespace chordial::sip {
namespace {

struct Verdict {
  const char* name;
  int status;  // 0: well-formed; -1: cannot be read at all; else what it is refused with
};

constexpr Verdict verdicts[] = {
    {"wsinv", 0},         // 3.1.1.1
    {"intmeth", 0},       // 3.1.1.2
    {"esc01", 0},         // 3.1.1.3
    {"escnull", 0},       // 3.1.1.4
    {"esc02", 0},         // 3.1.1.5
    {"lwsdisp", 0},       // 3.1.1.6
    {"longreq", 0},       // 3.1.1.7
    {"dblreq", 0},        // 3.1.1.8
    {"semiuri", 0},       // 3.1.1.9
    {"transports", 0},    // 3.1.1.10
    {"mpart01", 0},       // 3.1.1.11
    {"unreason", 0},      // 3.1.1.12
    {"noreason", 0},      // 3.1.1.13
    {"badinv01", 400},    // 3.1.2.1
    {"clerr", 400},       // 3.1.2.2
    {"ncl", 400},         // 3.1.2.3
    {"scalar02", 400},    // 3.1.2.4
    {"scalarlg", 400},    // 3.1.2.5, a response: dropped
    {"quotbal", 400},     // 3.1.2.6
    {"ltgtruri", 400},    // 3.1.2.7
    {"lwsruri", 400},     // 3.1.2.8
    {"lwsstart", 400},    // 3.1.2.9
    {"trws", 400},        // 3.1.2.10
    {"escruri", 400},     // 3.1.2.11
    {"baddate", 0},       // 3.1.2.12: nobody here needs the Date
    {"regbadct", 0},      // 3.1.2.13: the registrar meets the bad Contact, below
    {"badaspec", 400},    // 3.1.2.14
    {"baddn", 400},       // 3.1.2.15
    {"badvers", 505},     // 3.1.2.16
    {"mismatch01", 400},  // 3.1.2.17
    {"mismatch02", 400},  // 3.1.2.18
    {"bigcode", -1},      // 3.1.2.19
    {"badbranch", 0},     // 3.2.1: matched as RFC 2543 does
    {"insuf", 400},       // 3.3.1
    {"unkscm", 0},        // 3.3.2
    {"novelsc", 0},       // 3.3.3
    {"unksm2", 0},        // 3.3.4
    {"bext01", 0},        // 3.3.5
    {"invut", 0},         // 3.3.6
    {"regaut01", 0},      // 3.3.7
    {"multi01", 400},     // 3.3.8
    {"mcl01", 400},       // 3.3.9
    {"bcast", 0},         // 3.3.10
    {"zeromf", 0},        // 3.3.11
    {"cparam01", 0},      // 3.3.12
    {"cparam02", 0},      // 3.3.13
    {"regescrt", 0},      // 3.3.14
    {"sdp01", 0},         // 3.3.15
    {"inv2543", 0},       // 3.4.1
};

TEST(Rfc4475, EachMessageIsAcceptedOrRefused) {
  for (const Verdict& verdict : verdicts) {
    const std::string bytes = torture(verdict.name);
    const auto message = Message::parse(as_bytes(bytes));
    EXPECT_EQ(message.has_value(), verdict.status >= 0) << verdict.name;
    if (!message) continue;
    const auto good = message->validate();
    EXPECT_EQ(good.has_value(), verdict.status == 0)
        << verdict.name << ": " << (good ? "" : good.error().text());
    if (!good) {
      EXPECT_EQ(status_for(good.error()), verdict.status) << verdict.name;
    }
  }
}

TEST(Rfc4475, ShortTortuousInvite) {
  const Parsed message(torture("wsinv"));
  EXPECT_EQ(message->request_uri()->parameters.text(), ";unknownparam");
  EXPECT_EQ(message->to()->tag(), "1918181833n");
  EXPECT_EQ(message->from()->tag(), "98asjd8");
  EXPECT_EQ(message->from()->display_name, "\"J Rosenberg \\\\\\\"\"");
  EXPECT_EQ(*message->max_forwards(), 68U);
  EXPECT_EQ(message->cseq()->number, 9U);
  EXPECT_EQ(message->cseq()->method, Method::invite);
  EXPECT_TRUE(message->has(HeaderName::subject));
  EXPECT_EQ(message->value(HeaderName::subject), "");
  EXPECT_EQ(*message->value_of_other("UnknownHeaderWithUnusualValue"), ";;,,;;,;");
  const auto vias = message->vias();
  ASSERT_TRUE(vias.has_value());
  ASSERT_EQ(vias->size(), 3U);
  EXPECT_EQ((*vias)[0].host, "192.0.2.2");
  EXPECT_EQ((*vias)[0].branch(), "390skdjuw");
  EXPECT_FALSE((*vias)[0].has_magic_cookie());
  EXPECT_EQ((*vias)[1].transport, "TCP");
  EXPECT_EQ((*vias)[1].host, "spindle.example.com");
  EXPECT_EQ((*vias)[1].branch(), "z9hG4bK9ikj8");
  EXPECT_EQ((*vias)[2].branch(), "z9hG4bK30239");
  const auto contacts = message->contacts();
  ASSERT_TRUE(contacts.has_value());
  ASSERT_EQ(contacts->size(), 1U);
  EXPECT_EQ(contacts->front().uri.text, "sip:jdrosen@example.com");
  EXPECT_EQ(contacts->front().parameters.value("newparam"), "newvalue");
  EXPECT_EQ(contacts->front().q_thousandths(), 330);
  EXPECT_EQ(message->body().size(), 150U);
}

TEST(Rfc4475, WideRangeOfCharacters) {
  const Parsed message(torture("intmeth"));
  EXPECT_EQ(message->method(), Method::other);
  EXPECT_EQ(message->method_text(), "!interesting-Method0123456789_*+`.%indeed'~");
  const auto uri = message->request_uri();
  ASSERT_TRUE(uri.has_value());
  EXPECT_EQ(uri->user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
  EXPECT_EQ(uri->password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
  EXPECT_EQ(uri->host, "example.com");
  EXPECT_EQ(message->from()->tag(), "_token~1'+`*%!-.");
  EXPECT_EQ(unquote(message->to()->display_name), std::string("BEL:\x07 NUL:\x00 DEL:\x7f", 17));
  EXPECT_EQ(*message->call_id(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
}

TEST(Rfc4475, EscapesAreUndoneOnceAndOnlyWhereTheyAreEscapes) {
  const Parsed message(torture("esc01"));
  EXPECT_EQ(*percent_decode(message->request_uri()->user), "sips:user@example.com");
  EXPECT_EQ(*canonical_aor(message->to()->uri), "user@example.com");
  EXPECT_EQ(*canonical_aor(message->from()->uri), "I have spaces@example.net");
  const auto contact = message->contacts()->front();
  EXPECT_EQ(*percent_decode(contact.uri.user), "caller");
  EXPECT_EQ(*percent_decode(contact.uri.parameters.value("n%61me")), "value%41");

  const Parsed unknown(torture("esc02"));
  EXPECT_EQ(unknown->method(), Method::other);
  EXPECT_EQ(unknown->contacts()->size(), 2U);
  EXPECT_EQ(unknown->to()->display_name, "\"%Z%45\"");

  const Parsed nulls(torture("escnull"));
  const auto contacts = nulls->contacts();
  ASSERT_EQ(contacts->size(), 2U);
  EXPECT_FALSE(equivalent((*contacts)[0].uri, (*contacts)[1].uri));
  EXPECT_EQ(percent_decode((*contacts)[1].uri.user)->size(), 2U);
}

TEST(Rfc4475, LongValues) {
  const Parsed message(torture("longreq"));
  EXPECT_EQ(message->vias()->size(), 34U);
  EXPECT_EQ(message->from()->tag().size(), 2 + 50 * 3 + 3U);
  EXPECT_EQ(message->vias()->back().branch().size(), 4 + 50 * 4 + 11U);
  EXPECT_EQ(message->request_uri()->host, "example.com");
}

TEST(Rfc4475, TrailingOctetsAreCutOff) {
  const std::string bytes = torture("dblreq");
  const Parsed message(bytes);
  EXPECT_LT(message->bytes().size(), bytes.size());
  EXPECT_TRUE(message->body().empty());
  EXPECT_EQ(message->text().find("INVITE"), std::string_view::npos);
}

TEST(Rfc4475, UserPartsWithSemicolons) {
  const Parsed message(torture("semiuri"));
  EXPECT_EQ(*percent_decode(message->request_uri()->user), "user;par=u@example.net");
  EXPECT_EQ(message->request_uri()->host, "example.com");
  EXPECT_TRUE(message->lists_token(HeaderName::accept, "message/sipfrag"));
}

TEST(Rfc4475, OddTransportsBinaryBodiesAndReasons) {
  EXPECT_EQ((*Parsed(torture("transports"))->vias())[3].transport, "UNKNOWN");
  EXPECT_EQ(Parsed(torture("mpart01"))->body().size(), 553U);
  EXPECT_EQ(Parsed(torture("unreason"))->reason().substr(0, 13), "= 2**3 * 5**2");
  EXPECT_EQ(Parsed(torture("noreason"))->reason(), "");
  EXPECT_EQ(Parsed(torture("noreason"))->status(), 100);
}

TEST(Rfc4475, ContactsAsTheRegistrarReadsThem) {
  EXPECT_FALSE(Parsed(torture("regbadct"))->contacts().has_value());
  const Parsed header_parameter(torture("cparam01"));
  EXPECT_TRUE(header_parameter->contacts()->front().parameters.has("unknownparam"));
  EXPECT_TRUE(header_parameter->contacts()->front().uri.parameters.empty());
  const Parsed uri_parameter(torture("cparam02"));
  EXPECT_TRUE(uri_parameter->contacts()->front().uri.parameters.has("unknownparam"));
  const Parsed escaped(torture("regescrt"));
  EXPECT_EQ(escaped->contacts()->front().uri.headers, "Route=%3Csip:sip.example.com%3E");
  const Parsed huge(torture("scalar02"));
  EXPECT_EQ(huge->contacts()->front().expires_s(), 0xffffffffU);
  EXPECT_EQ(*huge->expires_s(), 0xffffffffU);
}

TEST(Rfc4475, UnknownSchemes) {
  EXPECT_EQ(Parsed(torture("unkscm"))->request_uri()->scheme, UriScheme::other);
  EXPECT_EQ(Parsed(torture("novelsc"))->request_uri()->scheme_text, "soap.beep");
  const Parsed message(torture("unksm2"));
  EXPECT_EQ(message->to()->uri.scheme_text, "isbn");
  EXPECT_FALSE(canonical_aor(message->to()->uri).has_value());
  const Parsed authorized(torture("regaut01"));
  const auto credentials =
      Authentication::parse(authorized->value(HeaderName::authorization), "Authorization");
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(credentials->scheme, "NoOneKnowsThisScheme");
  EXPECT_EQ(credentials->find("Opaque-Data"), "here");
}

}  // namespace
}  // namespace chordial::sip
