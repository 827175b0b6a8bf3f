// A client of a driver under test: blocking sockets on the loopback that give up after five
// seconds, and the thread the driver runs on meanwhile.
#pragma once

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "driver/reactor.h"
#include "driver/socket_address.h"

namespace chordial::driver {

inline SocketAddress loopback(std::uint16_t port = 0, std::uint32_t host = 0x7f000001) {
  return {IpAddress::v4(host), port};
}

class Client {
 public:
  explicit Client(int type, int family = AF_INET) : descriptor_(::socket(family, type, 0)) {
    const timeval limit{5, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Client() { ::close(descriptor_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] bool connect(const SocketAddress& remote) {
    const KernelAddress kernel = to_kernel(remote);
    return ::connect(descriptor_, kernel.get(), kernel.size) == 0;
  }
  [[nodiscard]] bool connect(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  }
  bool send(std::string_view text) {
    return ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  void finish_sending() { ::shutdown(descriptor_, SHUT_WR); }
  // One datagram or what a stream has; "closed" at its end, "silence" after five seconds.
  std::string receive() {
    char buffer[65536];
    const ssize_t size = ::recv(descriptor_, buffer, sizeof buffer, 0);
    if (size == 0) return "closed";
    return size < 0 ? "silence" : std::string(buffer, static_cast<std::size_t>(size));
  }
  std::string receive_lines(int count = 1) {
    std::string all;
    while (std::count(all.begin(), all.end(), '\n') < count) {
      const std::string part = receive();
      if (part == "closed" || part == "silence") return all + part;
      all += part;
    }
    return all;
  }
  std::string receive_until(std::string_view end) {
    std::string all;
    while (!all.ends_with(end)) {
      const std::string part = receive();
      if (part == "closed" || part == "silence") return all + part;
      all += part;
    }
    return all;
  }
  [[nodiscard]] SocketAddress local() const {
    KernelAddress kernel;
    kernel.size = sizeof kernel.storage;
    getsockname(descriptor_, kernel.get(), &kernel.size);
    return from_kernel(kernel.storage);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// Runs the reactor until it is destroyed or the node has finished.
class Running {
 public:
  explicit Running(Reactor& reactor) : reactor_(reactor), thread_([&reactor] { reactor.run(); }) {}
  ~Running() {
    reactor_.stop();
    join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  Reactor& reactor_;
  std::thread thread_;
};

}  // namespace chordial::driver
