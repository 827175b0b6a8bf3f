#include "sip/transaction/transaction_key.h"

#include <string>

#include "base/rng.h"
#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

// Keeps the two sides of a node that talks to itself apart, and both from RFC 2543's rules.
enum class Domain : char { client = 'c', server = 's', server_2543 = 'o' };

class KeyText {
 public:
  explicit KeyText(Domain domain) : text_(1, static_cast<char>(domain)) { text_.reserve(160); }

  // No part holds a line feed but a folded one, and there it only stands for white space.
  KeyText& add(std::string_view part) {
    text_ += part;
    text_ += '\n';
    return *this;
  }
  KeyText& add_nocase(std::string_view part) {
    for (const char c : part)
      text_ += lower(c);
    text_ += '\n';
    return *this;
  }

  [[nodiscard]] TransactionKey hash(const TransactionKeySecret& secret) const {
    return {siphash(secret.low, secret.high, as_bytes(text_)),
            siphash(~secret.low, secret.high, as_bytes(text_))};
  }

 private:
  std::string text_;
};

Expected<TransactionKey> key_2543(const Message& request, const Via& via,
                                  std::string_view as_method, const TransactionKeySecret& secret) {
  const auto from = request.from();
  if (!from) return Failure(from.error());
  const auto call_id = request.call_id();
  if (!call_id) return Failure(call_id.error());
  const auto cseq = request.cseq();
  if (!cseq) return Failure(cseq.error());
  return KeyText(Domain::server_2543)
      .add(request.request_uri_text())
      .add(from->tag())
      .add(*call_id)
      .add(std::to_string(cseq->number))
      .add(via.text)
      .add(as_method)
      .hash(secret);
}

}  // namespace

Expected<TransactionKey> server_key(const Message& request, std::string_view as_method,
                                    const TransactionKeySecret& secret) {
  const auto via = request.top_via();
  if (!via) return Failure(via.error());
  if (as_method == text_of(Method::ack)) as_method = text_of(Method::invite);
  if (!via->has_magic_cookie()) return key_2543(request, *via, as_method, secret);
  return KeyText(Domain::server)
      .add_nocase(via->branch())  // tokens compare without case (§7.3.1)
      .add_nocase(via->host)
      .add(std::to_string(via->port))
      .add(as_method)
      .hash(secret);
}

Expected<TransactionKey> client_key(const Message& message, const TransactionKeySecret& secret) {
  const auto via = message.top_via();
  if (!via) return Failure(via.error());
  if (!via->has_magic_cookie())
    return failure(ErrorKind::invalid, "Via", "no branch of ours", message.offset_of(via->text));
  const auto cseq = message.cseq();
  if (!cseq) return Failure(cseq.error());
  return KeyText(Domain::client).add_nocase(via->branch()).add(cseq->method_text).hash(secret);
}

}  // namespace chordial::sip
