// The forwarder beside its naive twin: RFC 6940 §6.1 once more, written down as one list of rules
// over plain vectors. The same messages must be delivered, refused, dropped, or sent on with the
// same header over the same link, whole or in pieces that make up the same message.
#include <cstdlib>

#include "forwarding/bench.h"

namespace chordial::forwarding {
namespace {

using wire::Destination;
using Entries = std::vector<Destination>;

void expect(bool holds) {
  if (!holds) std::abort();
}

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  [[nodiscard]] bool done() const { return left_ == 0; }
  std::uint8_t next() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

Destination entry(std::uint8_t choice) {
  static const Bytes opaque{1, 2, 3}, short_id{7};
  switch (choice % 16) {
    case 0:
      return Destination::of(resource(100));  // this node's own
    case 1:
      return Destination::of(resource(200));
    case 2:
      return Destination::of(resource(3));  // the number of a linked node
    case 3:
      return Destination::of(wildcard_node_id);
    case 4:
      return Destination::opaque(opaque);
    case 5:
      return Destination::compressed(9);
    case 6:
      return Destination::of(wire::WireResourceId(short_id));  // another overlay's length
    case 7:
      return Destination::of(node(99));  // nobody knows the way
    default:
      return Destination::of(node(choice % 16 - 7));  // 1 to 8: 1 is this node, 2 to 4 are linked
  }
}

Message message_of(Script& script) {
  constexpr wire::MessageCode codes[] = {wire::MessageCode::ping_req, wire::MessageCode::store_req,
                                         wire::MessageCode::ping_ans, wire::MessageCode::error};
  constexpr std::uint8_t ttls[] = {0, 1, 50, 100, 101, 255};
  constexpr std::uint32_t fragments[] = {wire::fragment_only, wire::fragment_high_bit,
                                         wire::fragment_high_bit | 700, wire::fragment_only | 700};
  const std::uint8_t shape = script.next();
  const std::size_t size = 2 + script.next() * std::size_t{9};
  Entries to;
  for (unsigned i = shape % 5; i > 0; --i)
    to.push_back(entry(script.next()));
  Message message(to, codes[shape / 5 % 4], size);
  for (unsigned i = shape / 20 % 4; i > 0; --i)
    message.via.push_back(entry(script.next()));
  const std::uint8_t more = script.next();
  message.header.ttl = ttls[more % 6];
  message.header.fragment = fragments[more / 6 % 4];
  if (more / 24 % 4 == 3) message.options.push_back({200, script.next(), {}});
  if (more / 96 == 2) message.header.overlay = 78;
  return message;
}

// What the rules say of one message.
struct Verdict {
  enum class Kind { silence, delivered, refused, sent } kind = Kind::silence;
  wire::ErrorCode error = wire::ErrorCode::invalid;
  Destination target;
  std::uint64_t link = 0;
  Message expected{{}};  // as it goes on
};

bool linked(const NodeId& id) {
  return id == node(2) || id == node(3) || id == node(4);
}

// Whether a request begins here; where that cannot be seen, nobody is told of an error.
bool is_request_start(const Message& message) {
  return (message.header.fragment & wire::fragment_offset_mask) == 0 && message.body[1] % 2 == 1 &&
         message.body[0] != 0xff;
}

Verdict refusal(const Message& message, wire::ErrorCode error) {
  if (!is_request_start(message)) return {};
  Verdict verdict;
  verdict.kind = Verdict::Kind::refused;
  verdict.error = error;
  return verdict;
}

bool lists(const Entries& entries, const NodeId& id) {
  for (const Destination& each : entries) {
    if (each == Destination::of(id)) return true;
  }
  return false;
}

Verdict rules(const Bench& bench, Message message, std::uint64_t from) {
  const NodeId self = node(1);
  if (message.header.overlay != 77) return {};
  if (message.bytes().size() > bench.rules.max_message_bytes)
    return refusal(message, wire::ErrorCode::message_too_large);
  if (message.header.ttl > 100) return refusal(message, wire::ErrorCode::ttl_exceeded);
  for (std::size_t i = 0; i < message.to.size(); ++i) {
    if (message.to[i].is_resource() && i + 1 < message.to.size()) return {};
  }
  for (const Destination& each : message.via) {
    if (each.is_resource()) return {};
  }
  for (std::size_t i = 0; i < message.to.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (message.to[i].is_node() && message.to[i] == message.to[j])
        return refusal(message, wire::ErrorCode::invalid_message);
    }
  }
  while (message.to.size() > 1 && message.to[0] == Destination::of(self))
    message.to.erase(message.to.begin());
  if (message.to.empty() || message.to[0].is_opaque()) return {};
  const Destination target = message.to[0];
  if (target.is_resource() && !target.resource()) return {};
  const RingPosition place =
      target.is_node() ? target.node().position : target.resource()->position;
  const bool own_resource = target.is_resource() && bench.routing.responsible(place);
  if (target == Destination::of(self) || target == Destination::of(wildcard_node_id) ||
      own_resource) {
    Verdict verdict;
    verdict.kind = Verdict::Kind::delivered;
    verdict.target = target;
    return verdict;
  }
  NodeId next{place};
  if (!linked(next)) {
    const auto hop = bench.routing.next_hop(place);
    if (hop.kind != RoutingTable::NextHop::Kind::node || !linked(hop.node)) return {};
    next = hop.node;
  }
  if (!bench.rules.routes) return {};
  if (message.header.ttl == 0) return refusal(message, wire::ErrorCode::ttl_exceeded);
  for (const wire::ForwardingOption& option : message.options) {
    if (option.flags % 2 == 1)
      return refusal(message, wire::ErrorCode::unsupported_forwarding_option);
  }
  const bool later_piece = (message.header.fragment & wire::fragment_offset_mask) != 0;
  if (later_piece || is_request_start(message)) {
    if (lists(message.via, self) || lists(message.via, next) || next == node(from))
      return refusal(message, wire::ErrorCode::not_found);
    message.via.push_back(Destination::of(node(from)));
  }
  --message.header.ttl;
  Verdict verdict;
  verdict.kind = Verdict::Kind::sent;
  verdict.link = next.position.low;
  verdict.expected = std::move(message);
  return verdict;
}

// The pieces, put together again: the header of each is that of the whole, with its own place.
void compare_sent(Message expected, std::uint64_t link, const std::vector<BenchLinks::Sent>& sent,
                  std::size_t link_bytes) {
  expect(!sent.empty());
  const std::uint32_t fragment = expected.header.fragment;
  Bytes body;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    expect(sent[i].link == link::LinkId{link} && sent[i].bytes.size() <= link_bytes);
    const auto view = wire::MessageView::parse(sent[i].bytes);
    expect(view.has_value());
    const bool last = i + 1 == sent.size() && (fragment & wire::fragment_last_bit) != 0;
    const std::uint32_t place =
        (fragment & wire::fragment_offset_mask) + static_cast<std::uint32_t>(body.size());
    expected.header.fragment =
        wire::fragment_high_bit | place | (last ? wire::fragment_last_bit : 0);
    Message piece = expected;
    piece.body = to_bytes(view->body());
    expect(piece.bytes() == sent[i].bytes);
    expect(sent.size() == 1 || view->body().size() >= 256 || i + 1 == sent.size());
    body.insert(body.end(), view->body().begin(), view->body().end());
  }
  expect(body == expected.body);
}

}  // namespace
}  // namespace chordial::forwarding

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chordial;
  using namespace chordial::forwarding;
  Script script(data, size);
  Bench bench;
  const std::uint8_t world = script.next();
  bench.rules.routes = world % 8 != 0;
  bench.rules.max_message_bytes = world % 4 == 1 ? 1200 : 65536;
  bench.links.bytes_max = world % 16 < 8 ? 1163 : 65536;
  std::int64_t now_ms = 0;
  for (unsigned step = 0; !script.done() && step < 24; ++step) {
    const std::uint64_t from = 2 + script.next() % 3;
    Message message = message_of(script);
    const Bytes bytes = message.bytes();
    bench.links.sent.clear();
    bench.handler = {};
    now_ms += 1000;  // slow enough that no error is withheld
    bench.forwarder.receive(at_ms(now_ms), link::LinkId{from}, node(from), bytes);
    const Verdict verdict = rules(bench, message, from);
    using Kind = Verdict::Kind;
    if (verdict.kind == Kind::sent) {
      compare_sent(verdict.expected, verdict.link, bench.links.sent, bench.links.bytes_max);
    } else {
      expect(bench.links.sent.empty());
    }
    expect(bench.handler.delivered.size() == (verdict.kind == Kind::delivered ? 1U : 0U));
    if (verdict.kind == Kind::delivered)
      expect(bench.handler.delivered[0].type == verdict.target.type() &&
             bench.handler.delivered[0].body == message.body);
    expect(bench.handler.refused.size() == (verdict.kind == Kind::refused ? 1U : 0U));
    if (verdict.kind == Kind::refused) expect(bench.handler.refused[0] == verdict.error);
  }
  return 0;
}
