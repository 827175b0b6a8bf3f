// The control socket: a UNIX stream socket only its owner can open; one request line in, one reply
// line out. Private to this room.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <memory>
#include <string>

#include "driver/reactor.h"

namespace chordial::driver {

class ControlServer {
 public:
  ControlServer(boost::asio::io_context& io, const ReactorLimits& limits,
                Reactor::ControlHandler handler, std::function<void()> after);
  ~ControlServer();

  [[nodiscard]] Expected<void> listen(const std::string& path);
  void close();

 private:
  struct Session;

  void accept();
  void read(const std::shared_ptr<Session>& session);
  void answer(const std::shared_ptr<Session>& session, std::string reply);

  boost::asio::io_context& io_;
  ReactorLimits limits_;
  Reactor::ControlHandler handler_;
  std::function<void()> after_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  std::string path_;
  std::shared_ptr<std::size_t> sessions_;
};

}  // namespace chordial::driver
