#include "overlay/peer.h"

#include "overlay/core.h"

namespace chordial::overlay {

namespace {

constexpr Duration refusal_note_interval{1'000'000};

}  // namespace

const char* phase_name(Phase phase) {
  switch (phase) {
    case Phase::stopped:
      return "stopped";
    case Phase::isolated:
      return "isolated";
    case Phase::joining:
      return "joining";
    case Phase::ring:
      return "ring";
    case Phase::mesh:
      return "mesh";
    case Phase::leaving:
      return "leaving";
  }
  return "";
}

Peer::Peer(const SharedContext& context, const PeerOptions& options,
           std::unique_ptr<topology::Plugin> plugin, const PeerEnvironment& environment)
    : core_(std::make_unique<Core>(context, options, std::move(plugin), environment)) {
}

Peer::~Peer() = default;

void Peer::restore(Now now, const std::vector<ports::PersistedRecord>& records) {
  core_->restore(now, records);
}
void Peer::assume_link(Now now, link::LinkId link, const NodeId& member, bool initiated) {
  core_->assume_link(now, link, member, initiated);
}
void Peer::start(Now now) {
  core_->start(now);
}
void Peer::join_through(Now now, const NodeId& member) {
  core_->bootstrap().join_through(now, member);
  core_->settle(now);
}
void Peer::set_bootstrap(Now now, std::vector<SocketAddress> addresses) {
  core_->bootstrap().set_addresses(now, std::move(addresses));
  core_->settle(now);
}
void Peer::leave(Now now) {
  core_->leave(now);
}
void Peer::adopt(Now now, const SharedContext& context) {
  core_->adopt(now, context);
}
bool Peer::handle_completion(Now now, const ports::PersistCompletion& completion) {
  return core_->handle_completion(now, completion);
}

void Peer::on_link_up(Now now, link::LinkId link, const NodeId& peer, const crypto::Certificate&) {
  core_->on_link_up(now, link, peer);
}
void Peer::on_link_message(Now now, link::LinkId link, ByteView message) {
  core_->on_link_message(now, link, message);
}
void Peer::on_link_down(Now now, link::LinkId link, const Error& why) {
  core_->on_link_down(now, link, why);
}

// A certificate that one side did not take is for the operator to mend: a wrong authority, a
// validity that ran out, a node shut out. Who knocks again and again must not fill the log.
void Peer::on_handshake_failed(Now now, const SocketAddress& remote, bool passive,
                               const Error& why) {
  const bool refused = why.kind == ErrorKind::unauthentic || why.kind == ErrorKind::expired ||
                       why.kind == ErrorKind::forbidden;
  Log& log = core_->environment().log;
  if (!refused || !log.enabled(LogLevel::warning)) return;
  if (refusal_noted_ != MonotonicTime{} && now.monotonic - refusal_noted_ < refusal_note_interval) {
    return;
  }
  refusal_noted_ = now.monotonic;
  log.write({LogLevel::warning,
             "overlay",
             "link_refused",
             {{"remote", remote},
              {"begun_by", std::string_view(passive ? "remote" : "us")},
              {"why", why}}});
}

RequestId Peer::store(Now now, const Store& request, crypto::Signer* signer, UsageHandler& usage) {
  return core_->usages().store(now, request, signer, usage);
}
RequestId Peer::fetch(Now now, const Fetch& request, UsageHandler& usage) {
  return core_->usages().fetch(now, request, usage);
}
RequestId Peer::stat(Now now, const Fetch& request, UsageHandler& usage) {
  return core_->usages().stat(now, request, usage);
}
RequestId Peer::find(Now now, const ResourceId& near, std::uint32_t kind, UsageHandler& usage) {
  return core_->usages().find(now, near, kind, usage);
}
RequestId Peer::ping(Now now, const Target& target, UsageHandler& usage) {
  return core_->usages().ping(now, target, usage);
}
RequestId Peer::send_tunnel(Now now, const Target& target, ByteView sip, crypto::Signer* signer,
                            UsageHandler& usage) {
  return core_->usages().send_tunnel(now, target, sip, signer, usage);
}
RequestId Peer::app_attach(Now now, const NodeId& node, const AppAttach& offer,
                           UsageHandler& usage) {
  return core_->usages().app_attach(now, node, offer, usage);
}
RequestId Peer::route_query(Now now, const Target& target, RingPosition position,
                            UsageHandler& usage) {
  return core_->usages().route_query(now, target, position, usage);
}
void Peer::cancel(RequestId id) {
  core_->usages().cancel(id);
}
void Peer::answer_app_attach(Now now, AppAttachId id, const Expected<AppAttach>& answer) {
  core_->app_attachments().answer(now, id, answer);
  core_->settle(now);
}

const NodeId& Peer::self() const {
  return core_->self();
}
Role Peer::role() const {
  return core_->role();
}
Phase Peer::phase() const {
  return core_->phase();
}
const SharedContext& Peer::context() const {
  return core_->context();
}
const topology::Plugin* Peer::topology() const {
  return core_->plugin();
}
bool Peer::linked(const NodeId& node) const {
  return core_->connections().find(node) != nullptr;
}
BootstrapState Peer::bootstrap_state() const {
  return core_->bootstrap().state();
}
void Peer::links(std::vector<LinkState>& links) const {
  core_->links(links);
}
Sizes Peer::sizes() const {
  return core_->sizes();
}
bool Peer::holds(const ResourceId& resource) const {
  return core_->holds(resource);
}
void Peer::count(CounterVisitor& visitor) const {
  core_->count(visitor);
}

}  // namespace chordial::overlay
