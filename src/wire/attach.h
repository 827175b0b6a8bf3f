// Attach and AppAttach (RFC 6940 §6.5.1, §6.5.2): ICE parameters in binary. Knows no ICE.
#pragma once

#include "wire/address_port.h"
#include "wire/codes.h"
#include "wire/limits.h"

namespace chordial::wire {

enum class CandType : std::uint8_t { invalid = 0, host = 1, srflx = 2, prflx = 3, relay = 4 };

struct IceExtension {
  ByteView name;   // at most 65535 bytes
  ByteView value;  // at most 65535 bytes
};

void read(ByteReader& reader, IceExtension& extension);
void write(ByteWriter& writer, const IceExtension& extension);

struct IceCandidate {
  IpAddressPort addr_port;
  OverlayLinkType overlay_link = OverlayLinkType::invalid;
  ByteView foundation;  // at most 255 bytes
  std::uint32_t priority = 0;
  CandType type = CandType::host;
  IpAddressPort rel_addr_port;  // of every type but host
  List<IceExtension> extensions;
};

// Errors: malformed also for a CandType without a name, for nobody can tell where it ends. prflx is
// reserved in the enumeration and named in the text (§6.5.1.1); it is read like srflx.
void read(ByteReader& reader, IceCandidate& candidate);
void write(ByteWriter& writer, const IceCandidate& candidate);

inline constexpr std::string_view role_passive = "passive";  // who sends the request
inline constexpr std::string_view role_active = "active";    // who answers
inline constexpr std::string_view role_actpass = "actpass";

// Request and answer alike.
struct AttachReqAns {
  ByteView ufrag;     // these three at most 255 bytes
  ByteView password;  //
  ByteView role;      //
  List<IceCandidate> candidates;
  bool send_update = false;
};

void read(ByteReader& reader, AttachReqAns& attach);
void write(ByteWriter& writer, const AttachReqAns& attach);

// AppAttachReq and AppAttachAns, which have the same fields.
struct AppAttachReqAns {
  ByteView ufrag;
  ByteView password;
  std::uint16_t application = 0;
  ByteView role;
  List<IceCandidate> candidates;
};

void read(ByteReader& reader, AppAttachReqAns& attach);
void write(ByteWriter& writer, const AppAttachReqAns& attach);

// §6.5.1.1: not both candidates with ICE and candidates without.
[[nodiscard]] bool mixes_ice_and_no_ice(const List<IceCandidate>& candidates);

}  // namespace chordial::wire
