#include "app/control_client.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace chordial::app {

namespace {

Failure socket_failure(ErrorKind kind, const char* reason) {
  return failure(kind, "control socket", reason);
}

Failure connect_failure() {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
      return socket_failure(ErrorKind::not_found, "no node is running there");
    case EACCES:
    case EPERM:
      return socket_failure(ErrorKind::forbidden, "only the node's own user may ask it");
    default:
      return socket_failure(ErrorKind::internal, "cannot be reached");
  }
}

Failure silence() {
  return socket_failure(ErrorKind::unavailable, "the node did not answer");
}

class Connection {
 public:
  Connection() : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }

  Expected<void> open(const std::string& path, int seconds) {
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path) {
      return socket_failure(ErrorKind::limit, "its path is longer than 107 bytes");
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const timeval patience{seconds, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return connect_failure();
    }
    return {};
  }

  Expected<void> send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return silence();
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
  }

  Expected<std::string> receive_line() {
    std::string line;
    char block[16384];
    while (line.size() <= control_reply_bytes_max) {
      const ssize_t count = ::recv(socket_, block, sizeof block, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return silence();
      line.append(block, static_cast<std::size_t>(count));
      const std::size_t end = line.find('\n');
      if (end == std::string::npos) continue;
      line.resize(end);
      return line;
    }
    return socket_failure(ErrorKind::limit, "the answer is longer than 64 MiB");
  }

 private:
  int socket_;
};

}  // namespace

Expected<std::string> ask_node(const std::string& socket_path, const std::string& request,
                               int seconds) {
  Connection connection;
  if (const auto opened = connection.open(socket_path, seconds); !opened) {
    return Failure(opened.error());
  }
  if (const auto sent = connection.send(request + '\n'); !sent) return Failure(sent.error());
  return connection.receive_line();
}

}  // namespace chordial::app
