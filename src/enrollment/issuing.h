// Private to this room: certificates as this system issues them, whoever signs.
#pragma once

#include "crypto/openssl/issuing.h"
#include "crypto/openssl/key_signer.h"
#include "enrollment/digest_hashes.h"
#include "enrollment/join_file.h"

namespace chordial::enrollment {

// From an hour before `now`, for clocks that are late, to `days` after it.
[[nodiscard]] crypto::openssl::Validity validity_from(WallTime now, int days);

// A fresh key with its certificate for exactly one (name, node) pair.
[[nodiscard]] Expected<std::unique_ptr<crypto::openssl::KeySigner>> issue_pair(
    const crypto::openssl::Issuer& issuer, const NodeId& node, std::string_view user_name,
    std::string_view overlay, const crypto::openssl::Validity& validity);

// The same for a user, with the hashes sealed to the node's certificate.
[[nodiscard]] Expected<UserCredentials> issue_user_credentials(
    const crypto::openssl::Issuer& issuer, std::string_view aor, const DigestHashes& hashes,
    const crypto::Certificate& node, std::string_view overlay, WallTime now);

}  // namespace chordial::enrollment
