// The arithmetic of HTTP digest as SIP uses it (RFC 7616 §3.4.1–3.4.3, RFC 8760 §2.6): H(A1) and
// the request digest. Knows no header field and no nonce's inside.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chordial::sip {

// In the order of preference (RFC 8760 §2.3). SHA-512/256 is not offered: no phone at hand has it.
enum class DigestAlgorithm : std::uint8_t { sha256, md5 };

inline constexpr DigestAlgorithm digest_algorithms[] = {DigestAlgorithm::sha256,
                                                        DigestAlgorithm::md5};

[[nodiscard]] const char* algorithm_name(DigestAlgorithm algorithm);  // "SHA-256", "MD5"
// Empty text means MD5 (RFC 7616 §3.3); nothing for what is not understood, `-sess` included.
[[nodiscard]] std::optional<DigestAlgorithm> algorithm_by_name(std::string_view name);
// Characters of a digest: 64 or 32.
[[nodiscard]] std::size_t digest_characters(DigestAlgorithm algorithm);

// H(username:realm:password) in lower-case hexadecimal: what a node keeps instead of a password.
[[nodiscard]] std::string digest_ha1(DigestAlgorithm algorithm, std::string_view username,
                                     std::string_view realm, std::string_view password);

struct DigestInput {
  std::string_view ha1;  // hexadecimal
  std::string_view method;
  std::string_view uri;
  std::string_view nonce;
  std::string_view nc;
  std::string_view cnonce;
  std::string_view qop;  // "auth"; empty computes the form of RFC 2069
};

// request-digest in lower-case hexadecimal.
[[nodiscard]] std::string digest_response(DigestAlgorithm algorithm, const DigestInput& input);

}  // namespace chordial::sip
