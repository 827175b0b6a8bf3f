#include "driver/reactor.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "driver/clock.h"
#include "driver/control_server.h"
#include "driver/stream_sockets.h"
#include "driver/udp_socket.h"

namespace chordial::driver {

namespace asio = boost::asio;

class Reactor::Impl {
 public:
  Impl(ports::Driven& node, Persistence* persistence, const ReactorLimits& limits)
      : node_(node),
        persistence_(persistence),
        limits_(limits),
        io_(1),
        timer_(io_),
        leave_by_(io_),
        signals_(io_),
        streams_(io_, node, limits.stream_queue_bytes_max, [this] { drain(); }) {
    if (persistence_ == nullptr) return;
    persistence_->start([this](std::vector<ports::PersistCompletion> completions) {
      asio::post(io_, [this, completions = std::move(completions)] {
        for (const auto& completion : completions)
          node_.handle_completion(system_now(), completion);
        drain();
      });
    });
  }

  // The writing thread would call into what is gone.
  ~Impl() {
    if (persistence_ != nullptr) persistence_->stop();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Expected<SocketAddress> listen_udp(ports::SocketRole role, const SocketAddress& address) {
    auto socket = UdpSocket::bind(role, address);
    if (!socket) return Failure(socket.error());
    udp_.push_back(std::make_unique<Udp>(std::move(*socket), io_));
    wait(*udp_.back());
    return udp_.back()->socket->local();
  }

  Expected<SocketAddress> listen_tcp(const SocketAddress& address) {
    return streams_.listen(address);
  }

  Expected<void> listen_control(const std::string& path, ControlHandler handler) {
    control_ =
        std::make_unique<ControlServer>(io_, limits_, std::move(handler), [this] { drain(); });
    return control_->listen(path);
  }

  void on_signals(std::function<void(Now)> leave) {
    leave_ = std::move(leave);
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    wait_for_signal();
  }

  void run() {
    drain();
    const auto until_stopped = asio::make_work_guard(io_);
    io_.run();
    if (control_) control_->close();
    streams_.close_all();
  }

  void post(std::function<void(Now)> work) {
    asio::post(io_, [this, work = std::move(work)] {
      work(system_now());
      drain();
    });
  }

  void stop() { io_.stop(); }

  void count(CounterVisitor& visitor) const {
    std::uint64_t received = 0, sent = 0, refused = 0;
    for (const auto& udp : udp_) {
      received += udp->socket->received();
      sent += udp->socket->sent();
      refused += udp->socket->refused();
    }
    visitor.counter("driver_datagrams_received", received);
    visitor.counter("driver_datagrams_sent", sent);
    visitor.counter("driver_datagrams_refused", refused);
    visitor.counter("driver_socket_waits_failed", failed_waits_);
  }

  void drain() {
    ports::Datagram datagram;
    while (node_.poll_transmit(datagram)) {
      if (Udp* udp = socket_for(datagram)) udp->socket->queue(datagram);
    }
    for (const auto& udp : udp_)
      udp->socket->flush();
    while (auto request = node_.poll_stream())
      streams_.carry_out(std::move(*request));
    while (auto request = node_.poll_persist())
      persist(std::move(*request));
    if (node_.finished()) {
      io_.stop();
      return;
    }
    arm();
  }

 private:
  // Who sends faster than the node works must not keep it from its timers and other sockets.
  static constexpr int batches_per_turn_max = 4;
  static constexpr auto wait_pause = std::chrono::milliseconds(100);

  struct Udp {
    Udp(std::unique_ptr<UdpSocket> bound, asio::io_context& io)
        : socket(std::move(bound)), descriptor(io, socket->descriptor()), pause(io) {}
    ~Udp() { descriptor.release(); }  // the socket closes it
    Udp(const Udp&) = delete;
    Udp& operator=(const Udp&) = delete;

    std::unique_ptr<UdpSocket> socket;
    asio::posix::stream_descriptor descriptor;
    asio::steady_timer pause;
  };

  void wait(Udp& udp) {
    udp.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [this, &udp](boost::system::error_code error) {
                                if (error == asio::error::operation_aborted) return;
                                if (error) return wait_later(udp);
                                receive(udp);
                                wait(udp);
                              });
  }

