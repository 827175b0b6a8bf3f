// The structured header values of RFC 3261 §20 as views over the message they came from. Parsed
// when asked for, never before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sip/message/method.h"
#include "sip/message/parameters.h"
#include "sip/message/uri.h"

namespace chordial::sip {

// From, To, Contact, Route, Record-Route, Path, Refer-To, P-Asserted-Identity … (§20.10).
struct NameAddress {
  std::string_view text;          // the whole value
  std::string_view display_name;  // as it stands there, quotes included; may be empty
  Uri uri;
  Parameters parameters;  // of the header, not of the URI
  bool star = false;      // "Contact: *"; all else is empty then

  static Expected<NameAddress> parse(std::string_view text, const char* field,
                                     std::uint32_t offset = 0);

  [[nodiscard]] std::string_view tag() const { return parameters.value("tag"); }
  // Contact's own expiry in seconds. A value above 2^32-1 counts as 2^32-1, a malformed one as 3600
  // (§10.3 step 7, §20.10).
  [[nodiscard]] std::optional<std::uint32_t> expires_s() const;
  // Preference in thousandths, 0 to 1000; 1000 where missing or malformed.
  [[nodiscard]] std::uint16_t q_thousandths() const;
};

// Via (§20.42).
struct Via {
  std::string_view text;       // the whole value
  std::string_view transport;  // "UDP", "TCP", … in the sender's case
  std::string_view host;
  std::uint16_t port = 0;  // 0: none given
  bool is_sip_2 = false;   // SIP/2.0
  Parameters parameters;

  // Another protocol than SIP/2.0 is no error: its sender can be told 505.
  static Expected<Via> parse(std::string_view text, std::uint32_t offset = 0);
  // Where an answer goes, even if the parameters, left out here, cannot be read.
  static Expected<Via> parse_sent_by(std::string_view text, std::uint32_t offset = 0);

  [[nodiscard]] std::string_view branch() const { return parameters.value("branch"); }
  // Whether the branch is unique by RFC 3261 (begins with z9hG4bK in any case).
  [[nodiscard]] bool has_magic_cookie() const;
  [[nodiscard]] bool wants_rport() const { return parameters.has("rport"); }
};

inline constexpr std::string_view magic_cookie = "z9hG4bK";

struct CSeq {
  std::uint32_t number = 0;  // below 2^31
  Method method = Method::other;
  std::string_view method_text;

  static Expected<CSeq> parse(std::string_view text, std::uint32_t offset = 0);
};

// Authorization, Proxy-Authorization, WWW-Authenticate, Proxy-Authenticate (§20.7, §25.1): a scheme
// and comma-separated parameters.
struct Authentication {
  std::string_view scheme;
  std::string_view parameters;  // "realm=\"a\", nonce=…"

  static Expected<Authentication> parse(std::string_view text, const char* field,
                                        std::uint32_t offset = 0);

  // The value without quotes and backslashes; empty if it is missing. Names compare without case.
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
};

// Replaces, Join, Target-Dialog (RFC 3891 §6.1): a Call-ID and tags.
struct DialogReference {
  std::string_view call_id;
  std::string_view to_tag;
  std::string_view from_tag;
  bool early_only = false;

  static Expected<DialogReference> parse(std::string_view text, const char* field,
                                         std::uint32_t offset = 0);
};

}  // namespace chordial::sip
