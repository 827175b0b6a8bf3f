#include "crypto/openssl/cookie.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace chordial::crypto::openssl {

namespace {

constexpr std::uint8_t content_type_handshake = 22;
constexpr std::uint8_t type_client_hello = 1;
constexpr std::uint8_t type_hello_verify_request = 3;
// §4.2.1: servers answer with DTLS 1.0 whatever will be negotiated.
constexpr std::uint16_t version_dtls_1_0 = 0xfeff;
constexpr std::size_t random_bytes = 32;

struct ClientHello {
  std::uint64_t sequence_number = 0;  // 48 bits
  ByteView random;
  ByteView cookie;
  bool ok = false;
};

ClientHello read_client_hello(ByteView datagram) {
  ClientHello hello;
  ByteReader record(datagram);
  bool fits = record.u8("type") == content_type_handshake;
  fits = (record.u16("version") >> 8) == 0xfe && fits;
  fits = record.u16("epoch") == 0 && fits;
  hello.sequence_number = std::uint64_t{record.u16("sequence_number")} << 32;
  hello.sequence_number |= record.u32("sequence_number");
  ByteReader message = record.sub_reader(2, "length");
  fits = message.u8("msg_type") == type_client_hello && fits;
  const auto u24 = [&message](const char* field) {
    return (std::uint32_t{message.u8(field)} << 16) | message.u16(field);
  };
  const std::uint32_t length = u24("length");
  message.u16("message_seq");
  // A ClientHello in pieces would have to be kept until it is whole.
  fits = u24("fragment_offset") == 0 && fits;
  fits = u24("fragment_length") == length && fits;
  ByteReader body(message.take(length, "body"));
  fits = (body.u16("client_version") >> 8) == 0xfe && fits;
  hello.random = body.take(random_bytes, "random");
  body.vector(1, "session_id");
  hello.cookie = body.vector(1, "cookie");
  hello.ok = fits && record.ok() && message.ok() && body.ok();
  return hello;
}

std::int64_t period_of(Now now) {
  return now.monotonic.time_since_epoch() / CookieSecret::cookie_lifetime;
}

}  // namespace

Sha256 CookieSecret::cookie(std::int64_t period, ByteView source, ByteView client_random) const {
  ByteWriter label;
  label.u64(static_cast<std::uint64_t>(period));
  label.u8(static_cast<std::uint8_t>(source.size()));
  return hmac_sha256(key_, {label.view(), source, client_random});
}

HelloVerdict CookieSecret::judge(Now now, ByteView source, ByteView datagram) const {
  const ClientHello hello = read_client_hello(datagram);
  if (!hello.ok) return HelloVerdict::drop;
  for (const std::int64_t age : {0, 1}) {
    if (hello.cookie.empty()) break;
    const Sha256 expected = cookie(period_of(now) - age, source, hello.random);
    if (equal_constant_time(hello.cookie, expected)) return HelloVerdict::proven;
  }
  return HelloVerdict::request;
}

Bytes CookieSecret::hello_verify_request(Now now, ByteView source, ByteView datagram) const {
  const ClientHello hello = read_client_hello(datagram);
  const Sha256 value = cookie(period_of(now), source, hello.random);
  constexpr std::uint32_t body_bytes = 2 + 1 + sizeof(Sha256);
  ByteWriter out;
  out.u8(content_type_handshake);
  out.u16(version_dtls_1_0);
  out.u16(0);  // epoch
  // §4.2.1: the number of the ClientHello, so that none is used twice without state.
  out.u16(static_cast<std::uint16_t>(hello.sequence_number >> 32));
  out.u32(static_cast<std::uint32_t>(hello.sequence_number));
  const std::size_t record = out.open(2);
  out.u8(type_hello_verify_request);
  const auto u24 = [&out](std::uint32_t number) {
    out.u8(static_cast<std::uint8_t>(number >> 16));
    out.u16(static_cast<std::uint16_t>(number));
  };
  u24(body_bytes);
  out.u16(0);  // message_seq
  u24(0);      // fragment_offset
  u24(body_bytes);
  out.u16(version_dtls_1_0);
  out.vector(1, value);
  out.close(record, 2);
  return out.take();
}

}  // namespace chordial::crypto::openssl
