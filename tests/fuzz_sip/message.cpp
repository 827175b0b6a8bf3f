// Any bytes into the message reader; what it calls valid must stay valid through the rewriter and
// must earn a valid response.
#include "base/assert.h"
#include "sip/message/build.h"
#include "sip/message/rewrite.h"

namespace {

using namespace chordial;
using namespace chordial::sip;

void read_everything(const Message& message) {
  for (std::size_t i = 0; i < message.header_count(); ++i)
    static_cast<void>(message.header(i));
  static_cast<void>(message.vias());
  static_cast<void>(message.contacts());
  static_cast<void>(message.routes());
  static_cast<void>(message.addresses(HeaderName::path));
  static_cast<void>(message.expires_s());
  static_cast<void>(message.method());
  static_cast<void>(message.lists_token(HeaderName::require, "x"));
  for (const HeaderName name : {HeaderName::authorization, HeaderName::proxy_authorization}) {
    const auto credentials = Authentication::parse(message.value(name), "Authorization");
    if (credentials) static_cast<void>(credentials->find("nonce"));
  }
  static_cast<void>(DialogReference::parse(message.value(HeaderName::replaces), "Replaces"));
  if (const auto contacts = message.contacts()) {
    for (const NameAddress& contact : *contacts) {
      static_cast<void>(contact.expires_s());
      static_cast<void>(contact.q_thousandths());
    }
  }
}

void must_be_valid(const Bytes& bytes) {
  const auto message = Message::parse(bytes);
  CHORDIAL_INVARIANT(message.has_value());
  CHORDIAL_INVARIANT(message->validate().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = Message::parse({data, size});
  if (!message) return 0;
  read_everything(*message);
  const SocketAddress source{*IpAddress::parse("192.0.2.1"), 5060};
  const bool room = message->header_count() + 8 < headers_max && size < 60000;
  if (!message->validate() || !room) return 0;
  Rewriter rewriter(*message);
  rewriter.stamp_top_via(source);
  rewriter.prepend_via("SIP/2.0/UDP p;branch=z9hG4bK1");
  rewriter.remove_first_route();
  rewriter.prepend(HeaderName::record_route, "<sip:p;lr>");
  rewriter.set_request_uri("sip:x@y");
  if (const auto hops = message->max_forwards(); !hops || *hops > 0)
    rewriter.decrement_max_forwards();
  must_be_valid(rewriter.gather());
  if (message->is_request())
    must_be_valid(MessageBuilder::response(*message, 486, "t", source).finish());
  return 0;
}
