// Where a part of a node puts what shall leave it. The node collects, the driver sends. Calls never
// fail and never call back; buffers are copied or moved.
#pragma once

#include "ports/datagram.h"
#include "ports/persist.h"
#include "ports/stream.h"

namespace chordial::ports {

class Outbox {
 public:
  virtual void transmit(const Datagram& datagram) = 0;
  virtual void stream_connect(StreamId id, const SocketAddress& remote) = 0;
  virtual void stream_send(StreamId id, Bytes bytes) = 0;
  virtual void stream_close(StreamId id) = 0;
  virtual void persist(PersistRequest request) = 0;
  [[nodiscard]] virtual RequestId next_request_id() = 0;

 protected:
  ~Outbox() = default;
};

}  // namespace chordial::ports
