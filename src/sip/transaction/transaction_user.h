// Whoever stands above the transactions: a proxy, a registrar, a dialog (RFC 3261 §5 "Transaction
// User"). Every callback may call back into the TransactionLayer.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "sip/flow/flow.h"
#include "sip/flow/sender.h"
#include "sip/message/message.h"

namespace chordial::sip {

// `context` is the number the user gave with the transaction (0 until it did). Messages live until
// the callback returns; StoredMessage keeps one longer.
class TransactionUser {
 public:
  // A new request, never a retransmission, that has passed Message::validate(). The user owes it a
  // response, now or later; an INVITE that was given none when this returns is answered 100.
  virtual void on_request(Now now, TransactionId id, const Message& request, const Flow& flow) = 0;

  // An ACK that is not the transaction layer's own business (§13.3.1.4): for a 2xx whose INVITE
  // transaction is `id`, or a stray one with id none. ACKs go to the user of the transaction, stray
  // ones to the layer's first user.
  virtual void on_ack(Now now, TransactionId id, std::uint64_t context, const Message& ack,
                      const Flow& flow) = 0;

  // A response; of retransmitted finals only 2xx to INVITE come more than once. `id` is none for a
  // stray response, which goes to the layer's first user (RFC 6026 §8.9: never forward one).
  virtual void on_response(Now now, TransactionId id, std::uint64_t context,
                           const Message& response, const Flow& flow) = 0;

  // Timer B or F: no final response came; treat it as 408. For a server transaction timer H: no
  // ACK.
  virtual void on_timeout(Now now, TransactionId id, std::uint64_t context) = 0;

  // The message could not be sent; treat it as 503 (§8.1.3.1, §17.2.4). The transaction is over.
  virtual void on_transport_error(Now now, TransactionId id, std::uint64_t context,
                                  const Error& error) = 0;

  // The last word about a transaction, after which its id means nothing.
  virtual void on_terminated(Now /*now*/, TransactionId /*id*/, std::uint64_t /*context*/) {}

 protected:
  ~TransactionUser() = default;
};

}  // namespace chordial::sip
