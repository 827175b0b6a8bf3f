#include "wire/attach.h"

namespace chordial::wire {

void read(ByteReader& reader, IceExtension& extension) {
  extension.name = reader.vector(2, "IceExtension.name");
  extension.value = reader.vector(2, "IceExtension.value");
}

void write(ByteWriter& writer, const IceExtension& extension) {
  writer.vector(2, extension.name);
  writer.vector(2, extension.value);
}

void read(ByteReader& reader, IceCandidate& candidate) {
  read(reader, candidate.addr_port);
  candidate.overlay_link = static_cast<OverlayLinkType>(reader.u8("IceCandidate.overlay_link"));
  candidate.foundation = reader.vector(1, "IceCandidate.foundation");
  candidate.priority = reader.u32("IceCandidate.priority");
  ByteReader at_type = reader;
  candidate.type = static_cast<CandType>(reader.u8("IceCandidate.type"));
  switch (candidate.type) {
    case CandType::host:
      break;
    case CandType::srflx:
    case CandType::prflx:
    case CandType::relay:
      read(reader, candidate.rel_addr_port);
      break;
    default:
      at_type.fail(ErrorKind::malformed, "IceCandidate.type", "unknown CandType");
      reader.adopt(at_type);
      return;
  }
  candidate.extensions =
      read_list<IceExtension>(reader, 2, candidate_extensions_max, "IceCandidate.extensions");
}

void write(ByteWriter& writer, const IceCandidate& candidate) {
  write(writer, candidate.addr_port);
  writer.u8(static_cast<std::uint8_t>(candidate.overlay_link));
  writer.vector(1, candidate.foundation);
  writer.u32(candidate.priority);
  writer.u8(static_cast<std::uint8_t>(candidate.type));
  if (candidate.type != CandType::host) write(writer, candidate.rel_addr_port);
  write_list(writer, 2, candidate.extensions);
}

void read(ByteReader& reader, AttachReqAns& attach) {
  attach.ufrag = reader.vector(1, "ufrag");
  attach.password = reader.vector(1, "password");
  attach.role = reader.vector(1, "role");
  attach.candidates = read_list<IceCandidate>(reader, 2, candidates_max, "candidates");
  attach.send_update = read_boolean(reader, "send_update");
}

void write(ByteWriter& writer, const AttachReqAns& attach) {
  writer.vector(1, attach.ufrag);
  writer.vector(1, attach.password);
  writer.vector(1, attach.role);
  write_list(writer, 2, attach.candidates);
  writer.u8(attach.send_update ? 1 : 0);
}

void read(ByteReader& reader, AppAttachReqAns& attach) {
  attach.ufrag = reader.vector(1, "ufrag");
  attach.password = reader.vector(1, "password");
  attach.application = reader.u16("application");
  attach.role = reader.vector(1, "role");
  attach.candidates = read_list<IceCandidate>(reader, 2, candidates_max, "candidates");
}

void write(ByteWriter& writer, const AppAttachReqAns& attach) {
  writer.vector(1, attach.ufrag);
  writer.vector(1, attach.password);
  writer.u16(attach.application);
  writer.vector(1, attach.role);
  write_list(writer, 2, attach.candidates);
}

bool mixes_ice_and_no_ice(const List<IceCandidate>& candidates) {
  bool ice = false, no_ice = false;
  for (const IceCandidate& candidate : candidates)
    (is_no_ice(candidate.overlay_link) ? no_ice : ice) = true;
  return ice && no_ice;
}

}  // namespace chordial::wire
