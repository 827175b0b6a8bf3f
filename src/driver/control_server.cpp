#include "driver/control_server.h"

#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/clock.h"

namespace chordial::driver {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;

namespace {

// With no descriptor left, accepting fails at once and again.
constexpr auto accept_pause = std::chrono::milliseconds(100);

}  // namespace

struct ControlServer::Session {
  Session(Local::socket connected, std::size_t bytes_max)
      : socket(std::move(connected)), request(bytes_max) {}

  Local::socket socket;
  asio::streambuf request;
  std::string reply;
};

ControlServer::ControlServer(asio::io_context& io, const ReactorLimits& limits,
                             Reactor::ControlHandler handler, std::function<void()> after)
    : io_(io),
      limits_(limits),
      handler_(std::move(handler)),
      after_(std::move(after)),
      acceptor_(io),
      pause_(io) {
}

ControlServer::~ControlServer() {
  close();
}

Expected<void> ControlServer::listen(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return failure(ErrorKind::limit, "control_socket",
                   "the path is longer than 107 bytes; choose a shorter one");
  }
  boost::system::error_code error;
  Local::socket probe(io_);
  probe.connect(Local::endpoint(path), error);
  if (!error)
    return failure(ErrorKind::unavailable, "control_socket",
                   "a node is running on this socket already");
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) {
      return failure(ErrorKind::invalid, "control_socket",
                     "there is a file of that name that is no socket");
    }
    ::unlink(path.c_str());  // left over by a node that was killed
  }
  acceptor_.open(Local(), error);
  const mode_t before = ::umask(0177);
  acceptor_.bind(Local::endpoint(path), error);
  ::umask(before);
  if (!error) acceptor_.listen(16, error);
  if (error)
    return failure(ErrorKind::invalid, "control_socket",
                   "cannot be made; does its folder exist and permit it?");
  path_ = path;
  accept();
  return {};
}

void ControlServer::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, Local::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) return accept_later();
    // One connection too many is closed at once.
    if (sessions_.size() < limits_.control_connections_max) {
      const auto session =
          std::make_shared<Session>(std::move(socket), limits_.control_request_bytes_max);
      sessions_.insert(session);
      read(session);
    }
    accept();
  });
}

void ControlServer::accept_later() {
  pause_.expires_after(accept_pause);
  pause_.async_wait([this](boost::system::error_code gone) {
    if (!gone) accept();
  });
}

void ControlServer::read(const std::shared_ptr<Session>& session) {
  asio::async_read_until(
      session->socket, session->request, '\n',
      [this, session](boost::system::error_code error, std::size_t size) {
        if (error) {
          sessions_.erase(session);
          return;
        }
        const auto data = session->request.data();
        const std::string line(asio::buffers_begin(data),
                               asio::buffers_begin(data) + static_cast<std::ptrdiff_t>(size) - 1);
        session->request.consume(size);
        handler_(system_now(), line, [this, asked = std::weak_ptr(session)](std::string reply) {
          if (const auto waiting = asked.lock()) answer(waiting, std::move(reply));
        });
        after_();
      });
}

void ControlServer::answer(const std::shared_ptr<Session>& session, std::string reply) {
  session->reply = std::move(reply) + "\n";
  asio::async_write(session->socket, asio::buffer(session->reply),
                    [this, session](boost::system::error_code error, std::size_t) {
                      if (error) {
                        sessions_.erase(session);
                      } else {
                        read(session);
                      }
                    });
}

void ControlServer::close() {
  if (path_.empty()) return;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  ::unlink(path_.c_str());
  path_.clear();
}

}  // namespace chordial::driver
