// Drives one ports::Driven with real sockets, disk and time, on one thread: hand in what happened,
// drain, wait. Also the control socket and the signals that end the process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/counters.h"
#include "driver/persistence.h"
#include "ports/driven.h"

namespace chordial::driver {

struct ReactorLimits {
  std::size_t stream_queue_bytes_max = std::size_t{1}
                                       << 20;  // unsent, of one stream; more closes it
  std::size_t control_request_bytes_max = 65536;
  std::size_t control_connections_max = 32;
  Duration leave_time_max = std::chrono::seconds(10);  // after the first signal; then run() ends
};

class Reactor {
 public:
  using ControlReply = std::function<void(std::string)>;
  // One request line without its newline. `reply` is called once, now or later, on the reactor's
  // thread; one that outlives the reactor says nothing to anybody.
  using ControlHandler = std::function<void(Now, std::string_view request, ControlReply reply)>;

  // Everything referred to outlives the reactor. `persistence` is not started yet; null: nothing is
  // kept.
  Reactor(ports::Driven& node, Persistence* persistence, const ReactorLimits& limits = {});
  // Stops the persistence too, whose last completions nobody hears.
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Errors as UdpSocket::bind. The bound address comes back.
  [[nodiscard]] Expected<SocketAddress> listen_udp(ports::SocketRole role,
                                                   const SocketAddress& address);
  [[nodiscard]] Expected<SocketAddress> listen_tcp(const SocketAddress& address);
  // A stale socket file is replaced; one that answers is an error (unavailable: the node runs
  // already).
  [[nodiscard]] Expected<void> listen_control(const std::string& path, ControlHandler handler);
  // SIGTERM and SIGINT: the first calls `leave`; a second, or leave_time_max, ends run() all the
  // same.
  void on_signals(std::function<void(Now)> leave);

  // Until the node has finished or stop() was called.
  void run();
  // The one call besides stop() that other threads may make: `work` is done on the reactor's
  // thread, the node drained after it. Work that is posted to a reactor that has stopped is never
  // done.
  void post(std::function<void(Now)> work);
  void stop();
  // Takes out and carries out what the node wants done. Called by the reactor after every event;
  // the caller's duty after calling the node himself.
  void drain();
  void count(CounterVisitor& visitor) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chordial::driver
