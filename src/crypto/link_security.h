// One security association over datagrams: DTLS 1.2 with certificates on both sides (RFC 6347, RFC
// 6940 §6.6.1). Sans-IO; openssl/ implements it. Only links of the *wire* fidelity have one.
#pragma once

#include <memory>
#include <optional>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/certificate.h"

namespace chordial::crypto {

// What an association asks of its owner, during the owner's calls into it.
class LinkSecurityHandler {
 public:
  virtual void on_security_transmit(ByteView datagram) = 0;  // one UDP datagram
  virtual void on_security_plaintext(Now now, ByteView record) = 0;
  // The peer's certificate is chained, usable and bound to the handshake.
  virtual void on_security_established(Now now, const Certificate& peer) = 0;
  // The association is over; destroy it after the present call has returned.
  virtual void on_security_closed(Now now, const Error& why) = 0;

 protected:
  ~LinkSecurityHandler() = default;
};

class LinkSecurity {
 public:
  virtual ~LinkSecurity() = default;

  // Client: sends the first flight. Server: does nothing.
  virtual void start(Now now) = 0;
  virtual void handle_datagram(Now now, ByteView datagram) = 0;
  virtual void handle_timeout(Now now) = 0;
  // `never` when nothing is to be retransmitted.
  [[nodiscard]] virtual MonotonicTime next_timeout() const = 0;
  // One record, at most plaintext_bytes_max(); only once established. Errors: limit, unavailable.
  [[nodiscard]] virtual Expected<void> write(Now now, ByteView plaintext) = 0;
  // close_notify.
  virtual void close(Now now) = 0;
  [[nodiscard]] virtual std::size_t plaintext_bytes_max() const = 0;
  [[nodiscard]] virtual const char* cipher() const = 0;
};

// Whether a datagram begins with a DTLS ClientHello outside any epoch: from the address of a living
// association it means that the other side has lost its state (RFC 6347 §4.2.8). Give such a one to
// LinkSecurityContext::accept and replace the association only when that returns a new one.
[[nodiscard]] bool is_client_hello(ByteView datagram);

enum class SecurityRole : std::uint8_t { client, server };

// Shared by all associations of a node: keys, roots, cipher policy, session cache, cookie secret.
class LinkSecurityContext {
 public:
  virtual ~LinkSecurityContext() = default;

  // `expected`: the certificate must name this node. `handler` outlives the association.
  [[nodiscard]] virtual std::unique_ptr<LinkSecurity> create(SecurityRole role,
                                                             LinkSecurityHandler& handler,
                                                             std::optional<NodeId> expected) = 0;
  // A first datagram from an unknown address (RFC 6347 §4.2.1), without state of ours: a
  // ClientHello with a valid cookie returns an association that has consumed it; one without is
  // answered with a HelloVerifyRequest through handler.on_security_transmit and null is returned;
  // anything else is dropped. `source` is what the cookie is bound to.
  [[nodiscard]] virtual std::unique_ptr<LinkSecurity> accept(Now now, ByteView source,
                                                             ByteView datagram,
                                                             LinkSecurityHandler& handler) = 0;
};

}  // namespace chordial::crypto
