// A join file put to the proof, and opened for use: what a node starts with.
#pragma once

#include <memory>
#include <vector>

#include "configuration/document.h"
#include "crypto/openssl/key_signer.h"
#include "enrollment/digest_hashes.h"
#include "enrollment/join_file.h"

namespace chordial::enrollment {

struct OpenedUser {
  std::string aor;
  std::unique_ptr<crypto::openssl::KeySigner> signer;
  DigestHashes hashes;
};

struct Credentials {
  configuration::SignedConfiguration configuration;
  std::unique_ptr<crypto::openssl::KeySigner> node;  // names JoinFile::node_id
  std::vector<OpenedUser> users;  // an expired certificate is still here: ask the store
};

// Checks that the document is about this overlay, supported by this build and signed by its own
// configuration signer and kind signers under its own roots; that the node's certificate is usable
// now, names the node alone and fits its key; that every user's certificate chains to the roots,
// names that (AOR, node) and fits its key; and opens what is sealed. The overlay's root is believed
// because the file was carried here, and so is its signing time: a clock that is behind it counts
// as showing it. Errors: malformed, unsupported, unauthentic, expired, forbidden; the field says
// which part.
[[nodiscard]] Expected<Credentials> open_credentials(const JoinFile& file, Now now);

}  // namespace chordial::enrollment
