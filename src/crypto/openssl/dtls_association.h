// Private to this room: one DTLS association. See dtls_context.h for how it keeps time.
#pragma once

#include "crypto/openssl/dtls_state.h"
#include "crypto/openssl/flight.h"

namespace chordial::crypto::openssl {

class DtlsAssociation final : public LinkSecurity, private DatagramChannel {
 public:
  DtlsAssociation(DtlsContext::State& shared, SecurityRole role, LinkSecurityHandler& handler,
                  std::optional<NodeId> expected);

  // A server takes its first ClientHello, whose cookie is proven. False: it was not acceptable.
  [[nodiscard]] bool start_with(Now now, ByteView client_hello);

  void start(Now now) override;
  void handle_datagram(Now now, ByteView datagram) override;
  void handle_timeout(Now now) override;
  [[nodiscard]] MonotonicTime next_timeout() const override;
  [[nodiscard]] Expected<void> write(Now now, ByteView plaintext) override;
  void close(Now now) override;
  [[nodiscard]] std::size_t plaintext_bytes_max() const override;
  [[nodiscard]] const char* cipher() const override;

  // Called by the library through the context's callbacks.
  [[nodiscard]] int verify_peer(X509_STORE_CTX* context);
  [[nodiscard]] unsigned library_timeout_us(unsigned previous_us) const;
  static DtlsAssociation& of(const SSL* ssl);

 private:
  enum class State : std::uint8_t { handshaking, established, closed };

  void outgoing(ByteView datagram) override;
  // Lets the library work on what is there.
  void run(Now now);
  void read_records(Now now);
  void arm(Now now);
  // The server's last flight may be lost and nothing but the client's repetition tells.
  void answer_repetition(Now now, ByteView datagram);
  [[nodiscard]] Expected<const Certificate*> check_peer(X509* x509) const;
  void fail_from_library(Now now, int result);
  void close_with(Now now, const Error& why);

  DtlsContext::State& shared_;
  LinkSecurityHandler& handler_;
  NativeSsl ssl_;
  Flight flight_;
  Error refusal_;  // why verify_peer said no
  Now now_{};      // of the call under way
  MonotonicTime retransmit_at_ = never;
  MonotonicTime give_up_at_ = never;
  MonotonicTime repeat_not_before_{};
  Duration retransmit_after_{};
  std::optional<NodeId> expected_;
  SecurityRole role_;
  State state_ = State::handshaking;
  bool refused_ = false;
  bool transmitted_ = false;  // since the call under way began
};

}  // namespace chordial::crypto::openssl
