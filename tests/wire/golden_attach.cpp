// Attach and AppAttach with every form of candidate (RFC 6940 §6.5.1.1, §6.5.2).
#include "wire/attach.h"
#include "wire/golden.h"

namespace chordial::wire::test {
namespace {

SocketAddress address(const char* text) {
  return *SocketAddress::parse(text);
}

}  // namespace

std::vector<Golden> attach_goldens() {
  const Bytes unknown_address{0xde, 0xad};
  const std::vector<IceExtension> extensions{{as_bytes("n"), as_bytes("vv")}};
  const std::vector<IceCandidate> candidates{
      {address("192.0.2.1:6084"),
       OverlayLinkType::dtls_udp_sr,
       as_bytes("1"),
       0x7e0000ff,
       CandType::host,
       {},
       {}},
      {address("[2001:db8::1]:6084"), OverlayLinkType::dtls_udp_sr, as_bytes("22"), 1,
       CandType::srflx, address("10.0.0.1:5000"), extensions},
      {address("192.0.2.1:1"),
       OverlayLinkType::dtls_udp_sr,
       {},
       2,
       CandType::prflx,
       address("10.0.0.1:2"),
       {}},
      {address("192.0.2.1:3"),
       OverlayLinkType::dtls_udp_sr,
       as_bytes("3"),
       3,
       CandType::relay,
       address("[2001:db8::2]:4"),
       {}},
  };
  const std::string four =
      "01 06 c0000201 17c4  01  01 31  7e0000ff  01  0000"
      "02 12 20010db8000000000000000000000001 17c4  01  02 3232  00000001"
      "   02  01 06 0a000001 1388  0007 0001 6e 0002 7676"
      "01 06 c0000201 0001  01  00  00000002  03  01 06 0a000001 0002  0000"
      "01 06 c0000201 0003  01  01 33  00000003  04"
      "   02 12 20010db8000000000000000000000002 0004  0000";
  const std::vector<IceCandidate> no_ice{
      {address("192.0.2.1:6084"),
       OverlayLinkType::dtls_udp_sr_no_ice,
       as_bytes("1"),
       1,
       CandType::host,
       {},
       {}},
      {address("192.0.2.1:6084"),
       OverlayLinkType::tls_tcp_fh_no_ice,
       as_bytes("1"),
       1,
       CandType::host,
       {},
       {}},
  };
  // 18, 46, 25 and 38 bytes: what the four candidates above come to.
  return {
      {"AttachReq", MessageCode::attach_req,
       hex("02 7566  03 707764  07 70617373697665  007f" + four + "01"),
       body_of(AttachReqAns{as_bytes("uf"), as_bytes("pwd"), as_bytes(role_passive), candidates,
                            true})},
      {"AttachAns with No-ICE", MessageCode::attach_ans,
       hex("00 00 06 616374697665  0024"
           "01 06 c0000201 17c4  03  01 31  00000001  01  0000"
           "01 06 c0000201 17c4  04  01 31  00000001  01  0000  00"),
       body_of(AttachReqAns{{}, {}, as_bytes(role_active), no_ice, false})},
      {"AppAttachReq", MessageCode::app_attach_req,
       hex("02 7566  03 707764  13c4  07 70617373697665  007f" + four),
       body_of(AppAttachReqAns{as_bytes("uf"), as_bytes("pwd"), application_sip,
                               as_bytes(role_passive), candidates})},
      {"AppAttachAns", MessageCode::app_attach_ans, hex("00 00 13c5  07 61637470617373  0000"),
       body_of(AppAttachReqAns{{}, {}, application_sips, as_bytes(role_actpass), {}})},
  };
}

}  // namespace chordial::wire::test
