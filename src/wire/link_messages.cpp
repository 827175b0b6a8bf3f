#include "wire/link_messages.h"

namespace chordial::wire {

void read(ByteReader& reader, PingReq& ping) {
  ping.padding = reader.vector(2, "padding");
}

void write(ByteWriter& writer, const PingReq& ping) {
  writer.vector(2, ping.padding);
}

void read(ByteReader& reader, PingAns& ping) {
  ping.response_id = reader.u64("response_id");
  ping.time = reader.u64("time");
}

void write(ByteWriter& writer, const PingAns& ping) {
  writer.u64(ping.response_id);
  writer.u64(ping.time);
}

void read(ByteReader& reader, KindDescription& description) {
  description.xml = reader.vector(2, "KindDescription");
}

void write(ByteWriter& writer, const KindDescription& description) {
  writer.vector(2, description.xml);
}

void read(ByteReader& reader, ConfigUpdateReq& update) {
  update.type = static_cast<ConfigUpdateType>(reader.u8("ConfigUpdateReq.type"));
  ByteReader inside = reader.sub_reader(4, "ConfigUpdateReq.length");
  switch (update.type) {
    case ConfigUpdateType::config:
      update.config_data = inside.vector(3, "config_data");
      break;
    case ConfigUpdateType::kind:
      update.kinds = read_list<KindDescription>(inside, 3, kind_descriptions_max, "kinds");
      break;
    default:
      update.unknown = inside.rest();
  }
  inside.expect_end("ConfigUpdateReq");
  reader.adopt(inside);
}

void write(ByteWriter& writer, const ConfigUpdateReq& update) {
  writer.u8(static_cast<std::uint8_t>(update.type));
  const std::size_t hole = writer.open(4);
  switch (update.type) {
    case ConfigUpdateType::config:
      writer.vector(3, update.config_data);
      break;
    case ConfigUpdateType::kind:
      write_list(writer, 3, update.kinds);
      break;
    default:
      writer.raw(update.unknown);
  }
  writer.close(hole, 4);
}

void read(ByteReader& reader, ErrorResponse& error) {
  error.error_code = static_cast<ErrorCode>(reader.u16("error_code"));
  error.error_info = reader.vector(2, "error_info");
}

void write(ByteWriter& writer, const ErrorResponse& error) {
  writer.u16(static_cast<std::uint16_t>(error.error_code));
  writer.vector(2, error.error_info);
}

void read(ByteReader& reader, UnknownKinds& kinds) {
  kinds.unknown_kinds = read_list<KindId>(reader, 1, kinds_max, "unknown_kinds");
}

void write(ByteWriter& writer, const UnknownKinds& kinds) {
  write_list(writer, 1, kinds.unknown_kinds);
}

}  // namespace chordial::wire
