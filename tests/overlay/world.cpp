#include "overlay/world.h"

#include <cstdio>
#include <cstdlib>

#include "storage/resource_name.h"
#include "topology/plugin.h"
#include "wire/message_contents.h"

namespace chordial::overlay {

namespace {

constexpr WallTime begin_of_time{std::chrono::milliseconds(1'700'000'000'000)};
constexpr Duration give_up{3'000'000};

class PrintingLog final : public Log {
 public:
  PrintingLog(const World& world, const NodeId& self)
      : Log(LogLevel::debug), world_(world), self_(self) {}
  void write(const LogRecord& record) override {
    std::printf("%10.3f %s %s",
                static_cast<double>(world_.now.monotonic.time_since_epoch().count()) / 1e6,
                self_.hex().substr(0, 4).c_str(), record.event);
    for (const LogField& field : record.fields) {
      if (const auto* node = std::get_if<NodeId>(&field.value)) {
        std::printf(" %s=%s", field.name, node->hex().substr(0, 4).c_str());
      }
    }
    std::printf("\n");
  }

 private:
  const World& world_;
  NodeId self_;
};

}  // namespace

Member::Member(World& w, std::size_t i, Role r)
    : world(w),
      index(i),
      role(r),
      id{{w.rng.u64(), w.rng.u64()}},
      address{IpAddress::v4(0x0a000001U + static_cast<std::uint32_t>(i)), 6084},
      rng(w.rng.fork()) {
  if (std::getenv("CHORDIAL_TEST_LOG") != nullptr) {
    log = std::make_unique<PrintingLog>(w, id);
  } else {
    log = std::make_unique<SilentLog>();
  }
  const auto der = w.authority.issue({{id},
                                      "node-" + id.hex() + "@" + w.authority.overlay(),
                                      begin_of_time - std::chrono::hours(1),
                                      begin_of_time + std::chrono::hours(24 * 365)},
                                     ++w.serial);
  signer = std::make_unique<crypto::mock::MockSigner>(w.authority, **w.certificates.intern(*der),
                                                      w.cost);
}

void Member::boot(std::vector<SocketAddress> bootstrap, bool first) {
  ++life;
  link::MessageLinkOptions options;
  options.local = address;
  options.self = id;
  options.certificate = &signer->certificate();
  links = std::make_unique<link::MessageLinkLayer>(options, world.certificates, world);
  PeerOptions peer_options;
  peer_options.self = id;
  peer_options.role = role;
  peer_options.first = first;
  peer_options.bootstrap = std::move(bootstrap);
  auto plugin = role == Role::client
                    ? nullptr
                    : topology::make_plugin("CHORD-RELOAD", id, world.context.topology, rng);
  peer = std::make_unique<Peer>(
      world.context, peer_options, std::move(plugin),
      PeerEnvironment{*signer, *links, *this, world.timers, rng, *log, *this, *this});
  links->set_handler(*peer);
  std::vector<ports::PersistedRecord> records;
  for (const auto& [key, value] : disk)
    records.push_back({ports::PersistSpace::stored_resources, key, value});
  peer->restore(world.now, records);
  peer->start(world.now);
}

void Member::kill() {
  peer.reset();
  links.reset();
}

void Member::persist(ports::PersistRequest request) {
  const std::uint64_t mine = life;
  world.later(Duration(5'000), [this, request, mine] {
    if (peer == nullptr || life != mine) return;
    Expected<void> result;
    if (disk_broken) result = failure(ErrorKind::internal, "disk", "full");
    for (const ports::PersistWrite& write : request.writes) {
      if (disk_broken) break;
      if (write.value) {
        disk[write.key] = *write.value;
      } else {
        disk.erase(write.key);
      }
    }
    peer->handle_completion(world.now, {request.id, result});
  });
}

Expected<void> Member::on_tunnel_message(Now, const TunnelMessage& message) {
  if (refuse_tunnel) return failure(ErrorKind::forbidden, "From", "not its user");
  tunnelled.push_back({message.from, message.path, std::string(as_text(message.bytes))});
  return {};
}

void Member::on_app_attach(Now now, AppAttachId id_, const NodeId&, const AppAttach& offer) {
  for (const Candidate& candidate : offer.candidates)
    app_candidates.push_back(candidate.address);
  AppAttach answer;
  answer.application = offer.application;
  answer.candidates.push_back({address, Candidate::Type::host, "1", 1, std::nullopt});
  if (offer.application == 5060) {
    peer->answer_app_attach(now, id_, answer);
  } else {
    peer->answer_app_attach(now, id_, failure(ErrorKind::not_found, "application", "unknown"));
  }
}

Expected<void> Member::on_configuration(Now now, ByteView document) {
  if (newer == nullptr || !equal(document, newer->document)) {
    return failure(ErrorKind::unauthentic, "signature", "not signed by a signer");
  }
  if (newer == &peer->context()) return failure(ErrorKind::conflict, "sequence", "not newer");
  peer->adopt(now, *newer);
  return {};
}

World::World(std::size_t count, std::uint64_t seed)
    : now{MonotonicTime(Duration(0)), begin_of_time},
      timers(now.monotonic),
      rng(seed, 7),
      authority("example.org", rng),
      certificates(authority),
      verifier(authority, cost),
      kinds(storage::registered_kinds()) {
  context.overlay_name = "example.org";
  context.overlay_hash = 0x12345678;
  context.sequence = 1;
  context.tunnel_extension = wire::sip_tunnel_extension;
  context.topology.update_interval_s = 60;
  context.topology.ping_interval_s = 60;
  context.topology.successors = 3;
  context.topology.fingers = 4;
  context.idle_ping_interval = std::chrono::seconds(15);
  context.kinds = &kinds;
  context.certificates = &certificates;
  context.verifier = &verifier;
  context.document = to_bytes(as_bytes("document 1"));
  for (std::size_t i = 0; i < count; ++i)
    add(Role::peer);
}

World::~World() {
  for (auto& member : members)
    member->kill();
}

Member& World::add(Role role) {
  members.push_back(std::make_unique<Member>(*this, members.size(), role));
  return *members.back();
}

void World::form() {
  for (std::size_t i = 0; i < members.size(); ++i) {
    Member& m = *members[i];
    m.boot(i == 0 ? std::vector<SocketAddress>{} : std::vector{members[0]->address}, i == 0);
    const bool joined =
        run_until([&] { return m.peer->phase() == Phase::ring || m.peer->phase() == Phase::mesh; },
                  std::chrono::seconds(60));
    EXPECT_TRUE(joined) << "member " << i << " has not joined";
  }
  run(std::chrono::seconds(20));
}

void World::later(Duration delay, std::function<void()> what) {
  queue_.emplace(now.monotonic + delay, std::move(what));
}

void World::run(Duration span) {
  (void)run_until([] { return false; }, span);
}

bool World::run_until(const std::function<bool()>& done, Duration span) {
  const MonotonicTime end = now.monotonic + span;
  while (!done()) {
    MonotonicTime next = timers.next();
    if (!queue_.empty()) next = std::min(next, queue_.begin()->first);
    if (next > end) {
      now.wall += std::chrono::duration_cast<std::chrono::milliseconds>(end - now.monotonic);
      now.monotonic = end;
      return done();
    }
    if (next > now.monotonic) {
      now.monotonic = next;
      now.wall =
          begin_of_time - set_back_by_ +
          std::chrono::duration_cast<std::chrono::milliseconds>(now.monotonic.time_since_epoch());
    }
    timers.run(now);
    if (!queue_.empty() && queue_.begin()->first <= now.monotonic) {
      const auto what = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
      what();
    }
  }
  return true;
}

Member* World::member(const NodeId& id) {
  for (auto& m : members) {
    if (m->id == id) return m.get();
  }
  return nullptr;
}

Member* World::owner(const ResourceId& resource) {
  Member* found = nullptr;
  for (auto& m : members) {
    if (m->peer == nullptr || m->role == Role::client) continue;
    if (!m->peer->topology()->responsible(resource.position)) continue;
    EXPECT_EQ(found, nullptr) << "two owners";
    found = m.get();
  }
  EXPECT_NE(found, nullptr) << "no owner";
  return found;
}

std::size_t World::holders(const ResourceId& resource) {
  std::size_t count = 0;
  for (auto& m : members) {
    if (m->peer != nullptr && m->peer->holds(resource)) ++count;
  }
  return count;
}

std::unique_ptr<crypto::mock::MockSigner> World::user(const std::string& name, const NodeId& node) {
  const auto der = authority.issue({{node},
                                    name,
                                    begin_of_time - std::chrono::hours(1),
                                    begin_of_time + std::chrono::hours(24 * 365)},
                                   ++serial);
  return std::make_unique<crypto::mock::MockSigner>(authority, **certificates.intern(*der), cost);
}

void World::carry(Now, const link::Packet& packet) {
  ++carried;
  Flying flying{packet, to_bytes(packet.bytes)};
  later(latency, [this, flying] { deliver(flying); });
}

void World::deliver(const Flying& flying) {
  link::Packet packet = flying.packet;
  Bytes bytes = flying.bytes;
  Member* to = nullptr;
  Member* from = nullptr;
  for (auto& m : members) {
    if (m->address == packet.to) to = m.get();
    if (m->address == packet.from) from = m.get();
  }
  if (packet.kind == link::PacketKind::message && tamper &&
      !tamper(packet.from, packet.to, bytes)) {
    return;
  }
  packet.bytes = bytes;
  const bool severed = cut && cut(packet.from, packet.to);
  if (!severed && to != nullptr && to->links != nullptr && to->links->handle_packet(now, packet)) {
    return;
  }
  if (packet.kind == link::PacketKind::goodbye || packet.kind == link::PacketKind::lost) return;
  if (from == nullptr) return;
  const std::uint64_t life = from->life;
  later(give_up, [this, packet, from, life] {
    if (from->links == nullptr || from->life != life) return;
    link::Packet lost = packet;
    lost.kind = link::PacketKind::lost;
    std::swap(lost.from, lost.to);
    std::swap(lost.from_link, lost.to_link);
    lost.bytes = {};
    (void)from->links->handle_packet(now, lost);
  });
}

}  // namespace chordial::overlay
