// A join file: everything one node needs to be a member, in one file (design: identity). The same
// bytes are the node's credentials in its state folder. Whoever has the file can be that node: mode
// 0600, and carried by hand.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "base/node_id.h"

namespace chordial::enrollment {

inline constexpr std::size_t join_file_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t join_file_users_max = 4096;
inline constexpr std::size_t join_file_bootstrap_max = 64;

// A user whose phones this node may serve: the certificate for exactly this (AOR, node).
struct UserCredentials {
  std::string aor;
  Bytes certificate;    // DER
  std::string key_pem;  // its private key
  Bytes sealed_hashes;  // HA1, sealed to the node's certificate (digest_hashes.h)
};

struct JoinFile {
  std::string overlay;
  std::string node_name;
  NodeId node_id;
  Bytes document;          // the configuration document, signed, as XML
  Bytes node_certificate;  // DER
  std::string node_key_pem;
  std::vector<SocketAddress> bootstrap;  // beside the document's
  std::vector<UserCredentials> users;
};

[[nodiscard]] std::string encode_join_file(const JoinFile& file);
// The form alone; whether it is true, credentials.h says. Errors: malformed (what is missing or
// wrong, with its byte), unsupported (a later version), limit.
[[nodiscard]] Expected<JoinFile> decode_join_file(std::string_view text);

}  // namespace chordial::enrollment
