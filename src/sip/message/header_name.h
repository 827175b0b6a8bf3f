// The header fields this program has a use for (RFC 3261 §20 and extensions), with their compact
// forms. All others travel untouched as `other`.
#pragma once

#include <cstdint>
#include <string_view>

namespace chordial::sip {

enum class HeaderName : std::uint8_t {
  other,
  accept,
  accept_contact,
  alert_info,
  allow,
  allow_events,
  authentication_info,
  authorization,
  call_id,
  call_info,
  contact,
  content_disposition,
  content_encoding,
  content_length,
  content_type,
  cseq,
  date,
  diversion,
  event,
  expires,
  flow_timer,
  from,
  geolocation,
  geolocation_routing,
  history_info,
  identity,
  join,
  max_forwards,
  mime_version,
  min_expires,
  min_se,
  p_asserted_identity,
  p_preferred_identity,
  path,
  priority,
  privacy,
  proxy_authenticate,
  proxy_authorization,
  proxy_require,
  rack,
  reason,
  record_route,
  refer_to,
  referred_by,
  reject_contact,
  replaces,
  reply_to,
  request_disposition,
  require,
  resource_priority,
  retry_after,
  route,
  rseq,
  server,
  service_route,
  session_expires,
  sip_etag,
  sip_if_match,
  subject,
  subscription_state,
  supported,
  timestamp,
  to,
  unsupported,
  user_agent,
  via,
  warning,
  www_authenticate,
};

inline constexpr std::size_t header_name_count =
    static_cast<std::size_t>(HeaderName::www_authenticate) + 1;

// Long or compact form in any case; `other` for everything unknown.
[[nodiscard]] HeaderName header_name_of(std::string_view text);
// The long form as the RFCs write it; empty for `other`.
[[nodiscard]] std::string_view text_of(HeaderName name);

}  // namespace chordial::sip
