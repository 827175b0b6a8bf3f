// The messages of topology plugins (RFC 6940 §6.4.2): Join, Leave, Update, RouteQuery, Probe. What
// is overlay-specific stays bytes: UpdateReq, UpdateAns and RouteQueryAns are nothing but such
// bytes and need no structure, LeaveAns is empty.
#pragma once

#include "wire/codes.h"
#include "wire/destination.h"

namespace chordial::wire {

struct JoinReq {
  NodeId joining_peer_id;
  ByteView overlay_specific_data;  // in all of these at most 65535 bytes
};
void read(ByteReader& reader, JoinReq& join);
void write(ByteWriter& writer, const JoinReq& join);

struct JoinAns {
  ByteView overlay_specific_data;
};
void read(ByteReader& reader, JoinAns& join);
void write(ByteWriter& writer, const JoinAns& join);

struct LeaveReq {
  NodeId leaving_peer_id;
  ByteView overlay_specific_data;
};
void read(ByteReader& reader, LeaveReq& leave);
void write(ByteWriter& writer, const LeaveReq& leave);

struct RouteQueryReq {
  bool send_update = false;
  Destination destination;
  ByteView overlay_specific_data;
};
void read(ByteReader& reader, RouteQueryReq& query);
void write(ByteWriter& writer, const RouteQueryReq& query);

// Types without a name may be asked for.
void read(ByteReader& reader, ProbeInformationType& type);
void write(ByteWriter& writer, ProbeInformationType type);

struct ProbeReq {
  List<ProbeInformationType> requested_info;
};
void read(ByteReader& reader, ProbeReq& probe);
void write(ByteWriter& writer, const ProbeReq& probe);

struct ProbeInformation {
  ProbeInformationType type = ProbeInformationType::invalid;
  // responsible_ppb, num_resources or uptime, by type.
  std::uint32_t value = 0;
  ByteView unknown;  // the value of a type without a name, at most 255 bytes
};
void read(ByteReader& reader, ProbeInformation& information);
void write(ByteWriter& writer, const ProbeInformation& information);

struct ProbeAns {
  List<ProbeInformation> probe_info;
};
void read(ByteReader& reader, ProbeAns& probe);
void write(ByteWriter& writer, const ProbeAns& probe);

}  // namespace chordial::wire
