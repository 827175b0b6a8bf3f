#include "sim/node.h"

#include "sim/shard.h"

namespace chordial::sim {

namespace {

constexpr std::uint64_t node_rng_key = 0x6e6f64652d726e67;
// Notes in the trace.
constexpr std::uint32_t note_phase = 1;
constexpr std::uint32_t note_boot = 2;
constexpr std::uint32_t note_kill = 3;

}  // namespace

Node::Node(const World& world, Shard& shard, NodeIndex index)
    : world_(world),
      shard_(shard),
      index_(index),
      rng_(siphash(world.scenario.seed, node_rng_key, world.ids[index].bytes()), index),
      signer_(world.authority, *world.node_certificates[index], shard.cost()),
      lookup_timer_(*this, lookup_timer) {
  if (world.keeps_disks()) disk_ = std::make_unique<Disk>();
  if (world.scenario.node == NodeFidelity::whole) {
    site_ = std::make_unique<Site>(world, shard, *this);
  }
}

Node::~Node() {
  site_.reset();
  users_.reset();
  peer_.reset();
}

void Node::boot(Now now, std::unique_ptr<topology::Plugin> plugin,
                std::vector<SocketAddress> bootstrap, bool first) {
  ++incarnation_;
  trace_.absorb(now.monotonic, note_boot, incarnation_);
  shard_.note_disturbance(now.monotonic);
  if (site_) {
    site_->boot(now, signer_, std::move(bootstrap), first);
  } else {
    boot_peer(now, std::move(plugin), std::move(bootstrap), first);
  }
}

void Node::boot_peer(Now now, std::unique_ptr<topology::Plugin> plugin,
                     std::vector<SocketAddress> bootstrap, bool first) {
  const overlay::SharedContext& context = shard_.context();
  const NodeId& self = world_.ids[index_];
  if (plugin == nullptr) {
    plugin = topology::make_plugin(context.topology_plugin, self, context.topology, rng_);
  }
  link::MessageLinkOptions links;
  links.local = address_of(index_);
  links.self = self;
  links.certificate = world_.node_certificates[index_];
  links.keepalive_interval = keepalive_interval;
  links_.emplace(links, shard_.certificates(), shard_);

  overlay::PeerOptions options;
  options.self = self;
  options.first = first;
  options.bootstrap = std::move(bootstrap);
  peer_ = std::make_unique<overlay::Peer>(
      context, options, std::move(plugin),
      overlay::PeerEnvironment{signer_, *links_, *this, shard_.timers(), rng_, shard_.log(), *this,
                               *this});
  links_->set_handler(*peer_);
  if (world_.first_user(index_) < world_.first_user(index_ + 1)) {
    users_ = std::make_unique<NodeUsers>(world_, index_, *peer_, shard_.timers(), rng_,
                                         shard_.cost(), shard_.acknowledged());
  }
  if (disk_) peer_->restore(now, disk_->records());
}

void Node::start(Now now) {
  if (site_) {
    site_->start(now, disk_ ? disk_->records() : std::vector<ports::PersistedRecord>{});
    return;
  }
  peer_->start(now);
  if (registers_ && users_) users_->register_all(now, Duration(0));
}

void Node::kill() {
  if (!alive()) return;
  const Now now = shard_.now();
  trace_.absorb(now.monotonic, note_kill, incarnation_);
  shard_.note_disturbance(now.monotonic);
  shard_.note_change();
  shard_.lookups().abandoned(lookups_.size());
  lookups_.clear();
  committing_.clear();
  if (site_) return site_->kill();
  keepalives_before_ += links_->keepalives(now);
  shard_.note_silence(*this, true);
  users_.reset();
  peer_.reset();
  links_.reset();
}

void Node::note_cut() {
  if (!site_) shard_.note_silence(*this, false);
}

std::uint64_t Node::keepalives(Now now) const {
  return keepalives_before_ + (links_ ? links_->keepalives(now) : 0);
}

bool Node::handle(Now now, const Event& event) {
  trace_.absorb(event);
  if (event.kind == EventKind::disk) {
    committed(now, event.from_link);
    return true;
  }
  if (event.kind == EventKind::silence &&
      world_.network.group(event.from) == world_.network.group(index_)) {
    return true;
  }
  if (event.kind == EventKind::datagram) {
    handle_datagram(now, event);
    return true;
  }
  return alive() && links_->handle_packet(
                        now, {event.packet_kind, address_of(event.from), address_of(event.to),
                              event.from_link, event.to_link, event.bytes});
}

void Node::handle_datagram(Now now, const Event& event) {
  if (!site_ || !alive()) return;
  const SocketAddress local{address_of(event.to).ip, static_cast<std::uint16_t>(event.to_link)};
  const SocketAddress remote{address_of(event.from).ip,
                             static_cast<std::uint16_t>(event.from_link)};
  const bool link = local == address_of(event.to);
  const ports::SocketRole socket = link ? ports::SocketRole::link : ports::SocketRole::application;
  site_->whole().handle_datagram(now, {socket, local, remote, event.bytes});
}

void Node::note_local(Now now, ByteView datagram) {
  Event event;
  event.at = now.monotonic;
  event.to = event.from = index_;
  event.kind = EventKind::datagram;
  event.bytes = to_bytes(datagram);
  trace_.absorb(event);
}

void Node::committed(Now now, std::uint32_t incarnation) {
  if (incarnation != incarnation_ || committing_.empty()) return;
  const ports::PersistRequest request = std::move(committing_.front());
  committing_.erase(committing_.begin());
  if (disk_) disk_->commit(request);
  if (site_) {
    site_->whole().handle_completion(now, {request.id, {}});
  } else {
    (void)peer_->handle_completion(now, {request.id, {}});
  }
}

void Node::persist(ports::PersistRequest request) {
  committing_.push_back(std::move(request));
  shard_.commit_later(*this, incarnation_);
}

void Node::on_phase_changed(Now now, overlay::Phase phase) {
  trace_.absorb(now.monotonic, note_phase, static_cast<std::uint64_t>(phase));
  shard_.note_change();
}

void Node::on_neighbours_changed(Now now) {
  shard_.note_change();
  if (users_ && registers_) users_->recheck(now);
}

Expected<void> Node::on_tunnel_message(Now, const overlay::TunnelMessage&) {
  return failure(ErrorKind::unsupported, "sip", "simulated nodes have no phones");
}

void Node::on_app_attach(Now now, overlay::AppAttachId id, const NodeId&,
                         const overlay::AppAttach&) {
  peer_->answer_app_attach(
      now, id, failure(ErrorKind::forbidden, "application", "simulated nodes have no phones"));
}

Expected<void> Node::on_configuration(Now, ByteView) {
  return failure(ErrorKind::conflict, "document", "a simulated overlay has none");
}

Expected<void> Node::on_kinds(Now, const std::vector<ByteView>&) {
  return failure(ErrorKind::conflict, "kinds", "a simulated overlay has all it needs");
}

}  // namespace chordial::sim
