#include "wire/topology_messages.h"

namespace chordial::wire {

void read(ByteReader& reader, JoinReq& join) {
  read(reader, join.joining_peer_id);
  join.overlay_specific_data = reader.vector(2, "overlay_specific_data");
}

void write(ByteWriter& writer, const JoinReq& join) {
  write(writer, join.joining_peer_id);
  writer.vector(2, join.overlay_specific_data);
}

void read(ByteReader& reader, JoinAns& join) {
  join.overlay_specific_data = reader.vector(2, "overlay_specific_data");
}

void write(ByteWriter& writer, const JoinAns& join) {
  writer.vector(2, join.overlay_specific_data);
}

void read(ByteReader& reader, LeaveReq& leave) {
  read(reader, leave.leaving_peer_id);
  leave.overlay_specific_data = reader.vector(2, "overlay_specific_data");
}

void write(ByteWriter& writer, const LeaveReq& leave) {
  write(writer, leave.leaving_peer_id);
  writer.vector(2, leave.overlay_specific_data);
}

void read(ByteReader& reader, RouteQueryReq& query) {
  query.send_update = read_boolean(reader, "send_update");
  read(reader, query.destination);
  query.overlay_specific_data = reader.vector(2, "overlay_specific_data");
}

void write(ByteWriter& writer, const RouteQueryReq& query) {
  writer.u8(query.send_update ? 1 : 0);
  write(writer, query.destination);
  writer.vector(2, query.overlay_specific_data);
}

void read(ByteReader& reader, ProbeInformationType& type) {
  type = static_cast<ProbeInformationType>(reader.u8("ProbeInformationType"));
}

void write(ByteWriter& writer, ProbeInformationType type) {
  writer.u8(static_cast<std::uint8_t>(type));
}

void read(ByteReader& reader, ProbeReq& probe) {
  probe.requested_info =
      read_list<ProbeInformationType>(reader, 1, probe_items_max, "requested_info");
}

void write(ByteWriter& writer, const ProbeReq& probe) {
  write_list(writer, 1, probe.requested_info);
}

void read(ByteReader& reader, ProbeInformation& information) {
  read(reader, information.type);
  ByteReader value = reader.sub_reader(1, "ProbeInformation.value");
  switch (information.type) {
    case ProbeInformationType::responsible_set:
    case ProbeInformationType::num_resources:
    case ProbeInformationType::uptime:
      information.value = value.u32("ProbeInformation.value");
      break;
    default:
      information.unknown = value.rest();
  }
  value.expect_end("ProbeInformation.value");
  reader.adopt(value);
}

void write(ByteWriter& writer, const ProbeInformation& information) {
  write(writer, information.type);
  const std::size_t hole = writer.open(1);
  switch (information.type) {
    case ProbeInformationType::responsible_set:
    case ProbeInformationType::num_resources:
    case ProbeInformationType::uptime:
      writer.u32(information.value);
      break;
    default:
      writer.raw(information.unknown);
  }
  writer.close(hole, 1);
}

void read(ByteReader& reader, ProbeAns& probe) {
  probe.probe_info = read_list<ProbeInformation>(reader, 2, probe_items_max, "probe_info");
}

void write(ByteWriter& writer, const ProbeAns& probe) {
  write_list(writer, 2, probe.probe_info);
}

}  // namespace chordial::wire
