// The byte-stream connections SIP runs over (RFC 3261 §18, RFC 5626): which stream leads to which
// address, what is half received on each, and which one goes when there are too many: strangers
// before those over which a user has proven himself, and among either the one that has been without
// a whole message for longest, so that dribbled bytes keep nothing alive. Knows streams by number
// only; whoever drives the node owns the sockets.
#pragma once

#include <list>
#include <unordered_map>

#include "base/counters.h"
#include "base/hash.h"
#include "base/rng.h"
#include "base/time.h"
#include "ports/outbox.h"
#include "ports/stream.h"
#include "sip/flow/flow.h"
#include "sip/flow/stream_framer.h"

namespace chordial::sip {

struct ConnectionLimits {
  // One more closes the one that goes first.
  std::size_t connections_max = 1024;
  // Unfinished messages of all connections together; more closes the first that holds some.
  std::size_t held_bytes_max = 4U << 20;
  // Handed out for one connection before it is up; more is refused.
  std::size_t unconnected_bytes_max = 256U << 10;
  // Strangers from one address; one more closes the first of these.
  std::size_t strangers_per_source_max = 128;
  // An unfinished message of a stranger; a longer one closes his connection.
  std::size_t stranger_held_bytes_max = 16U << 10;
};

class ConnectionUser {
 public:
  // One whole message. The user may send, open and close from here.
  virtual void on_stream_message(Now now, const Flow& flow, ByteView bytes) = 0;
  // The connection is gone, whoever ended it: all its transactions fail.
  virtual void on_stream_lost(Now now, const Flow& flow, const Error& why) = 0;
  // The answer to ping().
  virtual void on_stream_pong(Now /*now*/, const Flow& /*flow*/) {}
  // A number for a stream this node opens (ports/stream.h).
  [[nodiscard]] virtual ports::StreamId next_stream_id() = 0;

 protected:
  ~ConnectionUser() = default;
};

class ConnectionTable {
 public:
  ConnectionTable(ports::Outbox& outbox, ConnectionUser& user, Rng& rng,
                  ConnectionLimits limits = {});

  // What the driver tells. Unknown stream numbers are ignored: their connection was closed here.
  void handle_accepted(Now now, const ports::StreamAccepted& accepted);
  void handle_connected(Now now, const ports::StreamConnected& connected);
  void handle_received(Now now, const ports::StreamReceived& received);
  void handle_closed(Now now, const ports::StreamClosed& closed);

  // The connection to this address, opened if there is none. Messages may be sent at once. Errors:
  // unsupported for anything but tcp.
  Expected<Flow> open(Now now, TransportKind transport, const SocketAddress& remote);
  // Errors: not_found when the connection is gone, unavailable when too much waits for it to come
  // up.
  Expected<void> send(Now now, const Flow& flow, ByteView bytes);
  // Sends CRLF CRLF (RFC 5626 §4.4.1); same errors.
  Expected<void> ping(Now now, const Flow& flow);
  // A user has proven himself over this connection: it is no stranger's any more.
  void prove(const Flow& flow);
  // on_stream_lost does not follow.
  void close(const Flow& flow);

  [[nodiscard]] std::size_t size() const { return by_stream_.size(); }
  void visit(CounterVisitor& visitor) const;

 private:
  struct Connection {
    Flow flow;
    StreamFramer framer;
    std::size_t unconnected_bytes = 0;
    bool connected = false;
    bool proven = false;
    bool ponged = false;   // in the piece being read
    bool closing = false;  // closed while its own message is being handled
  };
  using Connections = std::list<Connection>;  // the one that goes first comes first
  struct StreamIdHash {
    std::uint64_t key_low;
    std::uint64_t key_high;
    std::size_t operator()(ports::StreamId id) const;
  };
  struct Counters {
    std::uint64_t accepted = 0, opened = 0, malformed = 0, pings = 0;
    std::uint64_t evicted = 0, evicted_source = 0, evicted_held = 0, sends_refused = 0;
  };

  Connections::iterator find(ports::StreamId id);
  [[nodiscard]] Connections::iterator none() { return strangers_.end(); }
  // A connection opened here leads to where a user said he is.
  Connections::iterator add(Now now, const Flow& flow, bool opened_here);
  void make_room(Now now, const Flow& flow, bool opened_here);
  void evict(Now now, Connections::iterator connection, const char* why);
  // The first that holds part of a message; none() if none does.
  Connections::iterator first_holder();
  void drain(Now now, ports::StreamId id, ByteView bytes);
  void handle_item(Now now, Connection& connection, const StreamItem& item);
  void erase(Connections::iterator connection);
  void lose(Now now, Connections::iterator connection, const Error& why, bool tell_driver);
  void touch(Connections::iterator connection);
  [[nodiscard]] Connections& list_of(const Connection& connection) {
    return connection.proven ? proven_ : strangers_;
  }

  ports::Outbox& outbox_;
  ConnectionUser& user_;
  ConnectionLimits limits_;
  Connections strangers_;
  Connections proven_;
  std::unordered_map<ports::StreamId, Connections::iterator, StreamIdHash> by_stream_;
  std::unordered_map<SocketAddress, ports::StreamId, SocketAddressHash> by_remote_;
  std::size_t held_bytes_ = 0;
  ports::StreamId busy_{};  // whose message is being handled
  Counters counters_;
};

}  // namespace chordial::sip
