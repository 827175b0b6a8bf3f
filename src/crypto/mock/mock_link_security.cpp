#include "crypto/mock/mock_link_security.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace chordial::crypto::mock {

namespace {

constexpr std::uint8_t content_alert = 21;
constexpr std::uint8_t content_handshake = 22;
constexpr std::uint8_t content_data = 23;
constexpr std::uint8_t client_hello = 1;
constexpr std::uint8_t server_proof = 11;  // the numbers of Certificate and CertificateVerify
constexpr std::uint8_t client_proof = 15;
constexpr std::uint16_t version = 0xfefd;  // DTLS 1.2
constexpr std::size_t hello_random_at = 2;
constexpr std::size_t record_header_bytes = 13;
// Explicit nonce and tag of an AEAD cipher (RFC 5288); the tag holds in its first half.
constexpr std::size_t nonce_bytes = 8;
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t datagram_bytes_max = 1200;
constexpr Duration retransmission_max = std::chrono::milliseconds(6400);

}  // namespace

std::unique_ptr<LinkSecurity> MockLinkSecurityContext::create(SecurityRole role,
                                                              LinkSecurityHandler& handler,
                                                              std::optional<NodeId> expected) {
  return std::make_unique<MockLinkSecurity>(*this, role, handler, expected);
}

std::unique_ptr<LinkSecurity> MockLinkSecurityContext::accept(Now now, ByteView /*source*/,
                                                              ByteView datagram,
                                                              LinkSecurityHandler& handler) {
  if (!is_client_hello(datagram)) return nullptr;
  auto association =
      std::make_unique<MockLinkSecurity>(*this, SecurityRole::server, handler, std::nullopt);
  association->handle_datagram(now, datagram);
  return association->begun() ? std::move(association) : nullptr;
}

MockLinkSecurity::MockLinkSecurity(MockLinkSecurityContext& context, SecurityRole role,
                                   LinkSecurityHandler& handler, std::optional<NodeId> expected)
    : context_(context), handler_(handler), expected_(expected), role_(role) {
  context_.rng_.fill(role_ == SecurityRole::client ? client_random_ : server_random_);
}

std::size_t MockLinkSecurity::plaintext_bytes_max() const {
  return datagram_bytes_max - record_header_bytes - nonce_bytes - tag_bytes;
}

Bytes MockLinkSecurity::record_header(std::uint8_t type, std::size_t length) {
  ByteWriter out;
  out.u8(type);
  out.u16(version);
  // Epoch 1 begins with the data, as behind ChangeCipherSpec.
  out.u64((type == content_data ? std::uint64_t{1} << 48 : 0) | sequence_++);
  out.u16(static_cast<std::uint16_t>(length));
  return out.take();
}

Bytes MockLinkSecurity::handshake(std::uint8_t type, ByteView body) {
  ByteWriter message;
  const auto length = static_cast<std::uint32_t>(body.size());
  message.u32(std::uint32_t{type} << 24 | length);
  message.u16(0);                                       // message_seq
  message.raw(Bytes(3, 0));                             // fragment_offset
  message.u8(static_cast<std::uint8_t>(length >> 16));  // fragment_length
  message.u16(static_cast<std::uint16_t>(length));
  message.raw(body);
  ByteWriter record(record_header(content_handshake, message.size()));
  record.raw(message.view());
  return record.take();
}

Bytes MockLinkSecurity::proof() {
  const ByteView side = as_bytes(role_ == SecurityRole::client ? "client" : "server");
  ByteWriter out;
  if (role_ == SecurityRole::server) out.raw(server_random_);
  out.vector(2, context_.signer_.certificate().der);
  out.vector(2, context_.signer_.sign({side, client_random_, server_random_}));
  return out.take();
}

void MockLinkSecurity::send_flight(Now now) {
  retransmit_at_ = now.monotonic + retransmit_after_;
  handler_.on_security_transmit(flight_);
}

void MockLinkSecurity::start(Now now) {
  if (role_ != SecurityRole::client || state_ != State::handshaking) return;
  ByteWriter hello;
  hello.u16(version);
  hello.raw(client_random_);
  flight_ = handshake(client_hello, hello.view());
  send_flight(now);
}

void MockLinkSecurity::answer_hello(Now now, ByteView hello) {
  const ByteView random = hello.subspan(hello_random_at);
  if (flight_.empty()) {
    std::ranges::copy(random, client_random_.begin());
    flight_ = handshake(server_proof, proof());
  }
  if (equal(random, client_random_)) send_flight(now);
}

void MockLinkSecurity::handle_timeout(Now now) {
  if (state_ != State::handshaking || retransmit_at_ > now.monotonic) return;
  retransmit_after_ = std::min(2 * retransmit_after_, retransmission_max);
  send_flight(now);
}

void MockLinkSecurity::handle_datagram(Now now, ByteView datagram) {
  while (datagram.size() > record_header_bytes && state_ != State::closed) {
    const std::size_t length = std::size_t{datagram[11]} << 8 | datagram[12];
    if (length > datagram.size() - record_header_bytes) return;
    handle_record(now, datagram.first(record_header_bytes + length));
    datagram = datagram.subspan(record_header_bytes + length);
  }
}

