// Where a SIP message came from or goes to: one value for every way messages travel.
// Retransmission, Via and the answer's way depend on it. Knows no socket; of an overlay it knows a
// Node-ID's bits and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/node_id.h"
#include "ports/stream.h"

namespace chordial::sip {

enum class TransportKind : std::uint8_t {
  udp,
  tcp,
  tls,
  tunnel,       // routed through an overlay by Node-ID; delivery is confirmed below SIP
  application,  // a datagram connection with proven ends, set up for SIP (RFC 7904 §5)
  link,         // inside a control connection, for the dialog that is that connection
};

struct Flow {
  TransportKind transport = TransportKind::udp;
  SocketAddress local;       // udp, tcp, tls
  SocketAddress remote;      // udp, tcp, tls
  ports::StreamId stream{};  // tcp, tls: the connection; 0 where it is still to be opened
  NodeId node;               // tunnel, application, link: the other end, proven by its certificate

  static Flow udp(const SocketAddress& local, const SocketAddress& remote);
  static Flow over_stream(TransportKind transport, ports::StreamId stream,
                          const SocketAddress& local, const SocketAddress& remote);
  static Flow to_node(TransportKind transport, const NodeId& node);

  // Whether a transaction may leave retransmission to it (RFC 3261 §17).
  [[nodiscard]] bool reliable() const;
  // Whether messages are found by their Content-Length, which must be there then (§18.3).
  [[nodiscard]] bool is_stream() const {
    return transport == TransportKind::tcp || transport == TransportKind::tls;
  }
  // Whether the source address of a message means anything for the answer (RFC 3581).
  [[nodiscard]] bool addressed() const;
  // The address to stamp into the top Via; nothing where there is none.
  [[nodiscard]] std::optional<SocketAddress> source() const;
  [[nodiscard]] std::string text() const;  // for logs: "udp 192.0.2.1:5060", "tunnel <hex>"

  friend bool operator==(const Flow&, const Flow&) = default;
};

// The transport's token in a Via: UDP, TCP, TLS, RELOAD (tunnel), DTLS-UDP (application, link).
[[nodiscard]] std::string_view via_token(TransportKind transport);

// The sent-by of a Via over the tunnel: "node-<32 hex digits>.<overlay>".
[[nodiscard]] std::string tunnel_sent_by(const NodeId& node, std::string_view overlay);
// The Node-ID in such a host; nothing for any other host.
[[nodiscard]] std::optional<NodeId> node_of_sent_by(std::string_view host,
                                                    std::string_view overlay);

}  // namespace chordial::sip
