#include "driver/stream_sockets.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "driver/clock.h"

namespace chordial::driver {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t read_bytes_max = 16384;
// How long a connection the node has closed may take to deliver what was sent before.
constexpr auto linger_max = std::chrono::seconds(5);
// With no descriptor left, accepting fails at once and again.
constexpr auto accept_pause = std::chrono::milliseconds(100);

tcp::endpoint to_endpoint(const SocketAddress& address) {
  if (address.ip.is_v4()) return {asio::ip::address_v4(address.ip.v4_host_order()), address.port};
  asio::ip::address_v6::bytes_type bytes{};
  std::copy(address.ip.bytes().begin(), address.ip.bytes().end(), bytes.begin());
  return {asio::ip::address_v6(bytes), address.port};
}

SocketAddress from_endpoint(const tcp::endpoint& endpoint) {
  if (endpoint.address().is_v4())
    return {IpAddress::v4(endpoint.address().to_v4().to_uint()), endpoint.port()};
  return {IpAddress::v6(endpoint.address().to_v6().to_bytes()), endpoint.port()};
}

}  // namespace

struct StreamSockets::Listener {
  explicit Listener(tcp::acceptor bound)
      : acceptor(std::move(bound)), pause(acceptor.get_executor()) {}

  tcp::acceptor acceptor;
  asio::steady_timer pause;
};

struct StreamSockets::Connection {
  Connection(ports::StreamId stream, tcp::socket opened)
      : id(stream), socket(std::move(opened)), linger(socket.get_executor()) {}

  ports::StreamId id;
  tcp::socket socket;
  asio::steady_timer linger;
  bool connected = false;
  bool writing = false;
  bool closing = false;  // after what is queued has been sent
  std::deque<Bytes> queue;
  std::size_t queue_bytes = 0;
  std::array<std::uint8_t, read_bytes_max> buffer{};
};

StreamSockets::StreamSockets(asio::io_context& io, ports::Driven& node, std::size_t queue_bytes_max,
                             std::function<void()> after)
    : io_(io), node_(node), queue_bytes_max_(queue_bytes_max), after_(std::move(after)) {
}

StreamSockets::~StreamSockets() = default;

Expected<SocketAddress> StreamSockets::listen(const SocketAddress& address) {
  boost::system::error_code error;
  tcp::acceptor acceptor(io_);
  const tcp::endpoint endpoint = to_endpoint(address);
  acceptor.open(endpoint.protocol(), error);
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (address.ip.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return failure(ErrorKind::unavailable, "listen", "the address is in use by another program");
  }
  if (error) return failure(ErrorKind::invalid, "listen", "cannot listen for TCP at this address");
  const SocketAddress local = from_endpoint(acceptor.local_endpoint(error));
  listeners_.push_back(std::make_unique<Listener>(std::move(acceptor)));
  accept(*listeners_.back());
  return local;
}

void StreamSockets::accept(Listener& listener) {
  listener.acceptor.async_accept(
      [this, &listener](boost::system::error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (error) {
          listener.pause.expires_after(accept_pause);
          listener.pause.async_wait([this, &listener](boost::system::error_code gone) {
            if (!gone) accept(listener);
          });
          return;
        }
        boost::system::error_code gone;
        const auto local = socket.local_endpoint(gone);
        const auto remote = socket.remote_endpoint(gone);
        if (!gone) {
          const ports::StreamId id{ports::accepted_stream_bit | ++last_accepted_};
          auto connection = std::make_shared<Connection>(id, std::move(socket));
          connection->connected = true;
          connections_.emplace(id, connection);
          node_.handle_stream(
              system_now(), ports::StreamAccepted{id, from_endpoint(local), from_endpoint(remote)});
          read(connection);
          after_();
        }
        accept(listener);
      });
}

void StreamSockets::carry_out(ports::StreamRequest request) {
  if (auto* open = std::get_if<ports::StreamConnect>(&request)) connect(*open);
  if (auto* data = std::get_if<ports::StreamSend>(&request)) send(std::move(*data));
  if (auto* end = std::get_if<ports::StreamClose>(&request)) close(end->id);
}

