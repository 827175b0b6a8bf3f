// What waits to leave a node until the driver polls it. Datagrams of one drain share one buffer, so
// that a busy node allocates nothing per datagram. Knows nothing of what it carries.
#pragma once

#include <deque>

#include "base/counters.h"
#include "ports/driven.h"
#include "ports/outbox.h"

namespace chordial::node {

class NodeOutbox final : public ports::Outbox {
 public:
  // Beyond this datagrams are dropped and counted, as a full socket buffer would; streams and disk
  // have their own limits with those who write to them.
  static constexpr std::size_t datagram_bytes_max = std::size_t{32} << 20;

  void transmit(const ports::Datagram& datagram) override;
  void stream_connect(ports::StreamId id, const SocketAddress& remote) override;
  void stream_send(ports::StreamId id, Bytes bytes) override;
  void stream_close(ports::StreamId id) override;
  void persist(ports::PersistRequest request) override;
  [[nodiscard]] ports::RequestId next_request_id() override { return ports::RequestId{++last_id_}; }

  // The buffer of datagrams that were polled is used again; their views end here.
  void recycle();
  [[nodiscard]] bool poll_transmit(ports::Datagram& datagram);
  [[nodiscard]] std::optional<ports::StreamRequest> poll_stream();
  [[nodiscard]] std::optional<ports::PersistRequest> poll_persist();
  void count(CounterVisitor& visitor) const;

 private:
  struct Entry {
    ports::SocketRole socket;
    SocketAddress local;
    SocketAddress remote;
    std::size_t at;
    std::size_t size;
  };

  Bytes buffer_;
  std::vector<Entry> entries_;
  std::size_t polled_ = 0;
  std::deque<ports::StreamRequest> streams_;
  std::deque<ports::PersistRequest> persists_;
  std::uint64_t last_id_ = 0;
  std::uint64_t datagrams_ = 0, dropped_ = 0;
};

}  // namespace chordial::node
