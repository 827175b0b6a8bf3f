#include "node/node_outbox.h"

namespace chordial::node {

void NodeOutbox::transmit(const ports::Datagram& datagram) {
  if (buffer_.size() + datagram.bytes.size() > limits_.datagram_bytes_max) {
    ++dropped_;
    return;
  }
  entries_.push_back(
      {datagram.socket, datagram.local, datagram.remote, buffer_.size(), datagram.bytes.size()});
  buffer_.insert(buffer_.end(), datagram.bytes.begin(), datagram.bytes.end());
  ++datagrams_;
}

void NodeOutbox::stream_connect(ports::StreamId id, const SocketAddress& remote) {
  if (streams_.size() >= limits_.stream_requests_max) return lose(id);
  streams_.emplace_back(ports::StreamConnect{id, remote});
}

void NodeOutbox::stream_send(ports::StreamId id, Bytes bytes) {
  if (lost_.contains(id)) return;
  if (streams_.size() >= limits_.stream_requests_max ||
      stream_bytes_ + bytes.size() > limits_.stream_bytes_max) {
    return lose(id);
  }
  stream_bytes_ += bytes.size();
  streams_.emplace_back(ports::StreamSend{id, std::move(bytes)});
}

// Has room always: there is one at most of each stream that is open.
void NodeOutbox::stream_close(ports::StreamId id) {
  if (!lost_.contains(id)) streams_.emplace_back(ports::StreamClose{id});
}

void NodeOutbox::lose(ports::StreamId id) {
  std::erase_if(streams_, [&](const ports::StreamRequest& request) {
    const auto* send = std::get_if<ports::StreamSend>(&request);
    if (send == nullptr || send->id != id) return false;
    stream_bytes_ -= send->bytes.size();
    return true;
  });
  streams_.emplace_back(ports::StreamClose{id});
  lost_.insert(id);
  ++streams_lost_;
}

std::size_t NodeOutbox::bytes_of(const ports::PersistWrite& write) {
  return write.key.size() + (write.value ? write.value->size() : 0);
}

void NodeOutbox::persist(ports::PersistRequest request) {
  std::size_t bytes = 0;
  for (const ports::PersistWrite& write : request.writes)
    bytes += bytes_of(write);
  if (persist_rows_ + request.writes.size() > limits_.persist_rows_max ||
      persist_bytes_ + bytes > limits_.persist_bytes_max) {
    ++persists_refused_;
    refused_.push_back(request.id);
    return;
  }
  for (const ports::PersistWrite& write : request.writes)
    forget_row(write);
  persist_rows_ += request.writes.size();
  persist_bytes_ += bytes;
  if (request.lazy) {
    const std::uint64_t number = persists_polled_ + persists_.size();
    for (std::size_t i = 0; i < request.writes.size(); ++i)
      lazy_rows_.insert_or_assign({request.writes[i].space, request.writes[i].key}, Row{number, i});
  }
  persists_.push_back(std::move(request));
}

void NodeOutbox::forget_row(const ports::PersistWrite& superseded_by) {
  const auto at = lazy_rows_.find({superseded_by.space, superseded_by.key});
  if (at == lazy_rows_.end()) return;
  const Row row = at->second;
  lazy_rows_.erase(at);
  std::vector<ports::PersistWrite>& writes = persists_[row.request - persists_polled_].writes;
  --persist_rows_;
  persist_bytes_ -= bytes_of(writes[row.write]);
  ++rows_superseded_;
  if (row.write + 1 != writes.size()) {
    writes[row.write] = std::move(writes.back());
    const auto moved = lazy_rows_.find({writes[row.write].space, writes[row.write].key});
    if (moved != lazy_rows_.end()) moved->second.write = row.write;
  }
  writes.pop_back();
}

void NodeOutbox::recycle() {
  if (polled_ < entries_.size()) return;
  entries_.clear();
  buffer_.clear();
  polled_ = 0;
}

bool NodeOutbox::poll_transmit(ports::Datagram& datagram) {
  if (polled_ == entries_.size()) return false;
  const Entry& entry = entries_[polled_++];
  datagram = {entry.socket, entry.local, entry.remote,
              ByteView(buffer_).subspan(entry.at, entry.size)};
  return true;
}

std::optional<ports::StreamRequest> NodeOutbox::poll_stream() {
  if (streams_.empty()) return std::nullopt;
  ports::StreamRequest request = std::move(streams_.front());
  streams_.pop_front();
  if (const auto* send = std::get_if<ports::StreamSend>(&request))
    stream_bytes_ -= send->bytes.size();
  return request;
}

std::optional<ports::PersistRequest> NodeOutbox::poll_persist() {
  if (persists_.empty()) return std::nullopt;
  ports::PersistRequest request = std::move(persists_.front());
  persists_.pop_front();
  ++persists_polled_;
  for (const ports::PersistWrite& write : request.writes) {
    --persist_rows_;
    persist_bytes_ -= bytes_of(write);
    if (request.lazy) lazy_rows_.erase({write.space, write.key});
  }
  return request;
}

std::optional<ports::StreamId> NodeOutbox::take_lost_stream() {
  if (lost_.empty()) return std::nullopt;
  return lost_.extract(lost_.begin()).value();
}

std::optional<ports::RequestId> NodeOutbox::take_refused_request() {
  if (refused_.empty()) return std::nullopt;
  const ports::RequestId id = refused_.front();
  refused_.pop_front();
  return id;
}

void NodeOutbox::count(CounterVisitor& visitor) const {
  visitor.counter("node_datagrams_sent", datagrams_);
  visitor.counter("node_datagrams_dropped", dropped_);
  visitor.counter("node_streams_lost", streams_lost_);
  visitor.counter("node_persists_refused", persists_refused_);
  visitor.counter("node_persist_rows_superseded", rows_superseded_);
  visitor.gauge("node_stream_bytes_waiting", stream_bytes_);
  visitor.gauge("node_persist_rows_waiting", persist_rows_);
}

}  // namespace chordial::node
