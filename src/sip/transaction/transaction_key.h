// What tells transactions apart (RFC 3261 §17.1.3, §17.2.3), as 128 bits of keyed hash: strangers
// choose branches, and without the key none of them can make two meet.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "sip/message/message.h"

namespace chordial::sip {

struct TransactionKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  friend bool operator==(const TransactionKey&, const TransactionKey&) = default;
};

struct TransactionKeySecret {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// The server transaction a request belongs to. ACK has the key of its INVITE. `as` is the method to
// look under: a CANCEL's own, or INVITE for the transaction it cancels.
[[nodiscard]] Expected<TransactionKey> server_key(const Message& request,
                                                  std::string_view as_method,
                                                  const TransactionKeySecret& secret);
// The client transaction of our own request, or of a response to it.
[[nodiscard]] Expected<TransactionKey> client_key(const Message& message,
                                                  const TransactionKeySecret& secret);

}  // namespace chordial::sip
