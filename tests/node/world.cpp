#include "node/world.h"

namespace chordial::node::test {

World::World(std::size_t count, std::uint64_t seed)
    : rng(seed, 7), authority(domain, rng), kinds(storage::registered_kinds()) {
  for (std::size_t i = 0; i < count; ++i)
    add_host();
}

World::~World() {
  for (auto& host : hosts)
    host->stop();
}

Host& World::add_host() {
  hosts.push_back(std::make_unique<Host>(*this, hosts.size()));
  return *hosts.back();
}

Phone& World::add_phone(Host& home, const std::string& user, sip::TransportKind transport) {
  const SocketAddress address{
      IpAddress::v4(0x0a010001U + static_cast<std::uint32_t>(phones.size())), 5060};
  phones.push_back(
      std::make_unique<Phone>(*this, home, user, "secret of " + user, address, transport));
  home.add_user(user, phones.back()->password);
  return *phones.back();
}

void World::form() {
  for (auto& host : hosts) {
    host->start();
    EXPECT_TRUE(run_until([&] { return host->member(); }, std::chrono::seconds(60)))
        << "host " << host->index << " has not joined";
  }
  run(std::chrono::seconds(20));
}

void World::later(Duration delay, std::function<void()> what) {
  queue_.emplace(now.monotonic + delay, std::move(what));
}

void World::run(Duration span) {
  static_cast<void>(run_until([] { return false; }, span));
}

bool World::run_until(const std::function<bool()>& done, Duration span) {
  const MonotonicTime end = now.monotonic + span;
  while (!done()) {
    MonotonicTime next = queue_.empty() ? never : queue_.begin()->first;
    for (const auto& host : hosts)
      next = std::min(next, host->next_timeout());
    now.monotonic = std::max(now.monotonic, std::min(next, end));
    now.wall = begin_of_time + std::chrono::duration_cast<std::chrono::milliseconds>(
                                   now.monotonic.time_since_epoch());
    if (next > end) return done();
    for (const auto& host : hosts) {
      if (host->next_timeout() <= now.monotonic) host->tick();
    }
    if (!queue_.empty() && queue_.begin()->first <= now.monotonic) {
      const auto what = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
      what();
    }
  }
  return true;
}

Phone* World::phone_at(const SocketAddress& address) const {
  for (const auto& phone : phones) {
    if (phone->address == address) return phone.get();
  }
  return nullptr;
}

Host* World::host_at(const SocketAddress& address, ports::SocketRole& role) const {
  for (const auto& host : hosts) {
    if (host->ip != address.ip) continue;
    role = address.port == 6084   ? ports::SocketRole::link
           : address.port == 6085 ? ports::SocketRole::application
                                  : ports::SocketRole::sip;
    return host.get();
  }
  return nullptr;
}

void World::carry(const ports::Datagram& datagram) {
  const Bytes bytes = to_bytes(datagram.bytes);
  ports::Datagram head = datagram;
  head.bytes = {};
  later(latency, [this, head, bytes] { deliver(head, bytes); });
}

void World::deliver(ports::Datagram datagram, ByteView bytes) {
  if (cut && cut(datagram.local, datagram.remote)) return;
  ports::SocketRole role{};
  if (Host* host = host_at(datagram.remote, role)) {
    host->receive(role, datagram.local, datagram.remote, bytes);
  } else if (Phone* phone = phone_at(datagram.remote)) {
    phone->receive(std::string(as_text(bytes)));
  }
}

}  // namespace chordial::node::test
