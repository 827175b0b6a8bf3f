// What a driver drives: the verbs of a sans-IO node. A driver hands in what happened, then polls
// until nothing is left, then waits for the socket, the disk or poll_timeout(), whichever comes
// first.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "ports/datagram.h"
#include "ports/persist.h"
#include "ports/stream.h"

namespace chordial::ports {

struct StreamConnect {
  StreamId id;
  SocketAddress remote;
};
struct StreamSend {
  StreamId id;
  Bytes bytes;
};
struct StreamClose {
  StreamId id;
};
using StreamRequest = std::variant<StreamConnect, StreamSend, StreamClose>;

class Driven {
 public:
  virtual ~Driven() = default;

  virtual void handle_datagram(Now now, const Datagram& datagram) = 0;
  virtual void handle_stream(Now now, const StreamAccepted& event) = 0;
  virtual void handle_stream(Now now, const StreamConnected& event) = 0;
  virtual void handle_stream(Now now, const StreamReceived& event) = 0;
  virtual void handle_stream(Now now, const StreamClosed& event) = 0;
  virtual void handle_completion(Now now, const PersistCompletion& completion) = 0;
  virtual void handle_timeout(Now now) = 0;

  // The next datagram to send; false when there is none. Its bytes live until the next handle_…
  // call, so a batch can be polled and sent in one system call.
  [[nodiscard]] virtual bool poll_transmit(Datagram& datagram) = 0;
  [[nodiscard]] virtual std::optional<StreamRequest> poll_stream() = 0;
  [[nodiscard]] virtual std::optional<PersistRequest> poll_persist() = 0;
  // When handle_timeout wants to be called at the latest; `never` when nothing is armed.
  [[nodiscard]] virtual MonotonicTime poll_timeout() const = 0;
  // True once the node has left the overlay and wants no more calls.
  [[nodiscard]] virtual bool finished() const = 0;
};

}  // namespace chordial::ports
