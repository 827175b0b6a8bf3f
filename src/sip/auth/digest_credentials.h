// The credentials of Authorization and Proxy-Authorization: parsing alone (RFC 3261 §20.7, §25.1;
// RFC 7616 §3.4; RFC 8760 §2.7). Knows no password, no nonce and no message.
#pragma once

#include <string_view>

#include "base/error.h"

namespace chordial::sip {

inline constexpr std::size_t digest_header_bytes_max = 4096;
inline constexpr std::size_t digest_parameters_max = 32;

// Views into the header field's value. Quoted values stand without their quotes and with their
// backslashes, as unq() of RFC 7616 §3.4.1 hashes them. What is absent is empty.
struct DigestCredentials {
  std::string_view username;
  std::string_view realm;
  std::string_view nonce;
  std::string_view uri;
  std::string_view response;
  std::string_view algorithm;
  std::string_view cnonce;
  std::string_view opaque;
  std::string_view qop;
  std::string_view nc;  // eight hexadecimal digits, or empty
  std::uint32_t nonce_count = 0;
};

// `value` is one header field's value: `Digest username="…", …`. Errors: unsupported (another
// scheme than Digest; username* or userhash=true), malformed (grammar, a parameter twice, a nonce
// count that is not 8LHEX, a missing username, realm, nonce, uri or response), limit.
[[nodiscard]] Expected<DigestCredentials> parse_digest_credentials(std::string_view value);

}  // namespace chordial::sip