  // No error of one moment may leave the node deaf on this socket for good.
  void wait_later(Udp& udp) {
    ++failed_waits_;
    udp.pause.expires_after(wait_pause);
    udp.pause.async_wait([this, &udp](boost::system::error_code gone) {
      if (!gone) wait(udp);
    });
  }

  void receive(Udp& udp) {
    const auto handle = [this](const ports::Datagram& datagram) {
      node_.handle_datagram(now_, datagram);
    };
    bool more = true;
    for (int i = 0; more && i < batches_per_turn_max; ++i) {
      now_ = system_now();
      more = udp.socket->receive(handle);
      drain();
    }
  }

  // The socket of the role that is bound to the datagram's source, or the first one of its family.
  Udp* socket_for(const ports::Datagram& datagram) {
    Udp* fallback = nullptr;
    for (const auto& udp : udp_) {
      const SocketAddress& bound = udp->socket->local();
      if (udp->socket->role() != datagram.socket || bound.ip.is_v4() != datagram.remote.ip.is_v4())
        continue;
      if (bound.port == datagram.local.port &&
          (bound.ip == datagram.local.ip || bound.ip.is_unspecified())) {
        return udp.get();
      }
      if (fallback == nullptr) fallback = udp.get();
    }
    return fallback;
  }

  void persist(ports::PersistRequest request) {
    if (persistence_ != nullptr) {
      persistence_->submit(std::move(request));
      return;
    }
    asio::post(io_, [this, id = request.id] {
      node_.handle_completion(system_now(), {id, {}});
      drain();
    });
  }

  void arm() {
    const MonotonicTime due = node_.poll_timeout();
    if (due == armed_) return;
    armed_ = due;
    if (due == never) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(std::chrono::steady_clock::time_point(due.time_since_epoch()));
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      armed_ = never;
      node_.handle_timeout(system_now());
      drain();
    });
  }

  void wait_for_signal() {
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (error) return;
      if (leaving_) {
        io_.stop();
        return;
      }
      leaving_ = true;
      leave_by_.expires_after(limits_.leave_time_max);
      leave_by_.async_wait([this](boost::system::error_code gone) {
        if (!gone) io_.stop();
      });
      leave_(system_now());
      drain();
      wait_for_signal();
    });
  }

  ports::Driven& node_;
  Persistence* persistence_;
  ReactorLimits limits_;
  asio::io_context io_;
  asio::steady_timer timer_;
  asio::steady_timer leave_by_;
  asio::signal_set signals_;
  StreamSockets streams_;
  std::vector<std::unique_ptr<Udp>> udp_;
  std::unique_ptr<ControlServer> control_;
  std::function<void(Now)> leave_;
  Now now_{};
  MonotonicTime armed_ = never;
  std::uint64_t failed_waits_ = 0;
  bool leaving_ = false;
};

Reactor::Reactor(ports::Driven& node, Persistence* persistence, const ReactorLimits& limits)
    : impl_(std::make_unique<Impl>(node, persistence, limits)) {
}

Reactor::~Reactor() = default;

Expected<SocketAddress> Reactor::listen_udp(ports::SocketRole role, const SocketAddress& address) {
  return impl_->listen_udp(role, address);
}

Expected<SocketAddress> Reactor::listen_tcp(const SocketAddress& address) {
  return impl_->listen_tcp(address);
}

Expected<void> Reactor::listen_control(const std::string& path, ControlHandler handler) {
  return impl_->listen_control(path, std::move(handler));
}

void Reactor::on_signals(std::function<void(Now)> leave) {
  impl_->on_signals(std::move(leave));
}

void Reactor::run() {
  impl_->run();
}

void Reactor::post(std::function<void(Now)> work) {
  impl_->post(std::move(work));
}

void Reactor::stop() {
  impl_->stop();
}

void Reactor::drain() {
  impl_->drain();
}

void Reactor::count(CounterVisitor& visitor) const {
  impl_->count(visitor);
}

}  // namespace chordial::driver
