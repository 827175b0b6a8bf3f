#include "link/virtual_network.h"

namespace chordial::link {

namespace {

WireLinkLayerOptions complete(WireLinkLayerOptions options, const NodeId& id,
                              const SocketAddress& address) {
  options.self = id;
  options.local = address;
  return options;
}

}  // namespace

VirtualNode::VirtualNode(VirtualNetwork& network, unsigned number, WireLinkLayerOptions options)
    : id{{number, number}},
      address{IpAddress::v4(0x0a000000 + number), 6084},
      rng(number, 99),
      timers(network.now().monotonic),
      security(id, number),
      layer(complete(options, id, address), security, *this, timers, rng),
      network_(network) {
  layer.set_handler(*this);
}

void VirtualNode::transmit(const ports::Datagram& datagram) {
  ++datagrams_sent;
  network_.carry(address, datagram.remote, datagram.bytes);
}

void VirtualNode::on_link_up(Now, LinkId link, const NodeId& peer, const crypto::Certificate&) {
  up.emplace(static_cast<std::uint64_t>(link), peer);
}

void VirtualNode::on_link_message(Now now, LinkId link, ByteView message) {
  received.push_back(to_bytes(message));
  received_at.push_back(now.monotonic);
  if (echo) (void)layer.send(now, link, message);
  if (close_on_message) {
    layer.close(now, link);
    up.erase(static_cast<std::uint64_t>(link));
  }
}

void VirtualNode::on_link_down(Now, LinkId link, const Error& why) {
  up.erase(static_cast<std::uint64_t>(link));
  down.emplace_back(static_cast<std::uint64_t>(link), why);
}

void VirtualNode::on_handshake_failed(Now, const SocketAddress& remote, bool passive,
                                      const Error& why) {
  failed.push_back({remote, passive, why});
}

void VirtualNode::on_link_sip(Now, LinkId, ByteView message) {
  sip.push_back(to_bytes(message));
}

VirtualNetwork::VirtualNetwork(std::uint64_t seed, const NetworkConditions& c)
    : conditions(c), rng_(seed, 1) {
}

VirtualNode& VirtualNetwork::add(WireLinkLayerOptions options) {
  nodes.push_back(
      std::make_unique<VirtualNode>(*this, static_cast<unsigned>(nodes.size() + 1), options));
  return *nodes.back();
}

void VirtualNetwork::carry(const SocketAddress& from, const SocketAddress& to, ByteView bytes) {
  ++carried;
  const int copies = rng_.fraction() < conditions.duplication ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (cut || rng_.fraction() < conditions.loss) continue;
    Bytes copy = to_bytes(bytes);
    if (rng_.fraction() < conditions.corruption) {
      copy[rng_.below(copy.size())] ^= static_cast<std::uint8_t>(1 + rng_.below(255));
    }
    const auto spread = static_cast<std::uint64_t>(conditions.delay_spread.count()) + 1;
    const Duration extra{static_cast<std::int64_t>(rng_.below(spread))};
    events_.push({now_ + conditions.delay + extra, ++order_, from, to, std::move(copy)});
  }
}

void VirtualNetwork::run(Duration span) {
  const MonotonicTime end = now_ + span;
  while (true) {
    MonotonicTime next = events_.empty() ? never : events_.top().at;
    for (const auto& node : nodes)
      next = std::min(next, node->timers.next());
    if (next > end) break;
    now_ = std::max(now_, next);
    while (!events_.empty() && events_.top().at <= now_) {
      const Event event = events_.top();
      events_.pop();
      for (const auto& node : nodes) {
        if (node->address != event.to) continue;
        node->layer.handle_datagram(now(),
                                    {ports::SocketRole::link, event.to, event.from, event.bytes});
      }
    }
    for (const auto& node : nodes)
      node->timers.run(now());
  }
  now_ = end;
}

}  // namespace chordial::link
