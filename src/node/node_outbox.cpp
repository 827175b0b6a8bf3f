#include "node/node_outbox.h"

namespace chordial::node {

void NodeOutbox::transmit(const ports::Datagram& datagram) {
  if (buffer_.size() + datagram.bytes.size() > datagram_bytes_max) {
    ++dropped_;
    return;
  }
  entries_.push_back(
      {datagram.socket, datagram.local, datagram.remote, buffer_.size(), datagram.bytes.size()});
  buffer_.insert(buffer_.end(), datagram.bytes.begin(), datagram.bytes.end());
  ++datagrams_;
}

void NodeOutbox::stream_connect(ports::StreamId id, const SocketAddress& remote) {
  streams_.emplace_back(ports::StreamConnect{id, remote});
}

void NodeOutbox::stream_send(ports::StreamId id, Bytes bytes) {
  streams_.emplace_back(ports::StreamSend{id, std::move(bytes)});
}

void NodeOutbox::stream_close(ports::StreamId id) {
  streams_.emplace_back(ports::StreamClose{id});
}

void NodeOutbox::persist(ports::PersistRequest request) {
  persists_.push_back(std::move(request));
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
  return request;
}

std::optional<ports::PersistRequest> NodeOutbox::poll_persist() {
  if (persists_.empty()) return std::nullopt;
  ports::PersistRequest request = std::move(persists_.front());
  persists_.pop_front();
  return request;
}

void NodeOutbox::count(CounterVisitor& visitor) const {
  visitor.counter("node_datagrams_sent", datagrams_);
  visitor.counter("node_datagrams_dropped", dropped_);
}

}  // namespace chordial::node
