#include "sip/auth/digest.h"

#include <algorithm>
#include <initializer_list>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace chordial::sip {

namespace {

constexpr std::string_view colon = ":";

std::string hash_hex(DigestAlgorithm algorithm, std::initializer_list<ByteView> parts) {
  if (algorithm == DigestAlgorithm::sha256) return to_hex(crypto::sha256(parts));
  return to_hex(crypto::md5(parts));
}

}  // namespace

const char* algorithm_name(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::sha256 ? "SHA-256" : "MD5";
}

std::optional<DigestAlgorithm> algorithm_by_name(std::string_view name) {
  if (name.empty()) return DigestAlgorithm::md5;
  for (const DigestAlgorithm algorithm : digest_algorithms) {
    const std::string_view known = algorithm_name(algorithm);
    const auto same = [](char a, char b) {
      return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b;
    };
    if (std::equal(name.begin(), name.end(), known.begin(), known.end(), same)) return algorithm;
  }
  return std::nullopt;
}

std::size_t digest_characters(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::sha256 ? 64 : 32;
}

std::string digest_ha1(DigestAlgorithm algorithm, std::string_view username, std::string_view realm,
                       std::string_view password) {
  return hash_hex(algorithm, {as_bytes(username), as_bytes(colon), as_bytes(realm), as_bytes(colon),
                              as_bytes(password)});
}

std::string digest_response(DigestAlgorithm algorithm, const DigestInput& input) {
  const std::string ha2 =
      hash_hex(algorithm, {as_bytes(input.method), as_bytes(colon), as_bytes(input.uri)});
  if (input.qop.empty()) {
    return hash_hex(algorithm, {as_bytes(input.ha1), as_bytes(colon), as_bytes(input.nonce),
                                as_bytes(colon), as_bytes(ha2)});
  }
  return hash_hex(algorithm,
                  {as_bytes(input.ha1), as_bytes(colon), as_bytes(input.nonce), as_bytes(colon),
                   as_bytes(input.nc), as_bytes(colon), as_bytes(input.cnonce), as_bytes(colon),
                   as_bytes(input.qop), as_bytes(colon), as_bytes(ha2)});
}

}  // namespace chordial::sip
