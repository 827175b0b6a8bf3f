// The numbers of RFC 6940 §14 and RFC 7904 §9.1, with their registered names.
#pragma once

#include <cstdint>

namespace chordial::wire {

// §14.8. Requests are odd, the answer to one is the next number.
enum class MessageCode : std::uint16_t {
  invalid = 0,
  probe_req = 0x1,
  probe_ans = 0x2,
  attach_req = 0x3,
  attach_ans = 0x4,
  store_req = 0x7,
  store_ans = 0x8,
  fetch_req = 0x9,
  fetch_ans = 0xA,
  find_req = 0xD,
  find_ans = 0xE,
  join_req = 0xF,
  join_ans = 0x10,
  leave_req = 0x11,
  leave_ans = 0x12,
  update_req = 0x13,
  update_ans = 0x14,
  route_query_req = 0x15,
  route_query_ans = 0x16,
  ping_req = 0x17,
  ping_ans = 0x18,
  stat_req = 0x19,
  stat_ans = 0x1A,
  app_attach_req = 0x1D,
  app_attach_ans = 0x1E,
  config_update_req = 0x21,
  config_update_ans = 0x22,
  error = 0xFFFF,
};

// Answers are even, and errors.
[[nodiscard]] constexpr bool is_request(MessageCode code) {
  return code != MessageCode::error && (static_cast<std::uint16_t>(code) & 1) != 0;
}
// Of a request.
[[nodiscard]] constexpr MessageCode answer_to(MessageCode request) {
  return static_cast<MessageCode>(static_cast<std::uint16_t>(request) + 1);
}
// "store_req"; "" for a number without a name.
[[nodiscard]] const char* name_of(MessageCode code);

// §14.9
enum class ErrorCode : std::uint16_t {
  invalid = 0,
  forbidden = 0x2,
  not_found = 0x3,
  request_timeout = 0x4,
  generation_counter_too_low = 0x5,
  incompatible_with_overlay = 0x6,
  unsupported_forwarding_option = 0x7,
  data_too_large = 0x8,
  data_too_old = 0x9,
  ttl_exceeded = 0xA,
  message_too_large = 0xB,
  unknown_kind = 0xC,
  unknown_extension = 0xD,
  response_too_large = 0xE,
  config_too_old = 0xF,
  config_too_new = 0x10,
  in_progress = 0x11,
  exp_a = 0x12,
  exp_b = 0x13,
  invalid_message = 0x14,
};

// "Error_Forbidden"; "" for a number without a name.
[[nodiscard]] const char* name_of(ErrorCode code);

// §14.6
using KindId = std::uint32_t;
inline constexpr KindId kind_sip_registration = 0x1;  // RFC 7904 §9.1
inline constexpr KindId kind_turn_service = 0x2;
inline constexpr KindId kind_certificate_by_node = 0x3;
inline constexpr KindId kind_certificate_by_user = 0x10;
inline constexpr KindId kind_redir = 0x104;  // RFC 7374 §10.3
// Kinds from here to 0xFFFFFFFE are defined by the configuration document alone.
inline constexpr KindId kind_private_first = 0xF0000001;

// §14.5
inline constexpr std::uint16_t application_sip = 5060;
inline constexpr std::uint16_t application_sips = 5061;

// §14.10
enum class OverlayLinkType : std::uint8_t {
  invalid = 0,
  dtls_udp_sr = 1,
  dtls_udp_sr_no_ice = 3,
  tls_tcp_fh_no_ice = 4,
  exp_link = 5,
};
[[nodiscard]] constexpr bool is_no_ice(OverlayLinkType type) {
  return type == OverlayLinkType::dtls_udp_sr_no_ice || type == OverlayLinkType::tls_tcp_fh_no_ice;
}

// §14.13
enum class ProbeInformationType : std::uint8_t {
  invalid = 0,
  responsible_set = 1,
  num_resources = 2,
  uptime = 3,
};

// TLS HashAlgorithm and SignatureAlgorithm (RFC 5246 §7.4.1.4.1).
inline constexpr std::uint8_t hash_none = 0;
inline constexpr std::uint8_t hash_sha256 = 4;
inline constexpr std::uint8_t signature_anonymous = 0;
inline constexpr std::uint8_t signature_rsa = 1;
inline constexpr std::uint8_t signature_ecdsa = 3;

}  // namespace chordial::wire
