#include "crypto/openssl/dtls_association.h"

#include <algorithm>
#include <array>
#include <openssl/err.h>

#include "base/assert.h"

namespace chordial::crypto::openssl {

namespace {

constexpr Duration retransmission_max = std::chrono::milliseconds(6400);
constexpr Duration repetition_interval = std::chrono::milliseconds(100);
constexpr std::uint8_t content_type_change_cipher_spec = 20;
constexpr std::uint8_t content_type_handshake = 22;
// The library counts in 32 bits of microseconds: the longest it can wait, over an hour.
constexpr unsigned library_never_us = 4'000'000'000U;

// What the other side's alert means to us. Numbers of RFC 5246 §7.2.
Error error_of_alert(int alert) {
  const char* reason = SSL_alert_desc_string_long(alert);
  switch (alert) {
    case SSL_AD_CERTIFICATE_EXPIRED:
      return {ErrorKind::expired, "alert", 0, reason};
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_ACCESS_DENIED:
      return {ErrorKind::forbidden, "alert", 0, reason};
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_DECRYPT_ERROR:
      return {ErrorKind::unauthentic, "alert", 0, reason};
    case SSL_AD_HANDSHAKE_FAILURE:
    case SSL_AD_PROTOCOL_VERSION:
    case SSL_AD_INSUFFICIENT_SECURITY:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return {ErrorKind::unsupported, "alert", 0, reason};
    default:
      return {ErrorKind::unavailable, "alert", 0, reason};
  }
}

// Chooses the alert that the library sends when we refuse a certificate.
int verify_error_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::expired:
      return X509_V_ERR_CERT_HAS_EXPIRED;
    case ErrorKind::forbidden:
      return X509_V_ERR_CERT_REVOKED;
    default:
      return X509_V_ERR_CERT_REJECTED;
  }
}

}  // namespace

