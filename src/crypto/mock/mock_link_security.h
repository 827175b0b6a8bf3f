// Security associations of the simulator: the record and handshake headers of DTLS 1.2 as far as
// links look into them (RFC 6347 §4.1, §4.3.2), certificates on both sides checked as the real ones
// are, records of the same size that still reject every altered byte. Encrypts nothing.
//
// The handshake is shorter than the real one, which has a cookie before it: ClientHello; the
// server's certificate with a signature over both randoms; the client's likewise.
#pragma once

#include <array>

#include "crypto/certificate_store.h"
#include "crypto/link_security.h"
#include "crypto/mock/mock_signer.h"

namespace chordial::crypto::mock {

// All references outlive it.
class MockLinkSecurityContext final : public LinkSecurityContext {
 public:
  MockLinkSecurityContext(const MockAuthority& authority, MockSigner& signer, Verifier& verifier,
                          CertificateStore& certificates, Rng& rng)
      : authority_(authority),
        signer_(signer),
        verifier_(verifier),
        certificates_(certificates),
        rng_(rng) {}

  [[nodiscard]] std::unique_ptr<LinkSecurity> create(SecurityRole role,
                                                     LinkSecurityHandler& handler,
                                                     std::optional<NodeId> expected) override;
  [[nodiscard]] std::unique_ptr<LinkSecurity> accept(Now now, ByteView source, ByteView datagram,
                                                     LinkSecurityHandler& handler) override;

 private:
  friend class MockLinkSecurity;

  const MockAuthority& authority_;
  MockSigner& signer_;
  Verifier& verifier_;
  CertificateStore& certificates_;
  Rng& rng_;
};

class MockLinkSecurity final : public LinkSecurity {
 public:
  using Random = std::array<std::uint8_t, 32>;

  MockLinkSecurity(MockLinkSecurityContext& context, SecurityRole role,
                   LinkSecurityHandler& handler, std::optional<NodeId> expected);

  // Whether a first flight is on its way.
  [[nodiscard]] bool begun() const { return !flight_.empty(); }

  void start(Now now) override;
  void handle_datagram(Now now, ByteView datagram) override;
  void handle_timeout(Now now) override;
  [[nodiscard]] MonotonicTime next_timeout() const override { return retransmit_at_; }
  [[nodiscard]] Expected<void> write(Now now, ByteView plaintext) override;
  void close(Now now) override;
  [[nodiscard]] std::size_t plaintext_bytes_max() const override;
  [[nodiscard]] const char* cipher() const override { return "MOCK"; }

 private:
  enum class State : std::uint8_t { handshaking, established, closed };

  void handle_record(Now now, ByteView record);
  void handle_handshake(Now now, std::uint8_t type, ByteView body);
  void answer_hello(Now now, ByteView hello);
  void check_proof(Now now, ByteView body);
  void open_data(Now now, ByteView record);
  void send_flight(Now now);
  void end(Now now, const Error& why);
  [[nodiscard]] Bytes handshake(std::uint8_t type, ByteView body);
  [[nodiscard]] Bytes record_header(std::uint8_t type, std::size_t length);
  // Certificate, and a signature over both randoms in the name of this side.
  [[nodiscard]] Bytes proof();
  [[nodiscard]] std::uint64_t tag(bool from_client, ByteView bytes) const;

  MockLinkSecurityContext& context_;
  LinkSecurityHandler& handler_;
  std::optional<NodeId> expected_;
  SecurityRole role_;
  State state_ = State::handshaking;
  Random client_random_{};
  Random server_random_{};
  std::uint64_t key_low_ = 0;
  std::uint64_t key_high_ = 0;
  std::uint64_t sequence_ = 0;
  Bytes flight_;  // what is sent again until the other side has answered
  MonotonicTime retransmit_at_ = never;
  Duration retransmit_after_{100'000};
};

}  // namespace chordial::crypto::mock
