#include "sip/proxy/flow_token.h"

#include <algorithm>

#include "base/assert.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/rng.h"

namespace chordial::sip {

namespace {

constexpr std::size_t seal_bytes = 8;
constexpr std::size_t token_characters_max = 2 * (seal_bytes + 2 * 46);

void write_address(ByteWriter& writer, const SocketAddress& address) {
  writer.raw(address.ip.bytes());
  writer.u16(address.port);
}

SocketAddress read_address(ByteReader& reader, bool v4) {
  const auto ip = IpAddress::from_bytes(reader.take(v4 ? 4 : 16, "ip"));
  return {ip.value_or(IpAddress{}), reader.u16("port")};
}

void write_flow(ByteWriter& writer, const Flow& flow) {
  const bool v4 = flow.remote.ip.is_v4() && flow.local.ip.is_v4();
  writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(flow.transport) << 1 | (v4 ? 1U : 0U)));
  for (const SocketAddress& address : {flow.local, flow.remote}) {
    if (v4 || address.ip.is_v6()) {
      write_address(writer, address);
    } else {  // one side unspecified as IPv4, the other IPv6
      write_address(writer, {IpAddress::v6({}), address.port});
    }
  }
  if (flow.transport != TransportKind::udp) writer.u64(static_cast<std::uint64_t>(flow.stream));
}

std::optional<Flow> read_flow(ByteReader& reader) {
  const std::uint8_t head = reader.u8("transport");
  if (head >> 1 > static_cast<unsigned>(TransportKind::tls)) return std::nullopt;
  const auto transport = static_cast<TransportKind>(head >> 1);
  const SocketAddress local = read_address(reader, (head & 1) != 0);
  const SocketAddress remote = read_address(reader, (head & 1) != 0);
  if (transport == TransportKind::udp) return Flow::udp(local, remote);
  return Flow::over_stream(transport, ports::StreamId{reader.u64("stream")}, local, remote);
}

std::uint64_t seal_of(std::uint64_t low, std::uint64_t high, ByteView flows,
                      std::string_view binding) {
  Bytes all = to_bytes(flows);
  all.insert(all.end(), binding.begin(), binding.end());
  return siphash(low, high, all);
}

}  // namespace

Expected<std::string> dialog_binding(const Message& request, const OwnNames& names) {
  const auto call_id = request.call_id();
  const auto from = request.from();
  const auto to = request.to();
  if (!call_id || !from || !to)
    return failure(ErrorKind::malformed, "dialog", "no Call-ID, From or To");
  std::string a = names.aor_of(from->uri).value_or(std::string(from->uri.text));
  std::string b = names.aor_of(to->uri).value_or(std::string(to->uri.text));
  if (b < a) std::swap(a, b);
  return std::string(*call_id) + "\n" + a + "\n" + b;
}

std::string FlowTokens::seal(const std::vector<Flow>& flows, std::string_view binding) const {
  CHORDIAL_INVARIANT(!flows.empty() && flows.size() <= 2);
  ByteWriter writer;
  for (const Flow& flow : flows)
    write_flow(writer, flow);
  writer.u64(seal_of(key_low_, key_high_, writer.view(), binding));
  return to_hex(writer.view());
}

std::optional<std::vector<Flow>> FlowTokens::open(std::string_view token,
                                                  std::string_view binding) const {
  if (token.size() > token_characters_max) return std::nullopt;
  const auto bytes = from_hex(token);
  if (!bytes || bytes->size() <= seal_bytes) return std::nullopt;
  const ByteView body = ByteView(*bytes).first(bytes->size() - seal_bytes);
  ByteWriter expected;
  expected.u64(seal_of(key_low_, key_high_, body, binding));
  if (!equal_constant_time(expected.view(), ByteView(*bytes).last(seal_bytes))) return std::nullopt;
  ByteReader reader(body);
  std::vector<Flow> flows;
  while (!reader.done() && flows.size() < 2) {
    const auto flow = read_flow(reader);
    if (!flow) return std::nullopt;
    flows.push_back(*flow);
  }
  if (!reader.ok() || reader.left() != 0 || flows.empty()) return std::nullopt;
  return flows;
}

}  // namespace chordial::sip