DtlsAssociation::DtlsAssociation(DtlsContext::State& shared, SecurityRole role,
                                 LinkSecurityHandler& handler, std::optional<NodeId> expected)
    : shared_(shared),
      handler_(handler),
      ssl_(SSL_new(shared.native.get())),
      expected_(expected),
      role_(role) {
  // Nothing but memory can be missing here, and nothing in this program survives that.
  CHORDIAL_INVARIANT(ssl_ != nullptr);
  NativeBio bio = shared_.bio.make(*this);
  CHORDIAL_INVARIANT(bio != nullptr);
  BIO* both = bio.release();
  SSL_set_bio(ssl_.get(), both, both);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_mtu(ssl_.get(), static_cast<long>(shared_.options.datagram_bytes_max));
  DTLS_set_timer_cb(ssl_.get(), [](SSL* ssl, unsigned previous_us) {
    return of(ssl).library_timeout_us(previous_us);
  });
  if (role_ == SecurityRole::client) {
    SSL_set_connect_state(ssl_.get());
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

DtlsAssociation& DtlsAssociation::of(const SSL* ssl) {
  return *static_cast<DtlsAssociation*>(SSL_get_app_data(ssl));
}

void DtlsAssociation::start(Now now) {
  if (state_ != State::handshaking) return;
  give_up_at_ = now.monotonic + DtlsContext::handshake_time_max;
  if (role_ == SecurityRole::client) run(now);
}

bool DtlsAssociation::start_with(Now now, ByteView client_hello) {
  give_up_at_ = now.monotonic + DtlsContext::handshake_time_max;
  now_ = now;
  incoming = client_hello;
  BIO_ADDR* nobody = BIO_ADDR_new();
  ERR_clear_error();
  const bool taken = nobody != nullptr && DTLSv1_listen(ssl_.get(), nobody) == 1;
  BIO_ADDR_free(nobody);
  ERR_clear_error();
  incoming = {};
  const int result = taken ? SSL_do_handshake(ssl_.get()) : 0;
  if (!taken || SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
    ERR_clear_error();
    state_ = State::closed;
    return false;
  }
  arm(now);
  return true;
}

void DtlsAssociation::handle_datagram(Now now, ByteView datagram) {
  if (state_ == State::closed) return;
  incoming = datagram;
  flight_.end();
  transmitted_ = false;
  run(now);
  incoming = {};
  if (state_ == State::established) answer_repetition(now, datagram);
}

void DtlsAssociation::run(Now now) {
  now_ = now;
  ERR_clear_error();
  if (state_ == State::handshaking) {
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) {
      fail_from_library(now, result);
      if (state_ == State::handshaking) arm(now);
      return;
    }
    X509* x509 = SSL_get0_peer_certificate(ssl_.get());
    const auto peer = check_peer(x509);
    if (!peer) {
      close_with(now, peer.error());
      return;
    }
    state_ = State::established;
    retransmit_at_ = give_up_at_ = never;
    if (role_ == SecurityRole::client) flight_.clear();
    handler_.on_security_established(now, **peer);
  }
  read_records(now);
}

void DtlsAssociation::read_records(Now now) {
  std::array<std::uint8_t, SSL3_RT_MAX_PLAIN_LENGTH> record;
  while (state_ == State::established) {
    ERR_clear_error();
    const int size = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
    if (size <= 0) {
      fail_from_library(now, size);
      break;
    }
    flight_.clear();  // who sends data has our last flight
    handler_.on_security_plaintext(now, ByteView(record).first(static_cast<std::size_t>(size)));
  }
  // 17 KiB that an idle association has no use for.
  if (state_ == State::established) SSL_free_buffers(ssl_.get());
}

void DtlsAssociation::arm(Now now) {
  timeval unused{};
  if (DTLSv1_get_timeout(ssl_.get(), &unused) != 1) {
    retransmit_at_ = never;
  } else if (transmitted_) {
    retransmit_after_ = DtlsContext::first_retransmission;
    retransmit_at_ = now.monotonic + retransmit_after_;
  }
}

MonotonicTime DtlsAssociation::next_timeout() const {
  return std::min(retransmit_at_, give_up_at_);
}

void DtlsAssociation::handle_timeout(Now now) {
  if (state_ == State::closed) return;
  if (now.monotonic >= give_up_at_) {
    close_with(now, {ErrorKind::unavailable, "handshake", 0, "no answer"});
    return;
  }
  if (now.monotonic < retransmit_at_) return;
  now_ = now;
  retransmit_after_ = std::min(2 * retransmit_after_, retransmission_max);
  retransmit_at_ = now.monotonic + retransmit_after_;
  flight_.end();
  ERR_clear_error();
  const auto result = static_cast<int>(DTLSv1_handle_timeout(ssl_.get()));
  if (result < 0) {
    fail_from_library(now, result);
  } else if (result == 0) {
    flight_.for_each([this](ByteView datagram) { handler_.on_security_transmit(datagram); });
  }
}

unsigned DtlsAssociation::library_timeout_us(unsigned previous_us) const {
  if (shared_.options.virtual_clock) return library_never_us;
  // `Now` was read before the batch it belongs to was worked on: the library, which reads its clock
  // later, must still be the first to find that time is up.
  constexpr Duration margin = std::chrono::milliseconds(50);
  constexpr auto first = DtlsContext::first_retransmission - margin;
  const Duration previous = std::chrono::microseconds(previous_us) + margin;
  const Duration next = std::min(2 * previous, retransmission_max) - margin;
  return static_cast<unsigned>((previous_us == 0 ? first : next).count());
}

void DtlsAssociation::answer_repetition(Now now, ByteView datagram) {
  const bool is_handshake = !datagram.empty() && (datagram[0] == content_type_handshake ||
                                                  datagram[0] == content_type_change_cipher_spec);
  if (role_ != SecurityRole::server || !is_handshake || flight_.empty() || transmitted_ ||
      now.monotonic < repeat_not_before_) {
    return;
  }
  // Anybody can write such a datagram: once in a while is enough for the one who means it.
  repeat_not_before_ = now.monotonic + repetition_interval;
  flight_.for_each([this](ByteView sent) { handler_.on_security_transmit(sent); });
}

void DtlsAssociation::outgoing(ByteView datagram) {
  transmitted_ = true;
  if (state_ == State::handshaking) flight_.record(datagram);
  handler_.on_security_transmit(datagram);
}

Expected<void> DtlsAssociation::write(Now now, ByteView plaintext) {
  if (state_ != State::established) {
    return failure(ErrorKind::unavailable, "association", "it is not established");
  }
  if (plaintext.empty() || plaintext.size() > plaintext_bytes_max()) {
    return failure(ErrorKind::limit, "plaintext", "it does not fit one record");
  }
  now_ = now;
  ERR_clear_error();
  const int size = static_cast<int>(plaintext.size());
  const bool sent =
      SSL_alloc_buffers(ssl_.get()) == 1 && SSL_write(ssl_.get(), plaintext.data(), size) == size;
  SSL_free_buffers(ssl_.get());
  if (!sent) return library_failure("plaintext");
  return {};
}

void DtlsAssociation::close(Now now) {
  now_ = now;
  if (state_ == State::established) {
    ERR_clear_error();
    if (SSL_alloc_buffers(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  state_ = State::closed;
  retransmit_at_ = give_up_at_ = never;
}

std::size_t DtlsAssociation::plaintext_bytes_max() const {
  return state_ == State::established ? DTLS_get_data_mtu(ssl_.get()) : 0;
}

const char* DtlsAssociation::cipher() const {
  return state_ == State::established ? SSL_get_cipher_name(ssl_.get()) : "";
}

Expected<const Certificate*> DtlsAssociation::check_peer(X509* x509) const {
  if (x509 == nullptr) return failure(ErrorKind::unauthentic, "certificate", "there is none");
  auto peer = shared_.store.add(to_der(i2d_X509, x509), now_);
  if (!peer) return peer;
  if (auto usable = shared_.store.usable(**peer, now_); !usable) return Failure(usable.error());
  if (expected_ && !names_node(**peer, *expected_)) {
    return failure(ErrorKind::unauthentic, "node_id", "the certificate names another node");
  }
  return peer;
}

int DtlsAssociation::verify_peer(X509_STORE_CTX* context) {
  const auto peer = check_peer(X509_STORE_CTX_get0_cert(context));
  if (peer) {
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
  }
  refusal_ = peer.error();
  refused_ = true;
  X509_STORE_CTX_set_error(context, verify_error_of(refusal_));
  return 0;
}

void DtlsAssociation::fail_from_library(Now now, int result) {
  const int kind = SSL_get_error(ssl_.get(), result);
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return;
  if (kind == SSL_ERROR_ZERO_RETURN) {
    close_with(now, {ErrorKind::unavailable, "close_notify", 0, "closed by the other side"});
  } else if (refused_) {
    close_with(now, refusal_);
  } else if (reason >= SSL_AD_REASON_OFFSET) {
    close_with(now, error_of_alert(reason - SSL_AD_REASON_OFFSET));
  } else if (state_ == State::handshaking) {
    close_with(now, {ErrorKind::unsupported, "handshake", 0, "the two sides do not agree"});
  } else {
    close_with(now, {ErrorKind::malformed, "record", 0, "the association is broken"});
  }
}

void DtlsAssociation::close_with(Now now, const Error& why) {
  state_ = State::closed;
  retransmit_at_ = give_up_at_ = never;
  handler_.on_security_closed(now, why);
}

}  // namespace chordial::crypto::openssl
