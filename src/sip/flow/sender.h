// The way out of the SIP rooms. The node behind it knows sockets, connections and the overlay.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "sip/flow/flow.h"

namespace chordial::sip {

// Names one transaction for its lifetime; never used again. 0 is none.
enum class TransactionId : std::uint64_t { none = 0 };

class Sender {
 public:
  // Sends one message; `bytes` live until the call returns. `on_behalf_of` lets a failure that
  // shows later be told to TransactionLayer::send_failed (none: nobody wants to know). Must not
  // call back into whoever calls it. Errors: unavailable when nothing can be sent there.
  virtual Expected<void> send(Now now, const Flow& flow, ByteView bytes,
                              TransactionId on_behalf_of) = 0;

  // Whoever is at the other end has just proven to be a user: where connections must go, this one
  // goes last.
  virtual void flow_proven(const Flow& /*flow*/) {}

 protected:
  ~Sender() = default;
};

}  // namespace chordial::sip
