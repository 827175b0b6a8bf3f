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
  return found == by_stream_.end() ? none() : found->second;
}

void ConnectionTable::evict(Now now, Connections::iterator connection, const char* why) {
  lose(now, connection, Error{ErrorKind::unavailable, "stream", 0, why}, true);
}

// The one whose message is being handled stays.
void ConnectionTable::make_room(Now now, const Flow& flow, bool opened_here) {
  if (!opened_here) {
    std::size_t count = 0;
    auto first = none();
    for (auto at = strangers_.begin(); at != strangers_.end(); ++at) {
      if (at->flow.remote.ip != flow.remote.ip || at->flow.stream == busy_) continue;
      if (count++ == 0) first = at;
    }
    if (count >= limits_.strangers_per_source_max) {
      ++counters_.evicted_source;
      return evict(now, first, "too many from one address");
    }
  }
  if (size() < limits_.connections_max) return;
  for (Connections* list : {&strangers_, &proven_}) {
    auto first = list->begin();
    if (first != list->end() && first->flow.stream == busy_) ++first;
    if (first == list->end()) continue;
    ++counters_.evicted;
    return evict(now, first, "closed to make room for another");
  }
}

ConnectionTable::Connections::iterator ConnectionTable::add(Now now, const Flow& flow,
                                                            bool opened_here) {
  make_room(now, flow, opened_here);
  Connections& list = opened_here ? proven_ : strangers_;
  list.push_back(Connection{flow, {}, 0, !opened_here, opened_here, false, false});
  const auto added = std::prev(list.end());
  by_stream_[flow.stream] = added;
  by_remote_[flow.remote] = flow.stream;
  return added;
}

void ConnectionTable::touch(Connections::iterator connection) {
  Connections& list = list_of(*connection);
  list.splice(list.end(), list, connection);
}

void ConnectionTable::prove(const Flow& flow) {
  const auto connection = find(flow.stream);
  if (connection == none() || connection->proven) return;
  proven_.splice(proven_.end(), strangers_, connection);
  connection->proven = true;
}

void ConnectionTable::handle_accepted(Now now, const ports::StreamAccepted& accepted) {
  if (find(accepted.id) != none()) return;
  ++counters_.accepted;
  add(now, Flow::over_stream(TransportKind::tcp, accepted.id, accepted.local, accepted.remote),
      false);
}

void ConnectionTable::handle_connected(Now, const ports::StreamConnected& connected) {
  const auto connection = find(connected.id);
  if (connection == none()) return;
  connection->connected = true;
  connection->unconnected_bytes = 0;
}

void ConnectionTable::handle_received(Now now, const ports::StreamReceived& received) {
  // A connection in the middle of its own message is never handed more by its driver.
  if (find(received.id) == none() || busy_ == received.id) return;
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
    touch(connection);
    handle_item(now, *connection, **item);
  }
  busy_ = {};
  held_bytes_ += connection->framer.held_bytes();
  if (connection->closing) return erase(connection);
  if (!error && !connection->proven &&
      connection->framer.held_bytes() > limits_.stranger_held_bytes_max) {
    ++counters_.evicted_held;
    error = Error{ErrorKind::limit, "stream", 0, "a stranger's message is too long"};
  }
  if (error) return lose(now, connection, *error, true);
  while (held_bytes_ > limits_.held_bytes_max) {
    const auto first = first_holder();
    if (first == none()) return;
    ++counters_.evicted_held;
    evict(now, first, "too many unfinished messages");
  }
}

ConnectionTable::Connections::iterator ConnectionTable::first_holder() {
  for (Connections* list : {&strangers_, &proven_}) {
    for (auto at = list->begin(); at != list->end(); ++at) {
      if (at->framer.held_bytes() != 0) return at;
    }
  }
  return none();
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
  if (connection != none() && !connection->closing) lose(now, connection, closed.why, false);
}

Expected<Flow> ConnectionTable::open(Now now, TransportKind transport,
                                     const SocketAddress& remote) {
  if (transport != TransportKind::tcp)
    return failure(ErrorKind::unsupported, "transport", "no byte stream this node can open");
  if (const auto known = by_remote_.find(remote); known != by_remote_.end()) {
    const auto connection = find(known->second);
    if (!connection->closing) return connection->flow;
  }
  const ports::StreamId id = user_.next_stream_id();
  ++counters_.opened;
  const auto connection = add(now, Flow::over_stream(transport, id, {}, remote), true);
  outbox_.stream_connect(id, remote);
  return connection->flow;
}

Expected<void> ConnectionTable::send(Now, const Flow& flow, ByteView bytes) {
  const auto connection = find(flow.stream);
  if (connection == none() || connection->closing) return gone();
  // A flow from before a restart: its number may be somebody else's by now.
  if (connection->flow.remote != flow.remote) return gone();
  if (!connection->connected) {
    connection->unconnected_bytes += bytes.size();
    if (connection->unconnected_bytes > limits_.unconnected_bytes_max) {
      ++counters_.sends_refused;
      return failure(ErrorKind::unavailable, "stream", "too much waits for the connection");
    }
  }
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
  if (connection == none() || connection->closing) return;
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
  list_of(*connection).erase(connection);
}

void ConnectionTable::visit(CounterVisitor& visitor) const {
  visitor.gauge("sip_connections", size());
  visitor.gauge("sip_connections_proven", proven_.size());
  visitor.gauge("sip_connections_held_bytes", held_bytes_);
  visitor.counter("sip_connections_accepted", counters_.accepted);
  visitor.counter("sip_connections_opened", counters_.opened);
  visitor.counter("sip_connections_evicted", counters_.evicted);
  visitor.counter("sip_connections_evicted_source", counters_.evicted_source);
  visitor.counter("sip_connections_evicted_held", counters_.evicted_held);
  visitor.counter("sip_connections_sends_refused", counters_.sends_refused);
  visitor.counter("sip_connections_malformed", counters_.malformed);
  visitor.counter("sip_connections_pings", counters_.pings);
}

}  // namespace chordial::sip
