// Ping and ConfigUpdate (RFC 6940 §6.5.3, §6.5.4) and the ErrorResponse (§6.3.3.1).
// ConfigUpdateAns is empty.
#pragma once

#include "wire/codes.h"
#include "wire/limits.h"
#include "wire/list.h"

namespace chordial::wire {

struct PingReq {
  ByteView padding;  // at most 65535 bytes
};
void read(ByteReader& reader, PingReq& ping);
void write(ByteWriter& writer, const PingReq& ping);

struct PingAns {
  std::uint64_t response_id = 0;
  std::uint64_t time = 0;  // milliseconds since 1970, UTC
};
void read(ByteReader& reader, PingAns& ping);
void write(ByteWriter& writer, const PingAns& ping);

enum class ConfigUpdateType : std::uint8_t { invalid = 0, config = 1, kind = 2 };

// KindDescription<0..2^16-1>: one kind-block in XML.
struct KindDescription {
  ByteView xml;
};
void read(ByteReader& reader, KindDescription& description);
void write(ByteWriter& writer, const KindDescription& description);

struct ConfigUpdateReq {
  ConfigUpdateType type = ConfigUpdateType::invalid;
  ByteView config_data;         // type config: at most 2^24-1 bytes
  List<KindDescription> kinds;  // type kind
  ByteView unknown;             // a type without a name
};
void read(ByteReader& reader, ConfigUpdateReq& update);
void write(ByteWriter& writer, const ConfigUpdateReq& update);

struct ErrorResponse {
  ErrorCode error_code = ErrorCode::invalid;
  ByteView error_info;  // at most 65535 bytes; UTF-8 text unless the code says otherwise
};
void read(ByteReader& reader, ErrorResponse& error);
void write(ByteWriter& writer, const ErrorResponse& error);

// The error_info of Error_Unknown_Kind (§7.4.1.2).
struct UnknownKinds {
  List<KindId> unknown_kinds;
};
void read(ByteReader& reader, UnknownKinds& kinds);
void write(ByteWriter& writer, const UnknownKinds& kinds);

}  // namespace chordial::wire
