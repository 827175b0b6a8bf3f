// Messages the tests of this room share.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "sip/message/message.h"

namespace chordial::sip {

inline constexpr std::string_view sample_invite =
    "INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKnashds8;rport\r\n"
    "Via: SIP/2.0/TCP first.example.com:5070;branch=z9hG4bKfirst, SIP/2.0/UDP 192.0.2.9\r\n"
    "Max-Forwards: 70\r\n"
    "Route: <sip:one.example.com;lr>, <sip:two.example.com;lr>\r\n"
    "Route: <sip:three.example.com;lr>\r\n"
    "To: Bob <sip:bob@biloxi.example.com>\r\n"
    "From: \"Alice, A.\" <sip:alice@atlanta.example.com>;tag=1928301774\r\n"
    "Call-ID: a84b4c76e66710\r\n"
    "CSeq: 314159 INVITE\r\n"
    "Contact: <sip:alice@pc33.atlanta.example.com>\r\n"
    "X-Private: one\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 4\r\n"
    "\r\n"
    "v=0\n";

// Of the bit-exact archive in RFC 4475, appendix A. The empty line that baddn lacks there is
// added: the text refuses that message for another reason.
inline std::string torture(const std::string& name) {
  std::ifstream file(std::string(CHORDIAL_TEST_DATA "/sip_message/rfc4475/") + name + ".dat",
                     std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Copies: what it returns lives as long as this object.
class Parsed {
 public:
  explicit Parsed(std::string_view text) : text_(text), message_(Message::parse(as_bytes(text_))) {
    EXPECT_TRUE(message_.has_value()) << (message_ ? "" : message_.error().text());
  }
  Parsed(const Parsed&) = delete;
  const Message* operator->() const { return &*message_; }
  const Message& operator*() const { return *message_; }

 private:
  std::string text_;
  Expected<Message> message_;
};

}  // namespace chordial::sip
