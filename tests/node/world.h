// Whole nodes and their phones in one process: virtual time, and a network in memory that carries
// datagrams and streams with latency, cuts included. Certificates and DTLS are stand-ins that still
// refuse what is altered; everything else is what a real node runs.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "crypto/mock/mock_signer.h"
#include "node/host.h"
#include "node/phone.h"

namespace chordial::node::test {

inline constexpr const char* domain = "overlay.example";
inline constexpr WallTime begin_of_time{std::chrono::milliseconds(1'700'000'000'000)};

class World {
 public:
  explicit World(std::size_t hosts, std::uint64_t seed = 1);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Host& operator[](std::size_t i) { return *hosts[i]; }
  Host& add_host();
  Phone& add_phone(Host& home, const std::string& user,
                   sip::TransportKind transport = sip::TransportKind::udp);
  // All hosts join through the first, one after the other, and come to rest.
  void form();

  void later(Duration delay, std::function<void()> what);
  void run(Duration span);
  // Until `done` or the span is over; what `done` says then.
  bool run_until(const std::function<bool()>& done, Duration span);

  void carry(const ports::Datagram& datagram);
  // A phone listens there; it must not go away before the world.
  [[nodiscard]] Phone* phone_at(const SocketAddress& address) const;
  [[nodiscard]] Host* host_at(const SocketAddress& address, ports::SocketRole& role) const;

  Now now{MonotonicTime(Duration(0)), begin_of_time};
  Rng rng;
  crypto::mock::MockAuthority authority;
  crypto::mock::SignatureCost cost;
  std::uint64_t serial = 0;
  storage::KindTable kinds;
  Duration latency{10'000};
  std::function<bool(const SocketAddress& from, const SocketAddress& to)> cut;
  std::vector<std::unique_ptr<Host>> hosts;
  std::vector<std::unique_ptr<Phone>> phones;

 private:
  void deliver(ports::Datagram datagram, ByteView bytes);

  std::multimap<MonotonicTime, std::function<void()>> queue_;
};

}  // namespace chordial::node::test
