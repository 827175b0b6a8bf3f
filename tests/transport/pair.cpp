#include "transport/pair.h"

namespace chordial::transport {

Side::Side(Pair& p, std::uint64_t number, std::vector<NodeId> node_ids)
    : pair(p),
      id{{number, number}},
      own{number, 1},
      rng(number, 9),
      forwarder(rules, connections, *this, *this, transport),
      signer(p.certify(node_ids.empty() ? std::vector<NodeId>{id} : node_ids, "node")),
      transport(settings, forwarder, connections, *signer, p.timers, rng, *this) {
  settings.self = rules.self = id;
  settings.overlay_hash = rules.overlay_hash = 42;
  settings.sequence = 7;
  settings.tunnel_extension = 0xF051;
  settings.certificates = &p.certificates;
  settings.verifier = &p.verifier;
  const std::uint64_t other = 3 - number;
  connections.put({NodeId{{other, other}}, link::LinkId{other}});
}

Expected<std::uint64_t> Side::ask(std::vector<wire::Destination> to, wire::MessageCode code,
                                  ByteView body, crypto::Signer* by) {
  Outgoing outgoing;
  outgoing.destinations = to;
  outgoing.code = code;
  outgoing.body = body;
  outgoing.signer = by;
  outgoing.purpose = {1, heard.size()};
  return transport.request(pair.now, outgoing);
}

void Side::receive(ByteView message) {
  const NodeId neighbour = connections.all().front().node;
  forwarder.receive(pair.now, connections.all().front().link, neighbour, message);
}

void Side::on_request(Now now, Request& request) {
  requests.push_back(request.contents.message_code);
  askers.push_back(request.from);
  if (keep_replies) {
    replies.push_back(std::move(request.reply));
  } else if (refuse_with) {
    transport.refuse(now, request.reply, *refuse_with, as_bytes("why"));
  } else {
    transport.answer(now, request.reply, Bytes(answer_bytes, 0x5a));
  }
}

void Side::on_answer(Now, const Purpose& purpose, const Answer& answer) {
  heard.push_back({purpose, true, wire::ErrorCode::invalid, ErrorKind::internal, answer.from,
                   to_bytes(answer.contents.message_body), answer.hops});
}

void Side::on_failed(Now, const Purpose& purpose, const Failed& failed) {
  heard.push_back(
      {purpose, false, failed.code, failed.error.kind, failed.from, to_bytes(failed.info), 0});
}

forwarding::RoutingTable::NextHop Side::next_hop(RingPosition position) const {
  if (position == own) return {NextHop::Kind::self, id};
  if (connections.empty()) return {};
  return {NextHop::Kind::node, connections.all().front().node};
}

Expected<void> Side::send(Now, link::LinkId, ByteView message) {
  ++pair.sent;
  pair.wire.push_back({this == &pair.a ? &pair.b : &pair.a, to_bytes(message)});
  return {};
}

Pair::Pair() : a(*this, 1), b(*this, 2) {
}

std::unique_ptr<crypto::mock::MockSigner> Pair::certify(std::vector<NodeId> nodes,
                                                        const std::string& name) {
  const auto der = authority.issue(
      {std::move(nodes), name + "@example.org", begin_of_time - std::chrono::hours(1),
       begin_of_time + std::chrono::hours(1000)},
      ++serial);
  return std::make_unique<crypto::mock::MockSigner>(authority, **certificates.intern(*der), cost);
}

void Pair::deliver() {
  while (!wire.empty()) {
    Flying flying = std::move(wire.front());
    wire.erase(wire.begin());
    if (!on_wire || on_wire(*flying.to, flying.bytes)) flying.to->receive(flying.bytes);
  }
}

void Pair::run(Duration span) {
  const MonotonicTime end = now.monotonic + span;
  deliver();
  while (timers.next() <= end) {
    now.monotonic = std::max(now.monotonic, timers.next());
    timers.run(now);
    deliver();
  }
  now.monotonic = end;
}

}  // namespace chordial::transport