void MockLinkSecurity::handle_record(Now now, ByteView record) {
  if (record[0] == content_data && state_ == State::established) return open_data(now, record);
  if (record[0] == content_alert) {
    const ByteView tagged = record.subspan(record_header_bytes);
    ByteReader reader(tagged);
    const bool proven = reader.u64("tag") == tag(role_ == SecurityRole::server, {}) && reader.ok();
    if (state_ == State::established && proven) {
      end(now, {ErrorKind::unavailable, "alert", 0, "close notify"});
    }
    return;
  }
  if (record[0] != content_handshake) return;
  ByteReader reader(record.subspan(record_header_bytes));
  const std::uint8_t type = reader.u8("msg_type");
  (void)reader.take(11, "handshake");
  const ByteView body = reader.rest();
  if (reader.ok()) handle_handshake(now, type, body);
}

void MockLinkSecurity::handle_handshake(Now now, std::uint8_t type, ByteView body) {
  const bool client = role_ == SecurityRole::client;
  if (!client && type == client_hello && state_ == State::handshaking &&
      body.size() == hello_random_at + client_random_.size()) {
    return answer_hello(now, body);
  }
  if (type != (client ? server_proof : client_proof) || !begun()) return;
  if (state_ == State::established) {
    // Our last flight got lost.
    if (client) handler_.on_security_transmit(flight_);
    return;
  }
  check_proof(now, body);
}

void MockLinkSecurity::check_proof(Now now, ByteView body) {
  const bool client = role_ == SecurityRole::client;
  ByteReader reader(body);
  Random random = server_random_;
  if (client) {
    const ByteView bytes = reader.take(random.size(), "random");
    if (reader.ok()) std::copy(bytes.begin(), bytes.end(), random.begin());
  }
  const ByteView der = reader.vector(2, "certificate");
  const ByteView signature = reader.vector(2, "signature");
  reader.expect_end("proof");
  if (!reader.ok()) return;
  const auto certificate = context_.certificates_.add(der, now);
  if (!certificate) return end(now, certificate.error());
  if (auto usable = context_.certificates_.usable(**certificate, now); !usable) {
    return end(now, usable.error());
  }
  if (expected_ && !names_node(**certificate, *expected_)) {
    return end(now, {ErrorKind::unauthentic, "certificate", 0, "names another node"});
  }
  const ByteView side = as_bytes(client ? "server" : "client");
  const auto held = context_.verifier_.verify(**certificate, SignatureAlgorithm{}, signature,
                                              {side, client_random_, random});
  if (!held) return end(now, held.error());
  server_random_ = random;
  // Both sides come to these, and nobody without the authority's secret.
  const Bytes keys = context_.authority_.signature(CertificateHash{}, {client_random_, random});
  ByteReader key(keys);
  key_low_ = key.u64("key");
  key_high_ = key.u64("key");
  state_ = State::established;
  retransmit_at_ = never;
  if (client) {
    flight_ = handshake(client_proof, proof());
    handler_.on_security_transmit(flight_);
  } else {
    flight_ = {};
  }
  handler_.on_security_established(now, **certificate);
}

std::uint64_t MockLinkSecurity::tag(bool from_client, ByteView bytes) const {
  return siphash(key_low_ ^ (from_client ? 1 : 0), key_high_, bytes);
}

Expected<void> MockLinkSecurity::write(Now, ByteView plaintext) {
  if (state_ != State::established) {
    return failure(ErrorKind::unavailable, "link", "not established");
  }
  if (plaintext.size() > plaintext_bytes_max()) {
    return failure(ErrorKind::limit, "record", "longer than one record");
  }
  ByteWriter record(record_header(content_data, nonce_bytes + plaintext.size() + tag_bytes));
  record.u64(sequence_);
  record.raw(plaintext);
  const std::uint64_t sealed = tag(role_ == SecurityRole::client, record.view());
  record.u64(sealed);
  record.u64(~sealed);
  handler_.on_security_transmit(record.view());
  return {};
}

void MockLinkSecurity::open_data(Now now, ByteView record) {
  if (record.size() < record_header_bytes + nonce_bytes + tag_bytes) return;
  const ByteView covered = record.first(record.size() - tag_bytes);
  const std::uint64_t sealed = tag(role_ == SecurityRole::server, covered);
  ByteReader reader(record.last(tag_bytes));
  const bool holds = reader.u64("tag") == sealed;
  if (reader.u64("tag") != ~sealed || !holds) return;
  handler_.on_security_plaintext(now, covered.subspan(record_header_bytes + nonce_bytes));
}

void MockLinkSecurity::close(Now) {
  if (state_ == State::established) {
    ByteWriter record(record_header(content_alert, 8));
    record.u64(tag(role_ == SecurityRole::client, {}));
    handler_.on_security_transmit(record.view());
  }
  state_ = State::closed;
  retransmit_at_ = never;
}

void MockLinkSecurity::end(Now now, const Error& why) {
  state_ = State::closed;
  retransmit_at_ = never;
  handler_.on_security_closed(now, why);
}

}  // namespace chordial::crypto::mock
