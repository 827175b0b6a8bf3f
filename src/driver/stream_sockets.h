// TCP for the node: listening sockets, connections both ways, bounded queues. Private to this room.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "driver/reactor.h"
#include "ports/stream.h"

namespace chordial::driver {

class StreamSockets {
 public:
  // `after` runs after every event that was handed to the node.
  StreamSockets(boost::asio::io_context& io, ports::Driven& node, std::size_t queue_bytes_max,
                std::function<void()> after);
  ~StreamSockets();

  [[nodiscard]] Expected<SocketAddress> listen(const SocketAddress& address);
  void carry_out(ports::StreamRequest request);
  void close_all();

 private:
  struct Listener;
  struct Connection;
  using ConnectionPointer = std::shared_ptr<Connection>;  // Asio's handlers share it with the table

  void accept(Listener& listener);
  void connect(const ports::StreamConnect& request);
  void send(ports::StreamSend request);
  void close(ports::StreamId id);
  void read(const ConnectionPointer& connection);
  void write(const ConnectionPointer& connection);
  // The node is told; nothing happens when it is gone already.
  void lose(const ConnectionPointer& connection, ErrorKind kind, const char* reason);

  boost::asio::io_context& io_;
  ports::Driven& node_;
  std::size_t queue_bytes_max_;
  std::function<void()> after_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::map<ports::StreamId, ConnectionPointer> connections_;
  std::uint64_t last_accepted_ = 0;
};

}  // namespace chordial::driver
