// A site's own authority, for adding extensions while the uplink is down (design: identity): a
// path-length-0 CA that the configuration document lists with its Node-ID and a pattern of AORs.
#pragma once

#include <string>

#include "base/time.h"
#include "enrollment/join_file.h"

namespace chordial::enrollment {

// One file, mode 0600. Whoever has it can be any user the pattern matches, at that one node.
struct SiteFile {
  std::string overlay;
  std::string node_name;
  NodeId node_id;
  std::string aor_pattern;
  Bytes certificate;  // DER
  std::string key_pem;
};

inline constexpr std::size_t site_file_bytes_max = 64 * 1024;

[[nodiscard]] std::string encode_site_file(const SiteFile& site);
// Errors: malformed, unsupported (a later version).
[[nodiscard]] Expected<SiteFile> decode_site_file(std::string_view text);

// Issues a certificate for (name, the site's node) and puts it with the sealed hashes of the
// password into the node's credentials; a user of that name is replaced. The AOR comes back.
// Errors: invalid (name, credentials of another node), forbidden (outside the pattern, a reserved
// name), limit, those of issuing.
[[nodiscard]] Expected<std::string> add_site_user(const SiteFile& site, JoinFile& credentials,
                                                  std::string_view name, std::string_view password,
                                                  WallTime now);

}  // namespace chordial::enrollment
