#include "sip/flow/connection_table.h"

#include <array>
#include <utility>

namespace chordial::sip {

namespace {

constexpr std::string_view ping_text = "\r\n\r\n";
constexpr std::string_view pong_text = "\r\n";

Failure gone() {
  return failure(ErrorKind::not_found, "stream", "the connection is gone");
}

}  // namespace

std::size_t ConnectionTable::StreamIdHash::operator()(ports::StreamId id) const {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(id) >> (8 * i));
  return static_cast<std::size_t>(siphash(key_low, key_high, bytes));
}

ConnectionTable::ConnectionTable(ports::Outbox& outbox, ConnectionUser& user, Rng& rng,
                                 ConnectionLimits limits)
    : outbox_(outbox),
      user_(user),
      limits_(limits),
      by_stream_(0, StreamIdHash{rng.u64(), rng.u64()}),
      by_remote_(0, SocketAddressHash{rng.u64(), rng.u64()}) {
}

ConnectionTable::Connections::iterator ConnectionTable::find(ports::StreamId id) {
  const auto found = by_stream_.find(id);
  return found == by_stream_.end() ? connections_.end() : found->second;
}

ConnectionTable::Connections::iterator ConnectionTable::add(Now now, const Flow& flow,
                                                            bool connected) {
  if (connections_.size() >= limits_.connections_max) {
    auto oldest = connections_.begin();
    if (oldest->flow.stream == busy_) ++oldest;
    if (oldest != connections_.end()) {
      ++counters_.evicted;
      lose(now, oldest,
           Error{ErrorKind::unavailable, "stream", 0, "closed to make room for another"}, true);
    }
  }
  connections_.push_back(Connection{flow, {}, 0, connected, false, false});
  const auto added = std::prev(connections_.end());
  by_stream_[flow.stream] = added;
  by_remote_[flow.remote] = flow.stream;
  return added;
}

void ConnectionTable::touch(Connections::iterator connection) {
  connections_.splice(connections_.end(), connections_, connection);
}

void ConnectionTable::handle_accepted(Now now, const ports::StreamAccepted& accepted) {
  if (find(accepted.id) != connections_.end()) return;
  ++counters_.accepted;
  add(now, Flow::over_stream(TransportKind::tcp, accepted.id, accepted.local, accepted.remote),
      true);
}

void ConnectionTable::handle_connected(Now, const ports::StreamConnected& connected) {
  const auto connection = find(connected.id);
  if (connection == connections_.end()) return;
  connection->connected = true;
  connection->unconnected_bytes = 0;
}

void ConnectionTable::handle_received(Now now, const ports::StreamReceived& received) {
  // A connection in the middle of its own message is never handed more by its driver.
  if (find(received.id) == connections_.end() || busy_ == received.id) return;
  touch(find(received.id));
  drain(now, received.id, received.bytes);
}

void ConnectionTable::drain(Now now, ports::StreamId id, ByteView bytes) {
  const auto connection = find(id);
  busy_ = id;
  connection->ponged = false;
  held_bytes_ -= connection->framer.held_bytes();
  std::optional<Error> error;
  while (!connection->closing) {
    const auto item = connection->framer.next(bytes);
    if (!item) {
      ++counters_.malformed;
      error = item.error();
      break;
    }
    if (!*item) break;
    handle_item(now, *connection, **item);
  }
  busy_ = {};
  held_bytes_ += connection->framer.held_bytes();
  if (connection->closing) return erase(connection);
  if (!error && held_bytes_ > limits_.held_bytes_max)
    error = Error{ErrorKind::limit, "stream", 0, "too many unfinished messages"};
  if (error) lose(now, connection, *error, true);
}

void ConnectionTable::handle_item(Now now, Connection& connection, const StreamItem& item) {
  const Flow flow = connection.flow;
  switch (item.kind) {
    case StreamItem::Kind::message:
      user_.on_stream_message(now, flow, item.bytes);
      break;
    case StreamItem::Kind::ping:
      ++counters_.pings;
      // Deviation: one answer for all pings of one piece, or a stranger who never reads could have
      // us queue an answer for every four bytes (RFC 5626 §4.4.1 wants one each).
      if (std::exchange(connection.ponged, true)) break;
      outbox_.stream_send(flow.stream, to_bytes(as_bytes(pong_text)));
      break;
    case StreamItem::Kind::pong:
      user_.on_stream_pong(now, flow);
      break;
  }
}

void ConnectionTable::handle_closed(Now now, const ports::StreamClosed& closed) {
  const auto connection = find(closed.id);
  if (connection != connections_.end() && !connection->closing)
    lose(now, connection, closed.why, false);
}

Expected<Flow> ConnectionTable::open(Now now, TransportKind transport,
                                     const SocketAddress& remote) {
  if (transport != TransportKind::tcp)
    return failure(ErrorKind::unsupported, "transport", "no byte stream this node can open");
  if (const auto known = by_remote_.find(remote); known != by_remote_.end()) {
    const auto connection = find(known->second);
    if (!connection->closing) {
      touch(connection);
      return connection->flow;
    }
  }
  const ports::StreamId id = user_.next_stream_id();
  ++counters_.opened;
  const auto connection = add(now, Flow::over_stream(transport, id, {}, remote), false);
  outbox_.stream_connect(id, remote);
  return connection->flow;
}

Expected<void> ConnectionTable::send(Now, const Flow& flow, ByteView bytes) {
  const auto connection = find(flow.stream);
  if (connection == connections_.end() || connection->closing) return gone();
  if (!connection->connected) {
    connection->unconnected_bytes += bytes.size();
    if (connection->unconnected_bytes > limits_.unconnected_bytes_max)
      return failure(ErrorKind::unavailable, "stream", "too much waits for the connection");
  }
  touch(connection);
  outbox_.stream_send(flow.stream, to_bytes(bytes));
  return {};
}

Expected<void> ConnectionTable::ping(Now now, const Flow& flow) {
  auto sent = send(now, flow, as_bytes(ping_text));
  if (sent) find(flow.stream)->framer.expect_pong();
  return sent;
}

void ConnectionTable::close(const Flow& flow) {
  const auto connection = find(flow.stream);
  if (connection == connections_.end() || connection->closing) return;
  outbox_.stream_close(flow.stream);
  erase(connection);
}

void ConnectionTable::lose(Now now, Connections::iterator connection, const Error& why,
                           bool tell_driver) {
  const Flow flow = connection->flow;
  if (tell_driver) outbox_.stream_close(flow.stream);
  erase(connection);
  user_.on_stream_lost(now, flow, why);
}

// The one whose message is being handled stays until that is done: its bytes are being read.
void ConnectionTable::erase(Connections::iterator connection) {
  const Flow& flow = connection->flow;
  if (flow.stream == busy_) {
    connection->closing = true;
    return;
  }
  held_bytes_ -= connection->framer.held_bytes();
  const auto remote = by_remote_.find(flow.remote);
  if (remote != by_remote_.end() && remote->second == flow.stream) by_remote_.erase(remote);
  by_stream_.erase(flow.stream);
  connections_.erase(connection);
}

void ConnectionTable::visit(CounterVisitor& visitor) const {
  visitor.gauge("sip_connections", connections_.size());
  visitor.gauge("sip_connections_held_bytes", held_bytes_);
  visitor.counter("sip_connections_accepted", counters_.accepted);
  visitor.counter("sip_connections_opened", counters_.opened);
  visitor.counter("sip_connections_evicted", counters_.evicted);
  visitor.counter("sip_connections_malformed", counters_.malformed);
  visitor.counter("sip_connections_pings", counters_.pings);
}

}  // namespace chordial::sip
