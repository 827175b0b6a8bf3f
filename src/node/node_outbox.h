// What waits to leave a node until the driver polls it. Datagrams of one drain share one buffer, so
// that a busy node allocates nothing per datagram. Knows nothing of what it carries.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "base/counters.h"
#include "ports/driven.h"
#include "ports/outbox.h"

namespace chordial::node {

// What may wait. What was taken is not given up for what comes later:
// - datagrams beyond it are dropped, as a full socket buffer would;
// - a stream whose bytes find no room is closed, since one with a hole is worth nothing;
// - a request to the disk that finds no room is refused as a whole, and its writer told.
struct NodeOutboxLimits {
  std::size_t datagram_bytes_max = std::size_t{32} << 20;
  std::size_t stream_bytes_max = std::size_t{32} << 20;  // of all streams
  std::size_t stream_requests_max = 65536;
  std::size_t persist_bytes_max = std::size_t{64} << 20;
  std::size_t persist_rows_max = 262144;
};

class NodeOutbox final : public ports::Outbox {
 public:
  explicit NodeOutbox(const NodeOutboxLimits& limits = {}) : limits_(limits) {}

  void transmit(const ports::Datagram& datagram) override;
  void stream_connect(ports::StreamId id, const SocketAddress& remote) override;
  void stream_send(ports::StreamId id, Bytes bytes) override;
  void stream_close(ports::StreamId id) override;
  // A row that still waits in a lazy request is not written when it is written again: nobody waits
  // for that one.
  void persist(ports::PersistRequest request) override;
  [[nodiscard]] ports::RequestId next_request_id() override { return ports::RequestId{++last_id_}; }

  // The buffer of datagrams that were polled is used again; their views end here.
  void recycle();
  [[nodiscard]] bool poll_transmit(ports::Datagram& datagram);
  [[nodiscard]] std::optional<ports::StreamRequest> poll_stream();
  [[nodiscard]] std::optional<ports::PersistRequest> poll_persist();

  // The owner's duty, soon: to tell those whose stream was closed or whose request was refused.
  [[nodiscard]] bool has_refused() const { return !lost_.empty() || !refused_.empty(); }
  [[nodiscard]] std::optional<ports::StreamId> take_lost_stream();
  [[nodiscard]] std::optional<ports::RequestId> take_refused_request();

  void count(CounterVisitor& visitor) const;

 private:
  struct Entry {
    ports::SocketRole socket;
    SocketAddress local;
    SocketAddress remote;
    std::size_t at;
    std::size_t size;
  };
  // Where a row of a lazy request waits.
  struct Row {
    std::uint64_t request;  // counted from the first ever
    std::size_t write;
  };
  using RowKey = std::pair<ports::PersistSpace, Bytes>;

  void lose(ports::StreamId id);
  void forget_row(const ports::PersistWrite& superseded_by);
  [[nodiscard]] static std::size_t bytes_of(const ports::PersistWrite& write);

  NodeOutboxLimits limits_;
  Bytes buffer_;
  std::vector<Entry> entries_;
  std::size_t polled_ = 0;
  std::deque<ports::StreamRequest> streams_;
  std::size_t stream_bytes_ = 0;
  std::set<ports::StreamId> lost_;
  std::deque<ports::PersistRequest> persists_;
  std::uint64_t persists_polled_ = 0;  // ever
  std::map<RowKey, Row> lazy_rows_;
  std::size_t persist_rows_ = 0;
  std::size_t persist_bytes_ = 0;
  std::deque<ports::RequestId> refused_;
  std::uint64_t last_id_ = 0;
  std::uint64_t datagrams_ = 0, dropped_ = 0, streams_lost_ = 0, persists_refused_ = 0;
  std::uint64_t rows_superseded_ = 0;
};

}  // namespace chordial::node
