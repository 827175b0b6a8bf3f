#include "sip/flow/flow.h"

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr std::string_view tunnel_prefix = "node-";

}  // namespace

Flow Flow::udp(const SocketAddress& local, const SocketAddress& remote) {
  Flow flow;
  flow.local = local;
  flow.remote = remote;
  return flow;
}

Flow Flow::over_stream(TransportKind transport, ports::StreamId stream, const SocketAddress& local,
                       const SocketAddress& remote) {
  Flow flow = udp(local, remote);
  flow.transport = transport;
  flow.stream = stream;
  return flow;
}

Flow Flow::to_node(TransportKind transport, const NodeId& node) {
  Flow flow;
  flow.transport = transport;
  flow.node = node;
  return flow;
}

bool Flow::reliable() const {
  return transport == TransportKind::tcp || transport == TransportKind::tls ||
         transport == TransportKind::tunnel;
}

bool Flow::addressed() const {
  return transport == TransportKind::udp || transport == TransportKind::tcp ||
         transport == TransportKind::tls;
}

std::optional<SocketAddress> Flow::source() const {
  return addressed() ? std::optional(remote) : std::nullopt;
}

std::string Flow::text() const {
  switch (transport) {
    case TransportKind::udp:
      return "udp " + remote.text();
    case TransportKind::tcp:
      return "tcp " + remote.text();
    case TransportKind::tls:
      return "tls " + remote.text();
    case TransportKind::tunnel:
      return "tunnel " + node.hex();
    case TransportKind::application:
      return "application " + node.hex();
    case TransportKind::link:
      break;
  }
  return "link " + node.hex();
}

std::string_view via_token(TransportKind transport) {
  switch (transport) {
    case TransportKind::udp:
      return "UDP";
    case TransportKind::tcp:
      return "TCP";
    case TransportKind::tls:
      return "TLS";
    case TransportKind::tunnel:
      return "RELOAD";
    case TransportKind::application:
    case TransportKind::link:
      break;
  }
  return "DTLS-UDP";
}

std::string tunnel_sent_by(const NodeId& node, std::string_view overlay) {
  std::string out(tunnel_prefix);
  out += node.hex();
  out += '.';
  out += overlay;
  return out;
}

std::optional<NodeId> node_of_sent_by(std::string_view host, std::string_view overlay) {
  const std::size_t label_end = tunnel_prefix.size() + 2 * node_id_bytes;
  if (host.size() != label_end + 1 + overlay.size() || host[label_end] != '.') return std::nullopt;
  if (!equal_nocase(host.substr(0, tunnel_prefix.size()), tunnel_prefix) ||
      !equal_nocase(host.substr(label_end + 1), overlay))
    return std::nullopt;
  return NodeId::from_hex(host.substr(tunnel_prefix.size(), 2 * node_id_bytes));
}

}  // namespace chordial::sip
