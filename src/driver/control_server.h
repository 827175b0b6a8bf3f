// The control socket: a UNIX stream socket only its owner can open; one request line in, one reply
// line out. Private to this room.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <set>
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
  void accept_later();
  void read(const std::shared_ptr<Session>& session);
  void answer(const std::shared_ptr<Session>& session, std::string reply);

  boost::asio::io_context& io_;
  ReactorLimits limits_;
  Reactor::ControlHandler handler_;
  std::function<void()> after_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::string path_;
  // Who is answered later is kept here alone: a reply that comes when this is gone finds nobody.
  std::set<std::shared_ptr<Session>> sessions_;
};

}  // namespace chordial::driver
