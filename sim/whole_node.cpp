#include "sim/whole_node.h"

#include "sim/phone.h"

namespace chordial::sim {

namespace {

constexpr std::uint16_t application_port = 6085;

node::NodeConfig config_of(const World& world, NodeIndex index,
                           std::vector<SocketAddress> bootstrap, bool first) {
  node::NodeConfig config;
  config.overlay = world.overlay_name;
  config.bootstrap = std::move(bootstrap);
  config.first = first;
  config.link_listen = address_of(index);
  config.application_listen = application_address(index);
  config.sip_udp = {sip_address(index)};
  return config;
}

ports::StreamClosed refused(ports::StreamId id) {
  return {id, {ErrorKind::unavailable, "stream", 0, "nobody listens"}};
}

}  // namespace

SocketAddress application_address(NodeIndex node) {
  return {address_of(node).ip, application_port};
}

WholeNode::WholeNode(Now now, const WholeNodeEnvironment& environment, NodeIndex index, Rng rng,
                     std::vector<SocketAddress> bootstrap, bool first)
    : environment_(environment),
      index_(index),
      first_(environment.world.first_user(index)),
      security_rng_(rng.fork()),
      security_(environment.world.authority, environment.signer, environment.verifier,
                environment.certificates, security_rng_),
      timers_(now.monotonic),
      timer_(*this, 0) {
  const World& world = environment_.world;
  for (UserIndex user = first_; user < world.first_user(index + 1); ++user)
    signers_.emplace_back(world.authority, *world.user_certificates[user], environment_.cost);
  node_ = std::make_unique<node::Node>(
      config_of(world, index, std::move(bootstrap), first),
      node::NodeEnvironment{environment_.context, environment_.signer, security_, *this, *this,
                            *this, timers_, environment_.log, true},
      rng.fork());
}

WholeNode::~WholeNode() = default;

void WholeNode::start(Now now, const std::vector<ports::PersistedRecord>& records) {
  node_->start(now, records);
  drain(now);
}

void WholeNode::handle_datagram(Now now, const ports::Datagram& datagram) {
  node_->handle_datagram(now, datagram);
  drain(now);
}

void WholeNode::handle_completion(Now now, const ports::PersistCompletion& completion) {
  node_->handle_completion(now, completion);
  drain(now);
}

void WholeNode::on_timer(Now now, std::uint32_t) {
  node_->handle_timeout(now);
  drain(now);
}

void WholeNode::drain(Now now) {
  for (bool again = true; again;) {
    again = false;
    ports::Datagram datagram;
    while (node_->poll_transmit(datagram))
      environment_.surroundings.transmit(now, datagram);
    while (auto request = node_->poll_persist())
      environment_.surroundings.persist(std::move(*request));
    while (const auto request = node_->poll_stream()) {
      // Phones here speak UDP alone: nobody listens.
      const auto* connect = std::get_if<ports::StreamConnect>(&*request);
      if (connect == nullptr) continue;
      node_->handle_stream(now, refused(connect->id));
      again = true;
    }
  }
  const MonotonicTime next = node_->poll_timeout();
  if (next == never) {
    timer_.cancel();
  } else if (!timer_.armed() || timer_.deadline() != next) {
    environment_.timers.arm(timer_, next);
  }
  environment_.surroundings.on_node_moved(now);
}

crypto::Signer* WholeNode::signer_of(std::string_view aor) {
  for (std::size_t i = 0; i < signers_.size(); ++i) {
    if (environment_.world.aor_of(first_ + static_cast<UserIndex>(i)) == aor) return &signers_[i];
  }
  return nullptr;
}

std::optional<Expected<sip::Credential>> WholeNode::credential(Now, ports::RequestId,
                                                               const sip::CredentialQuery& query,
                                                               sip::CredentialHandler&) {
  const World& world = environment_.world;
  const std::string aor = query.username + "@" + query.realm;
  for (UserIndex user = first_; user < world.first_user(index_ + 1); ++user) {
    if (world.aor_of(user) != aor) continue;
    return sip::Credential{
        sip::digest_ha1(query.algorithm, query.username, query.realm, world.password_of(user)),
        aor};
  }
  return failure(ErrorKind::not_found, "username", "no user of this node");
}

Expected<void> WholeNode::on_configuration(Now, ByteView) {
  return failure(ErrorKind::conflict, "document", "a simulated overlay has one document");
}

Expected<void> WholeNode::on_kinds(Now, const std::vector<ByteView>&) {
  return failure(ErrorKind::unsupported, "kinds", "a simulated overlay has all it needs");
}

}  // namespace chordial::sim
