// One UDP socket as the reactor uses it: many datagrams a system call, and the local address kept
// with each.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/error.h"
#include "ports/datagram.h"

namespace chordial::driver {

class UdpSocket {
 public:
  static constexpr std::size_t batch_max = 64;

  // Binds; port 0 takes a free one. Errors: unavailable (address in use), invalid (not an address
  // of this host), forbidden, internal.
  [[nodiscard]] static Expected<std::unique_ptr<UdpSocket>> bind(ports::SocketRole role,
                                                                 const SocketAddress& address);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] ports::SocketRole role() const { return role_; }
  [[nodiscard]] const SocketAddress& local() const { return local_; }

  // One batch of what waits; false when nothing (more) did. Views live during the callback.
  bool receive(const std::function<void(const ports::Datagram&)>& handle);
  // Queues a datagram for flush(); the view must live until then.
  void queue(const ports::Datagram& datagram);
  // Sends what is queued, batch by batch. What the kernel does not take is dropped, as the network
  // might.
  void flush();

  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }  // by the kernel

 private:
  struct Batch;
  UdpSocket(int descriptor, ports::SocketRole role, const SocketAddress& local);

  int descriptor_;
  ports::SocketRole role_;
  SocketAddress local_;
  std::unique_ptr<Batch> in_;
  std::unique_ptr<Batch> out_;
  std::size_t queued_ = 0;
  std::uint64_t received_ = 0, sent_ = 0, refused_ = 0;
};

}  // namespace chordial::driver
