#include "link/message_link_layer.h"

#include <algorithm>

namespace chordial::link {

namespace {

std::uint32_t milliseconds(Now now) {
  return static_cast<std::uint32_t>(now.monotonic.time_since_epoch().count() / 1000);
}

// The first Node-ID where any will do; an overlay's node certificates carry exactly one.
const NodeId& identity(const crypto::Certificate& certificate, const NodeId& expected) {
  return expected == invalid_node_id ? certificate.node_ids.front() : expected;
}

}  // namespace

MessageLinkLayer::MessageLinkLayer(const MessageLinkOptions& options,
                                   crypto::CertificateStore& certificates, MessageNetwork& network)
    : options_(options), certificates_(certificates), network_(network) {
}

MessageLinkLayer::End* MessageLinkLayer::find(std::uint32_t number) {
  const auto at = std::lower_bound(ends_.begin(), ends_.end(), number,
                                   [](const End& end, std::uint32_t n) { return end.number < n; });
  return at != ends_.end() && at->number == number ? &*at : nullptr;
}

const MessageLinkLayer::End* MessageLinkLayer::find(std::uint32_t number) const {
  return const_cast<MessageLinkLayer*>(this)->find(number);
}

SocketAddress MessageLinkLayer::address(const End& end) {
  return {*IpAddress::from_bytes(end.v4), end.port};
}

MessageLinkLayer::End& MessageLinkLayer::add(Now now, const SocketAddress& remote, State state) {
  // Growth by an eighth: doubling would waste as much as the ends need.
  if (ends_.size() == ends_.capacity()) ends_.reserve(ends_.size() + 2 + ends_.size() / 8);
  End end{};
  end.number = ++last_number_;
  end.heard_ms = end.sent_ms = milliseconds(now);
  std::copy_n(remote.ip.bytes().begin(), 4, end.v4.begin());
  end.port = remote.port;
  end.state = state;
  ends_.push_back(end);
  return ends_.back();
}

NodeId MessageLinkLayer::take_awaited(std::uint32_t number) {
  const auto at = std::find_if(awaited_.begin(), awaited_.end(),
                               [&](const Awaited& awaited) { return awaited.number == number; });
  if (at == awaited_.end()) return invalid_node_id;
  const NodeId node = at->node;
  awaited_.erase(at);
  if (awaited_.empty()) awaited_.shrink_to_fit();
  return node;
}

void MessageLinkLayer::touch(Now now, End& end, bool heard) {
  const std::uint32_t at = milliseconds(now);
  const std::uint32_t idle_ms = std::min(at - end.heard_ms, at - end.sent_ms);
  if (options_.keepalive_interval.count() > 0 && end.state == State::established) {
    keepalives_ += Duration(std::int64_t{idle_ms} * 1000) / options_.keepalive_interval;
  }
  (heard ? end.heard_ms : end.sent_ms) = at;
}

void MessageLinkLayer::remove(Now now, std::uint32_t number) {
  End* end = find(number);
  if (end == nullptr) return;
  touch(now, *end, true);
  (void)take_awaited(number);
  ends_.erase(ends_.begin() + (end - ends_.data()));
}

void MessageLinkLayer::fail(Now now, std::uint32_t number, const Error& why) {
  remove(now, number);
  handler_->on_link_down(now, LinkId{number}, why);
}

void MessageLinkLayer::carry(Now now, PacketKind kind, const End& end, ByteView bytes) {
  network_.carry(now, {kind, options_.local, address(end), end.number, end.peer_number, bytes});
}

Expected<const crypto::Certificate*> MessageLinkLayer::check(Now now, ByteView der,
                                                             const NodeId& expected) {
  const auto certificate = certificates_.add(der, now);
  if (!certificate) return certificate;
  if (const auto usable = certificates_.usable(**certificate, now); !usable) {
    return Failure(usable.error());
  }
  if (expected != invalid_node_id && !names_node(**certificate, expected)) {
    return failure(ErrorKind::unauthentic, "certificate", "names another node");
  }
  if (names_node(**certificate, options_.self)) {
    return failure(ErrorKind::unauthentic, "certificate", "names this node itself");
  }
  return certificate;
}

std::pair<LinkId, LinkId> MessageLinkLayer::prebuild(Now now, MessageLinkLayer& a,
                                                     MessageLinkLayer& b) {
  End& of_a = a.add(now, b.options_.local, State::established);
  End& of_b = b.add(now, a.options_.local, State::established);
  of_a.peer_number = of_b.number;
  of_b.peer_number = of_a.number;
  return {LinkId{of_a.number}, LinkId{of_b.number}};
}

Expected<LinkId> MessageLinkLayer::connect(Now now, const SocketAddress& remote,
                                           std::optional<NodeId> expected) {
  if (ends_.size() >= options_.links_max) {
    return failure(ErrorKind::limit, "links", "too many links");
  }
  if (!remote.ip.is_v4() || remote.port == 0 || remote == options_.local) {
    return failure(ErrorKind::invalid, "remote", "no address to connect to");
  }
  End& end = add(now, remote, State::connecting);
  const LinkId id{end.number};
  if (expected) awaited_.push_back({end.number, *expected});
  carry(now, PacketKind::hello, end, options_.certificate->der);
  return id;
}

Expected<void> MessageLinkLayer::send(Now now, LinkId link, ByteView message) {
  End* end = find(static_cast<std::uint32_t>(link));
  if (end == nullptr || end->state != State::established) {
    return failure(ErrorKind::unavailable, "link", "not established");
  }
  if (message.size() > message_bytes_limit) {
    return failure(ErrorKind::limit, "message", "longer than the link carries");
  }
  touch(now, *end, false);
  carry(now, PacketKind::message, *end, message);
  return {};
}

void MessageLinkLayer::close(Now now, LinkId link) {
  const End* end = find(static_cast<std::uint32_t>(link));
  if (end == nullptr) return;
  if (end->state == State::established) carry(now, PacketKind::goodbye, *end, {});
  remove(now, static_cast<std::uint32_t>(link));
}

bool MessageLinkLayer::handle_packet(Now now, const Packet& packet) {
  if (packet.kind == PacketKind::hello) {
    on_hello(now, packet);
    return true;
  }
  End* end = find(packet.to_link);
  if (end == nullptr && packet.kind == PacketKind::welcome) {
    // Given up meanwhile: the server must not keep its end.
    network_.carry(
        now,
        {PacketKind::goodbye, options_.local, packet.from, packet.to_link, packet.from_link, {}});
    return true;
  }
  if (end == nullptr || address(*end) != packet.from) return packet.kind != PacketKind::message;
  const bool same_link = end->state == State::connecting || end->peer_number == packet.from_link;
  if (packet.kind == PacketKind::lost && same_link) {
    if (end->state == State::established) carry(now, PacketKind::goodbye, *end, {});
    fail(now, packet.to_link, {ErrorKind::unavailable, "link", 0, "no acknowledgement"});
    return true;
  }
  if (packet.kind == PacketKind::refusal && end->state == State::connecting) {
    fail(now, packet.to_link, {ErrorKind::forbidden, "link", 0, "refused by the other side"});
    return true;
  }
  if (packet.kind == PacketKind::welcome && end->state == State::connecting) {
    on_welcome(now, packet, packet.to_link);
    return true;
  }
  if (end->state != State::established || end->peer_number != packet.from_link) {
    return packet.kind != PacketKind::message;
  }
  touch(now, *end, true);
  if (packet.kind == PacketKind::goodbye) {
    fail(now, packet.to_link, {ErrorKind::unavailable, "link", 0, "closed by the other side"});
  } else if (packet.kind == PacketKind::message) {
    handler_->on_link_message(now, LinkId{packet.to_link}, packet.bytes);
  }
  return true;
}

void MessageLinkLayer::on_hello(Now now, const Packet& packet) {
  const auto refuse = [&] {
    ++refused_;
    network_.carry(now,
                   {PacketKind::refusal, options_.local, packet.from, 0, packet.from_link, {}});
  };
  if (ends_.size() >= options_.links_max || !packet.from.ip.is_v4()) return refuse();
  const auto certificate = check(now, packet.bytes, invalid_node_id);
  if (!certificate) return refuse();
  End& end = add(now, packet.from, State::established);
  end.peer_number = packet.from_link;
  const LinkId id{end.number};
  carry(now, PacketKind::welcome, end, options_.certificate->der);
  handler_->on_link_up(now, id, identity(**certificate, invalid_node_id), **certificate);
}

void MessageLinkLayer::on_welcome(Now now, const Packet& packet, std::uint32_t number) {
  End& end = *find(number);
  end.peer_number = packet.from_link;
  const NodeId expected = take_awaited(number);
  const auto certificate = check(now, packet.bytes, expected);
  if (!certificate) {
    ++refused_;
    carry(now, PacketKind::goodbye, end, {});
    fail(now, number, certificate.error());
    return;
  }
  const std::uint32_t rtt_ms = milliseconds(now) - end.sent_ms;
  end.rtt_units = static_cast<std::uint16_t>(std::min<std::uint32_t>(rtt_ms * 10, 65535));
  end.state = State::established;
  touch(now, end, true);
  handler_->on_link_up(now, LinkId{number}, identity(**certificate, expected), **certificate);
}

LinkInfo MessageLinkLayer::info(LinkId link) const {
  const End* end = find(static_cast<std::uint32_t>(link));
  if (end == nullptr) return {};
  LinkInfo info;
  info.remote = address(*end);
  info.security = "message";
  info.rtt_us = std::uint32_t{end->rtt_units} * 100;
  info.established = end->state == State::established;
  info.last_heard = MonotonicTime(Duration(std::int64_t{end->heard_ms} * 1000));
  return info;
}

std::vector<MessageLinkLayer::Other> MessageLinkLayer::others() const {
  std::vector<Other> others;
  for (const End& end : ends_) {
    if (end.state == State::established) {
      others.push_back({address(end), end.number, end.peer_number});
    }
  }
  return others;
}

std::uint64_t MessageLinkLayer::keepalives(Now now) const {
  std::uint64_t sum = keepalives_;
  if (options_.keepalive_interval.count() == 0) return sum;
  const std::uint32_t at = milliseconds(now);
  for (const End& end : ends_) {
    const std::uint32_t idle_ms = std::min(at - end.heard_ms, at - end.sent_ms);
    sum += Duration(std::int64_t{idle_ms} * 1000) / options_.keepalive_interval;
  }
  return sum;
}

std::size_t MessageLinkLayer::memory_bytes() const {
  return sizeof(*this) + ends_.capacity() * sizeof(End) + awaited_.capacity() * sizeof(Awaited);
}

void MessageLinkLayer::count(CounterVisitor& visitor) const {
  visitor.gauge("link_links", ends_.size());
  visitor.counter("link_handshakes_refused", refused_);
  visitor.counter("link_keepalives", keepalives_);
}

}  // namespace chordial::link
