#include "sip/proxy/flow_token.h"

#include "base/assert.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/rng.h"

namespace chordial::sip {

namespace {

constexpr std::size_t seal_bytes = 8;
constexpr std::size_t token_bytes_max = 1 + 2 * 46 + seal_bytes;

// The first byte of a token.
constexpr std::uint8_t with_caller = 1;
constexpr std::uint8_t with_callee = 2;
constexpr std::uint8_t for_the_caller = 4;  // bound to both tags

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

struct Ends {
  std::string_view caller;
  std::string_view caller_tag;
  std::string_view callee;
  std::string_view callee_tag;
};

class Sealer {
 public:
  Sealer(std::uint64_t key_low, std::uint64_t key_high) : low_(key_low), high_(key_high) {}

  // None of the texts holds a line feed.
  [[nodiscard]] std::uint64_t seal(ByteView body, std::string_view call_id,
                                   const Ends& ends) const {
    Bytes all;
    all.reserve(body.size() + 256);
    const auto add = [&](std::string_view text) {
      all.insert(all.end(), text.begin(), text.end());
      all.push_back('\n');
    };
    for (const std::string_view text :
         {call_id, ends.caller, ends.caller_tag, ends.callee, ends.callee_tag})
      add(text);
    all.insert(all.end(), body.begin(), body.end());
    return siphash(low_, high_, all);
  }

 private:
  std::uint64_t low_;
  std::uint64_t high_;
};

struct Split {
  Bytes bytes;
  ByteView body;
  std::uint8_t head = 0;
  std::uint64_t seal = 0;
};

std::optional<Split> split(std::string_view token) {
  if (token.size() > 2 * token_bytes_max) return std::nullopt;
  auto bytes = from_hex(token);
  if (!bytes || bytes->size() <= seal_bytes) return std::nullopt;
  Split out{*std::move(bytes), {}, 0, 0};
  out.body = ByteView(out.bytes).first(out.bytes.size() - seal_bytes);
  out.head = out.body.front();
  ByteReader reader(ByteView(out.bytes).last(seal_bytes));
  out.seal = reader.u64("seal");
  return out;
}

// Only of a body whose seal was good.
std::optional<DialogFlows> read_flows(ByteView body) {
  ByteReader reader(body);
  const std::uint8_t head = reader.u8("head");
  DialogFlows flows;
  if ((head & with_caller) != 0) {
    flows.caller = read_flow(reader);
    if (!flows.caller) return std::nullopt;
  }
  if ((head & with_callee) != 0) {
    flows.callee = read_flow(reader);
    if (!flows.callee) return std::nullopt;
  }
  if (!reader.ok() || reader.left() != 0) return std::nullopt;
  return flows;
}

std::string finished(ByteView body, std::uint64_t seal) {
  ByteWriter writer;
  writer.raw(body);
  writer.u64(seal);
  return to_hex(writer.view());
}

}  // namespace

Expected<DialogNames> DialogNames::of(const Message& message, const OwnNames& names) {
  const auto call_id = message.call_id();
  const auto from = message.from();
  const auto to = message.to();
  if (!call_id || !from || !to)
    return failure(ErrorKind::malformed, "dialog", "no Call-ID, From or To");
  return DialogNames{*call_id, names.aor_of(from->uri).value_or(std::string(from->uri.text)),
                     from->tag(), names.aor_of(to->uri).value_or(std::string(to->uri.text)),
                     to->tag()};
}

std::string FlowTokens::for_callee(const DialogFlows& flows, const DialogNames& request) const {
  CHORDIAL_INVARIANT(flows.caller || flows.callee);
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>((flows.caller ? with_caller : 0) |
                                      (flows.callee ? with_callee : 0)));
  if (flows.caller) write_flow(writer, *flows.caller);
  if (flows.callee) write_flow(writer, *flows.callee);
  return finished(writer.view(), Sealer(key_low_, key_high_)
                                     .seal(writer.view(), request.call_id,
                                           {request.from, request.from_tag, request.to, {}}));
}

std::optional<std::string> FlowTokens::for_caller(std::string_view token,
                                                  const DialogNames& response) const {
  auto given = split(token);
  if (!given || (given->head & for_the_caller) != 0 || response.to_tag.empty()) return std::nullopt;
  const Sealer sealer(key_low_, key_high_);
  Ends ends{response.from, response.from_tag, response.to, {}};
  if (sealer.seal(given->body, response.call_id, ends) != given->seal) return std::nullopt;
  ends.callee_tag = response.to_tag;
  given->bytes.front() |= for_the_caller;
  return finished(given->body, sealer.seal(given->body, response.call_id, ends));
}

std::optional<FlowTokens::Opened> FlowTokens::open(std::string_view token,
                                                   const DialogNames& request) const {
  const auto given = split(token);
  if (!given) return std::nullopt;
  const bool by_caller = (given->head & for_the_caller) != 0;
  const Ends ends = by_caller ? Ends{request.from, request.from_tag, request.to, request.to_tag}
                              : Ends{request.to, request.to_tag, request.from, {}};
  if (Sealer(key_low_, key_high_).seal(given->body, request.call_id, ends) != given->seal)
    return std::nullopt;
  auto flows = read_flows(given->body);
  if (!flows) return std::nullopt;
  return Opened{*std::move(flows), by_caller};
}

}  // namespace chordial::sip
