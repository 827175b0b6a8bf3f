// Attach, AppAttach, Ping, ConfigUpdate and errors (RFC 6940 §6.5, §6.3.3.1).
#include "configuration/document.h"
#include "conformance/all_messages.h"
#include "wire/attach.h"
#include "wire/link_messages.h"
#include "wire/storage_messages.h"

namespace chordial::conformance {

using namespace wire;

namespace {

SocketAddress address(const char* text) {
  return *SocketAddress::parse(text);
}

IceCandidate candidate(OverlayLinkType link, CandType type, const char* at, const char* related) {
  IceCandidate candidate;
  candidate.addr_port = address(at);
  candidate.overlay_link = link;
  candidate.foundation = as_bytes("1");
  candidate.priority = 0x7e0000ff;
  candidate.type = type;
  if (type != CandType::host) candidate.rel_addr_port = address(related);
  return candidate;
}

std::vector<Body> attach_bodies() {
  const std::vector<IceExtension> extensions{{as_bytes("network-cost"), as_bytes("10")}};
  std::vector<IceCandidate> ice{
      candidate(OverlayLinkType::dtls_udp_sr, CandType::host, "192.0.2.1:6084", ""),
      candidate(OverlayLinkType::dtls_udp_sr, CandType::srflx, "[2001:db8::1]:6084",
                "[fd00::1]:6084"),
      candidate(OverlayLinkType::dtls_udp_sr, CandType::prflx, "192.0.2.3:7", "10.0.0.1:7"),
      candidate(OverlayLinkType::dtls_udp_sr, CandType::relay, "192.0.2.4:3479", "10.0.0.1:6084")};
  ice[1].extensions = extensions;
  const std::vector<IceCandidate> no_ice{
      candidate(OverlayLinkType::dtls_udp_sr_no_ice, CandType::host, "192.0.2.1:6084", ""),
      candidate(OverlayLinkType::tls_tcp_fh_no_ice, CandType::host, "192.0.2.1:6084", "")};
  const ByteView ufrag = as_bytes("ufrag"), password = as_bytes("a password of 22 bytes");
  return {
      {"AttachReq", MessageCode::attach_req,
       body_of(AttachReqAns{ufrag, password, as_bytes(role_passive), ice, true})},
      {"AttachReq without ICE", MessageCode::attach_req,
       body_of(AttachReqAns{{}, {}, as_bytes(role_passive), no_ice, false})},
      {"AttachAns", MessageCode::attach_ans,
       body_of(AttachReqAns{ufrag, password, as_bytes(role_active), ice, false})},
      {"AttachAns without ICE", MessageCode::attach_ans,
       body_of(AttachReqAns{{}, {}, as_bytes(role_active), no_ice, false})},
      {"AppAttachReq SIP", MessageCode::app_attach_req,
       body_of(AppAttachReqAns{ufrag, password, application_sip, as_bytes(role_passive), ice})},
      {"AppAttachReq SIPS without ICE", MessageCode::app_attach_req,
       body_of(AppAttachReqAns{{}, {}, application_sips, as_bytes(role_passive), no_ice})},
      {"AppAttachAns", MessageCode::app_attach_ans,
       body_of(AppAttachReqAns{ufrag, password, application_sip, as_bytes(role_active), ice})},
  };
}

Bytes document() {
  configuration::OverlayConfiguration overlay;
  overlay.instance_name = "example.org";
  overlay.sequence = 8;
  overlay.root_certs = {Bytes{0x30, 0x00}};
  overlay.no_ice = true;
  return configuration::write_document(
      {{overlay, *configuration::write_configuration(overlay), {}}});
}

std::vector<Body> error_bodies() {
  std::vector<Body> bodies;
  for (std::uint16_t number = 1; number <= 0x14; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    // The two experimental ones are nobody's to send (§14.9).
    if (code == ErrorCode::exp_a || code == ErrorCode::exp_b) continue;
    if (*wire::name_of(code) == '\0') continue;
    Bytes info = to_bytes(as_bytes("what went wrong, in words"));
    const std::vector<KindId> kinds{0xF0000001, 0xF0000002};
    const std::vector<StoreKindResponse> counters{{kind_sip_registration, 9, {}}};
    if (code == ErrorCode::unknown_kind) info = body_of(UnknownKinds{kinds});
    if (code == ErrorCode::generation_counter_too_low) info = body_of(StoreAns{counters});
    bodies.push_back({wire::name_of(code), MessageCode::error, body_of(ErrorResponse{code, info})});
  }
  bodies.push_back({"Error_Forbidden without a word", MessageCode::error,
                    body_of(ErrorResponse{ErrorCode::forbidden, {}})});
  return bodies;
}

}  // namespace

std::vector<Body> link_bodies() {
  const Bytes xml = document(), padding(100, 0x20);
  const std::vector<KindDescription> kinds{{as_bytes("<kind-block/>")}, {as_bytes("<a/>")}};
  const ConfigUpdateReq config{ConfigUpdateType::config, xml, {}, {}};
  const ConfigUpdateReq kind{ConfigUpdateType::kind, {}, kinds, {}};
  std::vector<Body> bodies{
      {"PingReq", MessageCode::ping_req, body_of(PingReq{})},
      {"PingReq padded", MessageCode::ping_req, body_of(PingReq{padding})},
      {"PingAns", MessageCode::ping_ans, body_of(PingAns{0x1122334455667788, 1'700'000'000'000})},
      {"ConfigUpdateReq config", MessageCode::config_update_req, body_of(config)},
      {"ConfigUpdateReq kind", MessageCode::config_update_req, body_of(kind)},
      {"ConfigUpdateAns", MessageCode::config_update_ans, {}},
  };
  for (const auto& part : {attach_bodies(), error_bodies()})
    bodies.insert(bodies.end(), part.begin(), part.end());
  return bodies;
}

}  // namespace chordial::conformance
