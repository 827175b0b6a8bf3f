// Private to this room: the stateless cookie exchange (RFC 6347 §4.2.1). The library can do it too,
// but builds a whole association for every ClientHello first; a flood would be served at that
// price.
#pragma once

#include "base/rng.h"
#include "base/time.h"
#include "crypto/hash.h"

namespace chordial::crypto::openssl {

enum class HelloVerdict : std::uint8_t {
  drop,     // no ClientHello in one piece
  request,  // without a good cookie: answer with hello_verify_request
  proven,   // the sender receives at the address it sends from
};

class CookieSecret {
 public:
  explicit CookieSecret(Rng& rng) { rng.fill(key_); }

  // Cookies prove the source address and the client's random; they age after one to two
  // cookie_lifetimes.
  [[nodiscard]] HelloVerdict judge(Now now, ByteView source, ByteView datagram) const;
  // Caller's duty: `judge` has said `request` of this datagram.
  [[nodiscard]] Bytes hello_verify_request(Now now, ByteView source, ByteView datagram) const;

  static constexpr Duration cookie_lifetime = std::chrono::seconds(30);

 private:
  [[nodiscard]] Sha256 cookie(std::int64_t period, ByteView source, ByteView client_random) const;

  std::array<std::uint8_t, 32> key_{};
};

}  // namespace chordial::crypto::openssl
