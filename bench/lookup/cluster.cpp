#include "lookup/cluster.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "driver/clock.h"

namespace chordial::bench {

namespace {

constexpr const char* overlay_name = "bench.example";
constexpr Duration patience = std::chrono::seconds(60);
constexpr Duration look_again = std::chrono::milliseconds(5);
// As a node of the program: No-ICE links are asked by RELOAD Ping when they have been silent.
constexpr Duration idle_ping_interval = std::chrono::seconds(15);

crypto::openssl::Validity validity() {
  const WallTime now =
      std::chrono::floor<std::chrono::seconds>(driver::system_now().wall.time_since_epoch()) +
      WallTime();
  return {now - std::chrono::hours(1), now + std::chrono::hours(24)};
}

Rng seeded() {
  return value_of(driver::system_rng(), "no randomness");
}

NodeId random_node_id(Rng& rng) {
  return NodeId{{rng.u64(), rng.u64()}};
}

SocketAddress address_of(const Overlay& overlay, std::size_t index) {
  return {IpAddress::v4(0x7f000001),
          static_cast<std::uint16_t>(overlay.options().base_port + index)};
}

node::NodeConfig config_of(const Overlay& overlay, std::size_t index) {
  node::NodeConfig config;
  config.overlay = overlay_name;
  config.link_listen = address_of(overlay, index);
  config.first = index == 0;
  if (index > 0) config.bootstrap.push_back(address_of(overlay, 0));
  return config;
}

}  // namespace

void give_up(const std::string& what) {
  std::fprintf(stderr, "lookup: %s\n", what.c_str());
  std::_Exit(1);
}

Overlay::Overlay(const OverlayOptions& options)
    : options_(options),
      key_(value_of(crypto::openssl::PrivateKey::generate(), "root key")),
      root_(value_of(crypto::openssl::issue_root(key_, overlay_name, validity()), "root")) {
  storage::Kind kind;
  kind.id = lookup_kind;
  kind.model = wire::DataModel::dictionary;
  kind.access = storage::AccessControl::node_id_match;
  kind.max_count = 8;
  kind.max_size = options_.value_bytes_max;
  kinds_ = storage::KindTable({kind});
}

crypto::Trust Overlay::trust() const {
  crypto::Trust trust;
  trust.overlay = overlay_name;
  trust.roots = {root_};
  return trust;
}

std::unique_ptr<crypto::openssl::KeySigner> Overlay::issue(const NodeId& node) const {
  auto key = value_of(crypto::openssl::PrivateKey::generate(), "node key");
  const crypto::openssl::LeafContents contents{{node},
                                               crypto::node_user_name(node, overlay_name),
                                               overlay_name,
                                               validity(),
                                               key.public_key()};
  const Bytes der = value_of(crypto::openssl::issue_leaf({key_, root_}, contents), "certificate");
  return value_of(crypto::openssl::KeySigner::create(std::move(key), der, overlay_name), "signer");
}

overlay::SharedContext Overlay::context() const {
  overlay::SharedContext context;
  context.overlay_name = overlay_name;
  const crypto::Sha1 digest = crypto::sha1({as_bytes(overlay_name)});
  for (std::size_t i = digest.size() - 4; i < digest.size(); ++i)
    context.overlay_hash = context.overlay_hash << 8 | digest[i];
  context.sequence = 1;
  context.topology = options_.topology;
  context.kinds = &kinds_;
  context.idle_ping_interval = idle_ping_interval;
  return context;
}

Member::Member(const Overlay& overlay, std::size_t index, const std::atomic<bool>& timed)
    : meter_(timed),
      rng_(seeded()),
      signer_(overlay.issue(random_node_id(rng_))),
      store_(value_of(crypto::openssl::Store::create(overlay.trust()), "certificate store")),
      security_(
          value_of(crypto::openssl::DtlsContext::create(*signer_, *store_, rng_, {}), "DTLS")),
      metered_signer_(*signer_, meter_),
      metered_store_(*store_, meter_),
      metered_verifier_(verifier_, meter_),
      metered_security_(*security_, meter_),
      context_(overlay.context()),
      timers_(driver::system_now().monotonic) {
  (void)value_of(store_->add(signer_->certificate().der, driver::system_now()), "certificate");
  context_.certificates = &metered_store_;
  context_.verifier = &metered_verifier_;
  const node::NodeConfig config = config_of(overlay, index);
  node_ = std::make_unique<node::Node>(
      config,
      node::NodeEnvironment{context_, metered_signer_, metered_security_, *this, *this, *this,
                            timers_, log_, true},
      rng_.fork());
  reactor_ = std::make_unique<driver::Reactor>(*node_, nullptr);
  (void)value_of(reactor_->listen_udp(ports::SocketRole::link, config.link_listen), "link socket");
}

Member::~Member() {
  if (!thread_.joinable()) return;
  reactor_->stop();
  thread_.join();
}

void Member::start() {
  thread_ = std::thread([this] { reactor_->run(); });
  ask([](Now now, node::Node& node) { node.start(now, {}); });
}

std::optional<Expected<sip::Credential>> Member::credential(Now, ports::RequestId,
                                                            const sip::CredentialQuery&,
                                                            sip::CredentialHandler&) {
  return failure(ErrorKind::not_found, "username", "this node has no phones");
}

Duration Cluster::add() {
  members_.push_back(std::make_unique<Member>(overlay_, members_.size(), timed_));
  Member& member = *members_.back();
  const MonotonicTime begun = driver::system_now().monotonic;
  member.start();
  for (;;) {
    const auto phase = member.ask([](Now, node::Node& node) { return node.peer().phase(); });
    const Duration taken = driver::system_now().monotonic - begun;
    if (phase == overlay::Phase::ring || phase == overlay::Phase::mesh) return taken;
    if (taken > patience) give_up("a node has not joined in time");
    std::this_thread::sleep_for(look_again);
  }
}

bool Cluster::settled() {
  std::vector<NodeId> ring;
  for (const auto& member : members_)
    ring.push_back(member->id());
  std::sort(ring.begin(), ring.end());
  for (const auto& member : members_) {
    std::vector<NodeId> successors;
    std::vector<NodeId> predecessors;
    member->ask([&](Now, node::Node& node) {
      node.peer().topology()->successors(successors);
      node.peer().topology()->predecessors(predecessors);
    });
    const auto at = static_cast<std::size_t>(
        std::lower_bound(ring.begin(), ring.end(), member->id()) - ring.begin());
    const topology::Parameters& wanted = overlay_.options().topology;
    const std::size_t others = ring.size() - 1;
    if (successors.size() != std::min<std::size_t>(wanted.successors, others)) return false;
    if (predecessors.size() != std::min<std::size_t>(wanted.predecessors, others)) return false;
    for (std::size_t i = 0; i < successors.size(); ++i) {
      if (successors[i] != ring[(at + 1 + i) % ring.size()]) return false;
    }
    for (std::size_t i = 0; i < predecessors.size(); ++i) {
      if (predecessors[i] != ring[(at + 2 * ring.size() - 1 - i) % ring.size()]) return false;
    }
  }
  return true;
}

void Cluster::settle(Duration limit) {
  const MonotonicTime begun = driver::system_now().monotonic;
  while (!settled()) {
    if (driver::system_now().monotonic - begun > limit) give_up("the ring has not settled in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

CryptoAccount Cluster::crypto() const {
  CryptoAccount total;
  for (const auto& member : members_)
    total += member->crypto();
  return total;
}

double Cluster::links_per_node() {
  std::size_t links = 0;
  for (const auto& member : members_)
    links += member->ask([](Now, node::Node& node) { return node.peer().sizes().links; });
  return static_cast<double>(links) / static_cast<double>(members_.size());
}

}  // namespace chordial::bench
