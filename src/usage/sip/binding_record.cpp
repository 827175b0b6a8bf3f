#include "usage/sip/binding_record.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace chordial::usage {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint64_t expires_ms_max = std::uint64_t{1} << 50;  // in the year 37648

void write_text(ByteWriter& writer, std::string_view text) {
  writer.vector(2, as_bytes(text.substr(0, 0xffff)));
}

void write_address(ByteWriter& writer, const SocketAddress& address) {
  writer.vector(1, address.ip.bytes());
  writer.u16(address.port);
}

std::string read_text(ByteReader& reader, const char* field) {
  return std::string(as_text(reader.vector(2, field)));
}

SocketAddress read_address(ByteReader& reader, const char* field) {
  const auto ip = IpAddress::from_bytes(reader.vector(1, field));
  if (!ip) reader.fail(ErrorKind::malformed, field, "an address has 4 or 16 bytes");
  const std::uint16_t port = reader.u16(field);
  return {ip.value_or(IpAddress()), port};
}

void write_binding(ByteWriter& writer, Now now, const sip::Binding& binding) {
  write_text(writer, binding.uri);
  write_text(writer, binding.parameters);
  write_text(writer, binding.instance);
  write_text(writer, binding.call_id);
  writer.u32(binding.cseq);
  writer.u16(binding.q_thousandths);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(binding.expires - now.monotonic);
  writer.u64(static_cast<std::uint64_t>((now.wall + left).time_since_epoch().count()));
  writer.u8(static_cast<std::uint8_t>(binding.flow.transport));
  write_address(writer, binding.flow.local);
  write_address(writer, binding.flow.remote);
  writer.u8(static_cast<std::uint8_t>(binding.path.size()));
  for (const std::string& path : binding.path)
    write_text(writer, path);
}

sip::Binding read_binding(ByteReader& reader, Now now) {
  sip::Binding binding;
  binding.uri = read_text(reader, "uri");
  binding.parameters = read_text(reader, "parameters");
  binding.instance = read_text(reader, "instance");
  binding.call_id = read_text(reader, "call_id");
  binding.cseq = reader.u32("cseq");
  binding.q_thousandths = reader.u16("q");
  const std::uint64_t expires_ms = reader.u64("expires");
  if (expires_ms > expires_ms_max) reader.fail(ErrorKind::malformed, "expires", "no time of day");
  const WallTime expires{
      std::chrono::milliseconds(static_cast<std::int64_t>(std::min(expires_ms, expires_ms_max)))};
  binding.expires = now.monotonic + std::chrono::duration_cast<Duration>(expires - now.wall);
  const std::uint8_t transport = reader.u8("transport");
  if (transport > static_cast<std::uint8_t>(sip::TransportKind::tls))
    reader.fail(ErrorKind::malformed, "transport", "not one that phones use");
  binding.flow.transport = static_cast<sip::TransportKind>(transport);
  binding.flow.local = read_address(reader, "local");
  binding.flow.remote = read_address(reader, "remote");
  const std::uint8_t paths = reader.u8("paths");
  if (paths > sip::paths_max) reader.fail(ErrorKind::limit, "paths", "more than 4");
  for (std::uint8_t i = 0; i < paths && reader.ok(); ++i)
    binding.path.push_back(read_text(reader, "path"));
  return binding;
}

}  // namespace

Bytes encode_bindings(Now now, std::span<const sip::Binding> bindings) {
  ByteWriter writer;
  writer.u8(version);
  writer.u8(static_cast<std::uint8_t>(bindings.size()));
  for (const sip::Binding& binding : bindings)
    write_binding(writer, now, binding);
  return writer.take();
}

Expected<std::vector<sip::Binding>> decode_bindings(Now now, ByteView bytes) {
  ByteReader reader(bytes);
  if (reader.u8("version") != version && reader.ok()) {
    return failure(ErrorKind::unsupported, "version", "written by another version");
  }
  const std::uint8_t count = reader.u8("count");
  if (count > sip::bindings_per_aor_max)
    reader.fail(ErrorKind::limit, "count", "more than 10 bindings");
  std::vector<sip::Binding> bindings;
  for (std::uint8_t i = 0; i < count && reader.ok(); ++i)
    bindings.push_back(read_binding(reader, now));
  reader.expect_end("bindings");
  if (!reader.ok()) return Failure(reader.error());
  return bindings;
}

}  // namespace chordial::usage
