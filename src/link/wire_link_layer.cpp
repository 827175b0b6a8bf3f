#include "link/wire_link_layer.h"

#include <algorithm>

#include "link/client_hello.h"
#include "wire/framing.h"

namespace chordial::link {

namespace {

// DTLS 1.2 with an AEAD cipher: record header, explicit nonce, tag.
constexpr std::size_t record_overhead_bytes = 13 + 8 + 16;

// What a cookie is bound to (RFC 6347 §4.2.1).
Bytes source_of(const SocketAddress& remote) {
  Bytes source = to_bytes(remote.ip.bytes());
  source.push_back(static_cast<std::uint8_t>(remote.port >> 8));
  source.push_back(static_cast<std::uint8_t>(remote.port));
  return source;
}

// What one sender of datagrams can choose its addresses from.
IpAddress network_of(const IpAddress& ip) {
  if (ip.is_v4()) return ip;
  Bytes bytes = to_bytes(ip.bytes());
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return *IpAddress::from_bytes(bytes);
}

}  // namespace

class WireLinkLayer::Scope {
 public:
  explicit Scope(WireLinkLayer& layer) : layer_(layer) { ++layer_.depth_; }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() {
    if (--layer_.depth_ == 0) layer_.retired_.clear();
  }

 private:
  WireLinkLayer& layer_;
};

WireLinkLayer::WireLinkLayer(const WireLinkLayerOptions& options,
                             crypto::LinkSecurityContext& security, ports::Outbox& outbox,
                             TimerQueue& timers, Rng& rng)
    : options_(options),
      security_(security),
      outbox_(outbox),
      timers_(timers),
      places_(0, SocketAddressHash{rng.u64(), rng.u64()}) {
  options_.link.digest_key_low = rng.u64();
  options_.link.digest_key_high = rng.u64();
}

WireLinkLayer::~WireLinkLayer() = default;

std::unique_ptr<WireLink> WireLinkLayer::make_link() {
  WireLinkOwner& owner = *this;
  return std::make_unique<WireLink>(owner, options_.link, timers_);
}

std::size_t WireLinkLayer::message_bytes_max() const {
  const std::size_t record = options_.link.datagram_bytes_max - record_overhead_bytes;
  return options_.link.carriage == Carriage::application ? record
                                                         : record - wire::frame_data_header_bytes;
}

WireLink* WireLinkLayer::find_mutable(LinkId link) const {
  const auto at = links_.find(static_cast<std::uint64_t>(link));
  return at == links_.end() ? nullptr : at->second.get();
}

const WireLink* WireLinkLayer::find(LinkId link) const {
  return find_mutable(link);
}

LinkInfo WireLinkLayer::info(LinkId link) const {
  const WireLink* found = find(link);
  return found == nullptr ? LinkInfo{} : found->info();
}

void WireLinkLayer::handle_datagram(Now now, const ports::Datagram& datagram) {
  const Scope scope(*this);
  switch (datagram_kind(datagram.bytes)) {
    case DatagramKind::stun:
      ++counts_.stun_dropped;
      return;
    case DatagramKind::other:
      ++counts_.unknown_dropped;
      return;
    case DatagramKind::dtls:
      break;
  }
  const auto at = places_.find(datagram.remote);
  const Place place = at == places_.end() ? Place{} : at->second;
  if (const auto random = client_hello_random(datagram.bytes)) {
    handle_hello(now, datagram, place, *random);
  } else if (place.challenger != nullptr && handshake_record(datagram.bytes)) {
    place.challenger->handle_datagram(now, datagram.bytes);
  } else if (place.current != nullptr) {
    place.current->handle_datagram(now, datagram.bytes);
  } else {
    ++counts_.stray_dropped;
  }
}

void WireLinkLayer::handle_hello(Now now, const ports::Datagram& datagram, Place place,
                                 const HelloRandom& random) {
  for (WireLink* link : {place.challenger, place.current}) {
    if (link == nullptr || link->hello_random() != random) continue;
    if (link->client()) {
      fail(now, *link, {ErrorKind::invalid, "remote", 0, "this node itself"});
    } else if (!link->established()) {
      link->handle_datagram(now, datagram.bytes);
    }
    return;
  }
  WireLink* const current = place.current;
  if (current != nullptr && current->client() && !current->established() &&
      current->hello_random() && *current->hello_random() < random) {
    ++counts_.hellos_outranked;
    return;
  }
  accept(now, datagram, place, random);
}

void WireLinkLayer::accept(Now now, const ports::Datagram& datagram, Place place,
                           const HelloRandom& random) {
  WireLink* replaced = place.challenger;
  if (place.current != nullptr && !place.current->established()) replaced = place.current;
  if (replaced == nullptr &&
      (half_open_ >= options_.handshakes_max || links_.size() >= options_.links_max)) {
    ++counts_.hellos_over_limit;
    return;
  }
  if (replaced == nullptr &&
      half_open_of(datagram.remote.ip) >= options_.handshakes_per_source_max) {
    ++counts_.hellos_over_source;
    return;
  }
  if (spare_ == nullptr) spare_ = make_link();
  spare_->place(datagram.local, datagram.remote);
  auto association = security_.accept(now, source_of(datagram.remote), datagram.bytes, *spare_);
  if (association == nullptr) {
    ++counts_.hellos_unproven;
    return;
  }

  const Heritage heritage = displace(replaced);
  WireLink& link = *spare_;
  links_.emplace(static_cast<std::uint64_t>(heritage.id), std::move(spare_));
  Place& here = places_[datagram.remote];
  (here.current == nullptr ? here.current : here.challenger) = &link;
  if (heritage.announced) link.announce();
  open_half(link);
  link.start(now, heritage.id, std::move(association), heritage.expected, random);
}

std::size_t WireLinkLayer::half_open_of(const IpAddress& remote) const {
  const IpAddress network = network_of(remote);
  for (const Source& source : sources_) {
    if (source.network == network) return source.handshakes;
  }
  return 0;
}

void WireLinkLayer::open_half(const WireLink& link) {
  ++half_open_;
  const IpAddress network = network_of(link.remote().ip);
  for (Source& source : sources_) {
    if (source.network != network) continue;
    ++source.handshakes;
    return;
  }
  sources_.push_back({network, 1});
}

void WireLinkLayer::close_half(const WireLink& link) {
  --half_open_;
  const IpAddress network = network_of(link.remote().ip);
  std::erase_if(sources_, [&](Source& source) {
    return source.network == network && --source.handshakes == 0;
  });
}

WireLinkLayer::Heritage WireLinkLayer::displace(WireLink* replaced) {
  if (replaced == nullptr) return {LinkId{++last_id_}, std::nullopt, false};
  Heritage heritage{replaced->id(), replaced->expected(), replaced->announced()};
  replaced->abandon();
  retire(*replaced);
  return heritage;
}

void WireLinkLayer::retire(WireLink& link) {
  if (link.half_open()) close_half(link);
  counts_.repetitions += link.repetitions();
  counts_.malformed += link.malformed();
  counts_.retransmissions += link.sender().retransmissions();
  if (const auto at = places_.find(link.remote()); at != places_.end()) {
    Place& place = at->second;
    if (place.challenger == &link) {
      place.challenger = nullptr;
    } else if (place.current == &link) {
      place.current = place.challenger;
      place.challenger = nullptr;
    }
    if (place.current == nullptr) places_.erase(at);
  }
  const auto at = links_.find(static_cast<std::uint64_t>(link.id()));
  retired_.push_back(std::move(at->second));
  links_.erase(at);
}

void WireLinkLayer::fail(Now now, WireLink& link, const Error& why) {
  const LinkId id = link.id();
  const bool announced = link.announced();
  link.abandon();
  retire(link);
  if (announced) handler_->on_link_down(now, id, why);
}

void WireLinkLayer::refuse(Now now, WireLink& link, const Error& why) {
  ++counts_.failed;
  link.close(now);
  const LinkId id = link.id();
  const bool announced = link.announced();
  const SocketAddress remote = link.remote();
  retire(link);
  handler_->on_handshake_failed(now, remote, !announced, why);
  if (announced) handler_->on_link_down(now, id, why);
}

Expected<LinkId> WireLinkLayer::connect(Now now, const SocketAddress& remote,
                                        std::optional<NodeId> expected) {
  const Scope scope(*this);
  if (remote.port == 0 || remote.ip.is_unspecified() || remote == options_.local) {
    return failure(ErrorKind::invalid, "remote", "no address to connect to");
  }
  if (const auto at = places_.find(remote); at != places_.end()) {
    WireLink& current = *at->second.current;
    if (current.established()) {
      return failure(ErrorKind::conflict, "remote", "linked with this address already");
    }
    if (expected && !current.expected()) current.expect(*expected);
    current.announce();
    return current.id();
  }
  if (links_.size() >= options_.links_max) {
    return failure(ErrorKind::limit, "links", "too many links");
  }
  const LinkId id{++last_id_};
  auto& link = *links_.emplace(static_cast<std::uint64_t>(id), make_link()).first->second;
  link.place(options_.local, remote);
  link.announce();
  places_[remote].current = &link;
  link.start(now, id, security_.create(crypto::SecurityRole::client, link, expected), expected,
             std::nullopt);
  return id;
}

Expected<void> WireLinkLayer::send(Now now, LinkId link, ByteView message) {
  const Scope scope(*this);
  WireLink* const found = find_mutable(link);
  if (found == nullptr) return failure(ErrorKind::unavailable, "link", "no such link");
  return found->send(now, message);
}

Expected<void> WireLinkLayer::send_sip(Now now, LinkId link, ByteView message) {
  const Scope scope(*this);
  if (message.empty() || message[0] < 'A' || message[0] > 'Z') {
    return failure(ErrorKind::invalid, "message", "does not begin as SIP does");
  }
  WireLink* const found = find_mutable(link);
  if (found == nullptr) return failure(ErrorKind::unavailable, "link", "no such link");
  return found->send_record(now, message);
}

void WireLinkLayer::close(Now now, LinkId link) {
  const Scope scope(*this);
  WireLink* const found = find_mutable(link);
  if (found == nullptr) return;
  found->close(now);
  retire(*found);
}

void WireLinkLayer::link_transmit(const WireLink& link, ByteView datagram) {
  outbox_.transmit({options_.socket, link.local(), link.remote(), datagram});
}

void WireLinkLayer::link_established(Now now, WireLink& link, const crypto::Certificate& peer) {
  if (!link.client()) close_half(link);
  // §6.1.2 lets a node with several Node-IDs only Attach and Ping before it has said which it is.
  // Deviation: such a certificate opens no link at all here, for ours name one node each.
  if (!link.expected() && peer.node_ids.size() > 1) {
    return refuse(now, link,
                  {ErrorKind::unsupported, "certificate", 0, "names more than one node"});
  }
  if (names_node(peer, options_.self) || peer.node_ids.empty()) {
    return refuse(now, link, {ErrorKind::unauthentic, "certificate", 0, "names this node itself"});
  }
  ++counts_.established;
  link.announce();
  const Place place = places_.find(link.remote())->second;
  if (place.challenger == &link) {
    fail(now, *place.current, {ErrorKind::unavailable, "link", 0, "replaced by a newer handshake"});
  }
  const NodeId node = link.expected().value_or(peer.node_ids.front());
  handler_->on_link_up(now, link.id(), node, peer);
}

void WireLinkLayer::link_message(Now now, WireLink& link, ByteView message) {
  handler_->on_link_message(now, link.id(), message);
}

void WireLinkLayer::link_sip(Now now, WireLink& link, ByteView message) {
  handler_->on_link_sip(now, link.id(), message);
}

void WireLinkLayer::link_over(Now now, WireLink& link, const Error& why) {
  ++(link.proven() ? counts_.lost : counts_.failed);
  const LinkId id = link.id();
  const bool announced = link.announced();
  const bool failed = !link.proven();
  const SocketAddress remote = link.remote();
  retire(link);
  if (failed) handler_->on_handshake_failed(now, remote, !announced, why);
  if (announced) handler_->on_link_down(now, id, why);
}

void WireLinkLayer::link_timeout(Now now, WireLink& link) {
  const Scope scope(*this);
  link.handle_timeout(now);
}

void WireLinkLayer::count(CounterVisitor& visitor) const {
  visitor.gauge("link_links", links_.size());
  visitor.gauge("link_handshakes", half_open_);
  visitor.counter("link_established", counts_.established);
  visitor.counter("link_handshakes_failed", counts_.failed);
  visitor.counter("link_lost", counts_.lost);
  visitor.counter("link_stun_dropped", counts_.stun_dropped);
  visitor.counter("link_unknown_dropped", counts_.unknown_dropped);
  visitor.counter("link_stray_dropped", counts_.stray_dropped);
  visitor.counter("link_hellos_unproven", counts_.hellos_unproven);
  visitor.counter("link_hellos_over_limit", counts_.hellos_over_limit);
  visitor.counter("link_hellos_over_source", counts_.hellos_over_source);
  visitor.counter("link_hellos_outranked", counts_.hellos_outranked);
  visitor.counter("link_repetitions", counts_.repetitions);
  visitor.counter("link_malformed", counts_.malformed);
  visitor.counter("link_retransmissions", counts_.retransmissions);
}

}  // namespace chordial::link
