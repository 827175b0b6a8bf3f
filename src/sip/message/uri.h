// SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966) as views over their text; any other scheme is
// kept opaque (urn:service:sos, http:).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/error.h"
#include "sip/message/parameters.h"

namespace chordial::sip {

enum class UriScheme : std::uint8_t { sip, sips, tel, other };

struct Uri {
  UriScheme scheme = UriScheme::other;
  std::string_view text;         // the whole URI
  std::string_view scheme_text;  // without ':'
  std::string_view user;         // with its escapes; for tel the number; for `other` all behind ':'
  std::string_view password;     // with its escapes
  std::string_view host;         // an IPv6 address keeps its brackets; empty for tel and other
  std::uint16_t port = 0;        // 0: none given
  bool has_user = false;
  Parameters parameters;
  std::string_view headers;  // behind '?'

  // The URI in all of `text`. Errors: malformed with the place, counted from `offset`. A scheme
  // that is not understood is no error.
  static Expected<Uri> parse(std::string_view text, const char* field = "uri",
                             std::uint32_t offset = 0);

  [[nodiscard]] bool is_sip() const {
    return scheme == UriScheme::sip || scheme == UriScheme::sips;
  }
  // The host as an address, if it is one.
  [[nodiscard]] std::optional<IpAddress> host_address() const;
  // The port given, else 5060 (5061 for sips).
  [[nodiscard]] std::uint16_t port_or_default() const;
  [[nodiscard]] bool is_loose_router() const { return parameters.has("lr"); }
};

// The comparison of RFC 3261 §19.1.4; for tel RFC 3966 §4; other schemes compare byte by byte.
[[nodiscard]] bool equivalent(const Uri& a, const Uri& b);

// The name a user is stored under: "user@host" without scheme, port and parameters, percent escapes
// undone, the host in lower case. Errors: unsupported for a scheme other than sip, sips; malformed
// without a user or with an escape that hides a control character.
[[nodiscard]] Expected<std::string> canonical_aor(const Uri& uri);

// A user part with percent escapes where RFC 3261 §25.1 wants them.
[[nodiscard]] std::string escape_user(std::string_view plain);

// True for a host name, an IPv4 address or an IPv6 address in brackets.
[[nodiscard]] bool is_host(std::string_view text);
// "host", "host:port"; false on anything else. White space around ':' is accepted (Via allows it).
[[nodiscard]] bool split_host_port(std::string_view text, std::string_view& host,
                                   std::uint16_t& port);

}  // namespace chordial::sip
