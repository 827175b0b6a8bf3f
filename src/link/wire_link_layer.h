// All links of one socket (design: one NAT binding for every overlay link; RFC 6940 §6.6.6): tells
// datagrams apart by their first byte (RFC 7983) and their source, opens associations, and decides
// which of two handshakes between the same addresses goes on. A second one of these, with
// Carriage::application, serves the application socket. Knows no DTLS inside and no message
// contents.
//
// Simultaneous open: both sides send a ClientHello and share one address pair. The hello whose
// random is the smaller number goes on; the side that sent the other becomes server as soon as the
// cookie is proven, and keeps its link id. Nothing but the two hellos is needed for both sides to
// come to the same answer, whatever NATs lie between them.
//
// A ClientHello from the address of an established link (the peer has restarted, RFC 6347 §4.2.8)
// opens a challenger; the old link stays until the challenger is established.
//
// What goes first: nothing that is established. At links_max or handshakes_max new hellos are
// dropped and counted.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/counters.h"
#include "base/hash.h"
#include "base/rng.h"
#include "crypto/link_security.h"
#include "link/wire_link.h"
#include "ports/outbox.h"

namespace chordial::link {

struct WireLinkLayerOptions {
  ports::SocketRole socket = ports::SocketRole::link;
  SocketAddress local;  // what other nodes are told
  NodeId self;
  std::size_t links_max = 256;      // with handshakes
  std::size_t handshakes_max = 64;  // opened by others and not yet proven
  // Of these, from one IPv4 address or one IPv6 network of 64 bits: a single machine that answers
  // cookies must not keep everybody else out.
  std::size_t handshakes_per_source_max = 16;
  WireLinkOptions link;  // digest keys are chosen by the layer
};

class WireLinkLayer final : public LinkLayer, private WireLinkOwner {
 public:
  WireLinkLayer(const WireLinkLayerOptions& options, crypto::LinkSecurityContext& security,
                ports::Outbox& outbox, TimerQueue& timers, Rng& rng);
  ~WireLinkLayer() override;
  // Before the first call of anything else.
  void set_handler(LinkHandler& handler) { handler_ = &handler; }

  // Of this layer's socket.
  void handle_datagram(Now now, const ports::Datagram& datagram);

  [[nodiscard]] Expected<LinkId> connect(Now now, const SocketAddress& remote,
                                         std::optional<NodeId> expected) override;
  [[nodiscard]] Expected<void> send(Now now, LinkId link, ByteView message) override;
  // One SIP message beside the RELOAD frames, unreliable; begins with an upper-case letter. Errors:
  // invalid (any other first byte), limit, unavailable.
  [[nodiscard]] Expected<void> send_sip(Now now, LinkId link, ByteView message);
  void close(Now now, LinkId link) override;
  [[nodiscard]] LinkInfo info(LinkId link) const override;
  [[nodiscard]] SocketAddress local_address() const override { return options_.local; }
  [[nodiscard]] std::size_t message_bytes_max() const override;

  // A node learns its reachable address late (a wildcard bind, a NAT).
  void set_local_address(const SocketAddress& local) { options_.local = local; }
  [[nodiscard]] std::size_t links() const { return links_.size(); }
  [[nodiscard]] std::size_t handshakes() const { return half_open_; }
  // Null when there is no such link.
  [[nodiscard]] const WireLink* find(LinkId link) const;
  void count(CounterVisitor& visitor) const;

 private:
  // The links of one remote address. A challenger exists only beside an established link.
  struct Place {
    WireLink* current = nullptr;
    WireLink* challenger = nullptr;
  };
  struct Counts {
    std::uint64_t stun_dropped = 0;
    std::uint64_t unknown_dropped = 0;  // first byte of no protocol of ours
    std::uint64_t stray_dropped = 0;    // DTLS that belongs to no link
    std::uint64_t hellos_unproven = 0;  // without a cookie of ours; at most one datagram answers
    std::uint64_t hellos_over_limit = 0;
    std::uint64_t hellos_over_source = 0;  // above handshakes_per_source_max
    std::uint64_t hellos_outranked = 0;    // simultaneous open: ours goes on
    std::uint64_t established = 0;
    std::uint64_t failed = 0;       // handshakes that came to nothing
    std::uint64_t lost = 0;         // established links that ended without our asking
    std::uint64_t repetitions = 0;  // of links that are gone
    std::uint64_t malformed = 0;
    std::uint64_t retransmissions = 0;
  };
  class Scope;  // links that ended are destroyed when the outermost verb returns

  // WireLinkOwner
  void link_transmit(const WireLink& link, ByteView datagram) override;
  void link_established(Now now, WireLink& link, const crypto::Certificate& peer) override;
  void link_message(Now now, WireLink& link, ByteView message) override;
  void link_sip(Now now, WireLink& link, ByteView message) override;
  void link_over(Now now, WireLink& link, const Error& why) override;
  void link_timeout(Now now, WireLink& link) override;

  [[nodiscard]] std::unique_ptr<WireLink> make_link();
  [[nodiscard]] WireLink* find_mutable(LinkId link) const;
  void handle_hello(Now now, const ports::Datagram& datagram, Place place,
                    const HelloRandom& random);
  void accept(Now now, const ports::Datagram& datagram, Place place, const HelloRandom& random);
  // Handshakes that others have opened, by where they come from.
  struct Source {
    IpAddress network;
    std::size_t handshakes = 0;
  };
  [[nodiscard]] std::size_t half_open_of(const IpAddress& remote) const;
  void open_half(const WireLink& link);
  void close_half(const WireLink& link);
  // A handshake that gives way to another one with the same address leaves these.
  struct Heritage {
    LinkId id;
    std::optional<NodeId> expected;
    bool announced = false;
  };
  [[nodiscard]] Heritage displace(WireLink* replaced);
  // Takes the link out of every table; it lives on until the outermost verb returns.
  void retire(WireLink& link);
  void fail(Now now, WireLink& link, const Error& why);
  // A handshake that is over and well, with somebody who may not come in.
  void refuse(Now now, WireLink& link, const Error& why);

  WireLinkLayerOptions options_;
  crypto::LinkSecurityContext& security_;
  ports::Outbox& outbox_;
  TimerQueue& timers_;
  LinkHandler* handler_ = nullptr;
  std::unordered_map<std::uint64_t, std::unique_ptr<WireLink>> links_;  // by LinkId
  std::unordered_map<SocketAddress, Place, SocketAddressHash> places_;  // by remote address
  std::vector<std::unique_ptr<WireLink>> retired_;
  std::unique_ptr<WireLink> spare_;  // for a hello whose cookie is not proven yet
  std::uint64_t last_id_ = 0;
  std::size_t half_open_ = 0;    // servers' handshakes
  std::vector<Source> sources_;  // of these; at most half_open_
  unsigned depth_ = 0;           // of verbs
  Counts counts_;
};

}  // namespace chordial::link