void StreamSockets::connect(const ports::StreamConnect& request) {
  auto connection = std::make_shared<Connection>(request.id, tcp::socket(io_));
  connections_.emplace(request.id, connection);
  connection->socket.async_connect(
      to_endpoint(request.remote), [this, connection](boost::system::error_code error) {
        if (error) {
          lose(connection, ErrorKind::unavailable, "the connection was refused or timed out");
          return;
        }
        connection->connected = true;
        boost::system::error_code gone;
        const SocketAddress local = from_endpoint(connection->socket.local_endpoint(gone));
        node_.handle_stream(system_now(), ports::StreamConnected{connection->id, local});
        read(connection);
        write(connection);
        after_();
      });
}

void StreamSockets::send(ports::StreamSend request) {
  const auto place = connections_.find(request.id);
  if (place == connections_.end()) return;
  const ConnectionPointer connection = place->second;
  if (connection->queue_bytes + request.bytes.size() > queue_bytes_max_) {
    // A reader that does not read is dropped. Told from the loop: the node may be sending right
    // now.
    asio::post(io_, [this, connection] {
      lose(connection, ErrorKind::limit, "the other side does not read");
    });
    return;
  }
  connection->queue_bytes += request.bytes.size();
  connection->queue.push_back(std::move(request.bytes));
  write(connection);
}

void StreamSockets::write(const ConnectionPointer& connection) {
  if (connection->writing || !connection->connected || connection->queue.empty()) return;
  connection->writing = true;
  asio::async_write(connection->socket, asio::buffer(connection->queue.front()),
                    [this, connection](boost::system::error_code error, std::size_t) {
                      connection->writing = false;
                      if (error) {
                        lose(connection, ErrorKind::unavailable, "the connection broke");
                        return;
                      }
                      connection->queue_bytes -= connection->queue.front().size();
                      connection->queue.pop_front();
                      if (connection->queue.empty() && connection->closing) {
                        connection->linger.cancel();
                        boost::system::error_code ignored;
                        connection->socket.close(ignored);
                        return;
                      }
                      write(connection);
                    });
}

void StreamSockets::read(const ConnectionPointer& connection) {
  connection->socket.async_read_some(
      asio::buffer(connection->buffer),
      [this, connection](boost::system::error_code error, std::size_t size) {
        if (error) {
          lose(connection, ErrorKind::unavailable, "the other side closed the connection");
          return;
        }
        if (connection->closing) {  // the node wants no more of it
          read(connection);
          return;
        }
        node_.handle_stream(
            system_now(),
            ports::StreamReceived{connection->id, ByteView(connection->buffer).first(size)});
        after_();
        if (connection->socket.is_open()) read(connection);
      });
}

void StreamSockets::close(ports::StreamId id) {
  const auto place = connections_.find(id);
  if (place == connections_.end()) return;
  const ConnectionPointer connection = place->second;
  connections_.erase(place);
  connection->closing = true;
  if (!connection->queue.empty() && connection->connected) {
    connection->linger.expires_after(linger_max);
    connection->linger.async_wait([connection](boost::system::error_code gone) {
      boost::system::error_code closed;
      if (!gone) connection->socket.close(closed);
    });
    return;
  }
  boost::system::error_code ignored;
  connection->socket.close(ignored);
}

void StreamSockets::lose(const ConnectionPointer& connection, ErrorKind kind, const char* reason) {
  boost::system::error_code ignored;
  connection->socket.close(ignored);
  if (connections_.erase(connection->id) == 0) return;
  node_.handle_stream(system_now(),
                      ports::StreamClosed{connection->id, Error{kind, "stream", 0, reason}});
  after_();
}

void StreamSockets::close_all() {
  boost::system::error_code ignored;
  for (const auto& listener : listeners_) {
    listener->acceptor.close(ignored);
    listener->pause.cancel();
  }
  for (auto& [id, connection] : connections_)
    connection->socket.close(ignored);
  connections_.clear();
}

}  // namespace chordial::driver
