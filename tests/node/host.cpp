#include "node/host.h"

#include <algorithm>

#include "node/world.h"
#include "wire/message_contents.h"

namespace chordial::node::test {

namespace {

constexpr Duration disk_time{5'000};

class Counts final : public CounterVisitor {
 public:
  void counter(const char* name, std::uint64_t value) override { values[name] = value; }
  void gauge(const char* name, std::uint64_t value) override { values[name] = value; }

  std::map<std::string, std::uint64_t> values;
};

}  // namespace

Host::Host(World& w, std::size_t i)
    : world(w),
      index(i),
      id{{w.rng.u64(), w.rng.u64()}},
      ip(IpAddress::v4(0x0a000001U + static_cast<std::uint32_t>(i))),
      rng_(w.rng.fork()),
      certificates_(w.authority),
      verifier_(w.authority, w.cost),
      signer_(issue("node-" + id.hex())) {
  config.overlay = domain;
  config.first = i == 0;
  config.link_listen = {ip, 6084};
  config.application_listen = {ip, 6085};
  config.sip_udp = {{ip, 5060}};
  config.sip_tcp = {{ip, 5060}};
  if (i != 0) config.bootstrap.push_back({IpAddress::v4(0x0a000001U), 6084});

  context.overlay_name = domain;
  context.overlay_hash = 0x12345678;
  context.sequence = 1;
  context.tunnel_extension = wire::sip_tunnel_extension;
  context.topology.update_interval_s = 60;
  context.topology.ping_interval_s = 60;
  context.topology.successors = 3;
  context.topology.fingers = 4;
  context.idle_ping_interval = std::chrono::seconds(15);
  context.kinds = &w.kinds;
  context.certificates = &certificates_;
  context.verifier = &verifier_;
}

Host::~Host() {
  stop();
}

std::unique_ptr<crypto::mock::MockSigner> Host::issue(const std::string& name) {
  const auto der = world.authority.issue({{id},
                                          name + "@" + domain,
                                          begin_of_time - std::chrono::hours(48),
                                          begin_of_time + std::chrono::hours(24 * 365)},
                                         ++world.serial);
  return std::make_unique<crypto::mock::MockSigner>(world.authority, **certificates_.intern(*der),
                                                    world.cost);
}

void Host::add_user(const std::string& user, const std::string& password) {
  users_[user + "@" + domain] = {password, issue(user)};
}

crypto::Signer* Host::signer_of(std::string_view aor) {
  const auto user = users_.find(aor);
  return user == users_.end() ? nullptr : user->second.signer.get();
}

std::optional<Expected<sip::Credential>> Host::credential(Now, ports::RequestId,
                                                          const sip::CredentialQuery& query,
                                                          sip::CredentialHandler&) {
  const auto user = users_.find(query.username + "@" + domain);
  if (query.realm != domain || user == users_.end())
    return failure(ErrorKind::not_found, "username", "no user of this node");
  return sip::Credential{
      sip::digest_ha1(query.algorithm, query.username, domain, user->second.password), user->first};
}

Now Host::now() const {
  return {world.now.monotonic, world.now.wall + clock_error};
}

void Host::start() {
  ++life_;
  timers = std::make_unique<TimerQueue>(world.now.monotonic);
  security_ = std::make_unique<link::FakeSecurityContext>(id, rng_.u64());
  node_ = std::make_unique<Node>(
      config,
      NodeEnvironment{context, *signer_, *security_, *this, *this, *this, *timers, log_, true},
      rng_.fork());
  std::vector<ports::PersistedRecord> records;
  for (const auto& [key, value] : disk)
    records.push_back({key.first, key.second, value});
  node_->start(now(), records);
  drain();
}

void Host::stop() {
  node_.reset();
  security_.reset();
  timers.reset();
  std::map<ports::StreamId, Phone*> streams;
  streams.swap(streams_);
  for (const auto& [stream, phone] : streams)
    phone->disconnected();
}

void Host::leave() {
  node_->leave(now());
  drain();
  EXPECT_TRUE(world.run_until([&] { return node_->finished(); }, std::chrono::seconds(10)));
  drain();
  stop();
}

bool Host::member() const {
  if (!up()) return false;
  const overlay::Phase phase = node_->peer().phase();
  return phase == overlay::Phase::ring || phase == overlay::Phase::mesh;
}

std::uint64_t Host::count(const std::string& name) const {
  Counts counts;
  node_->count(counts);
  const auto at = counts.values.find(name);
  return at == counts.values.end() ? 0 : at->second;
}

std::size_t Host::rows(ports::PersistSpace space) const {
  return static_cast<std::size_t>(std::count_if(
      disk.begin(), disk.end(), [&](const auto& row) { return row.first.first == space; }));
}

void Host::receive(ports::SocketRole role, const SocketAddress& from, const SocketAddress& to,
                   ByteView bytes) {
  if (!up()) return;
  node_->handle_datagram(now(), {role, to, from, bytes});
  drain();
}

void Host::tick() {
  node_->handle_timeout(now());
  drain();
}

MonotonicTime Host::next_timeout() const {
  return up() ? node_->poll_timeout() : never;
}

void Host::drain() {
  ports::Datagram datagram;
  while (node_->poll_transmit(datagram))
    world.carry(datagram);
  while (auto request = node_->poll_stream())
    carry_out(std::move(*request));
  while (auto request = node_->poll_persist()) {
    const std::uint64_t life = life_;
    world.later(disk_time, [this, life, request = std::move(*request)] {
      if (life == life_ && up()) commit(request);
    });
  }
}

void Host::commit(const ports::PersistRequest& request) {
  Expected<void> result;
  if (disk_broken) result = failure(ErrorKind::internal, "disk", "full");
  for (const ports::PersistWrite& write : request.writes) {
    if (disk_broken) break;
    if (write.value) {
      disk[{write.space, write.key}] = *write.value;
    } else {
      disk.erase({write.space, write.key});
    }
  }
  node_->handle_completion(now(), {request.id, result});
  drain();
}

ports::StreamId Host::accept(Phone& phone) {
  const ports::StreamId stream{ports::accepted_stream_bit | ++accepted_};
  streams_[stream] = &phone;
  node_->handle_stream(now(), ports::StreamAccepted{stream, {ip, 5060}, phone.address});
  drain();
  return stream;
}

void Host::receive(ports::StreamId stream, const std::string& bytes) {
  if (!up() || !streams_.contains(stream)) return;
  node_->handle_stream(now(), ports::StreamReceived{stream, as_bytes(bytes)});
  drain();
}

void Host::close(ports::StreamId stream) {
  if (!up() || streams_.erase(stream) == 0) return;
  node_->handle_stream(
      now(), ports::StreamClosed{stream, {ErrorKind::unavailable, "stream", 0, "closed"}});
  drain();
}

void Host::carry_out(ports::StreamRequest request) {
  const std::uint64_t life = life_;
  world.later(world.latency, [this, life, request = std::move(request)] {
    if (life != life_ || !up()) return;
    if (const auto* connect = std::get_if<ports::StreamConnect>(&request)) {
      Phone* phone = world.phone_at(connect->remote);
      if (phone != nullptr) {
        streams_[connect->id] = phone;
        phone->connected(connect->id);
        node_->handle_stream(now(), ports::StreamConnected{connect->id, {ip, 40000}});
      } else {
        node_->handle_stream(
            now(),
            ports::StreamClosed{connect->id, {ErrorKind::unavailable, "stream", 0, "refused"}});
      }
      return drain();
    }
    if (const auto* send = std::get_if<ports::StreamSend>(&request)) {
      const auto at = streams_.find(send->id);
      if (at != streams_.end()) at->second->receive(std::string(as_text(send->bytes)));
    } else if (const auto* closed = std::get_if<ports::StreamClose>(&request)) {
      const auto at = streams_.find(closed->id);
      if (at == streams_.end()) return;
      Phone* phone = at->second;
      streams_.erase(at);
      phone->disconnected();
    }
  });
}

Expected<void> Host::on_configuration(Now, ByteView) {
  return failure(ErrorKind::conflict, "document", "this overlay has one document");
}

Expected<void> Host::on_kinds(Now, const std::vector<ByteView>&) {
  return failure(ErrorKind::unsupported, "kinds", "this overlay has all it needs");
}

}  // namespace chordial::node::test
