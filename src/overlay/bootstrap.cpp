#include "overlay/bootstrap.h"

#include <algorithm>

#include "overlay/core.h"
#include "wire/topology_messages.h"

namespace chordial::overlay {

namespace {

bool is_member(const wire::MessageContents& probed) {
  const auto probe = wire::parse_body<wire::ProbeAns>(probed);
  if (!probe) return false;
  for (const wire::ProbeInformation& information : probe->probe_info) {
    if (information.type == wire::ProbeInformationType::responsible_set) {
      return information.value > 0;
    }
  }
  return true;  // it does not say
}

}  // namespace

Bootstrap::Bootstrap(Core& core, std::vector<SocketAddress> addresses)
    : core_(core), addresses_(std::move(addresses)) {
  if (addresses_.size() > bootstrap_max) addresses_.resize(bootstrap_max);
}

Duration Bootstrap::jittered(Duration around) const {
  const double factor = 0.5 + core_.environment().rng.fraction();
  return Duration(static_cast<std::int64_t>(static_cast<double>(around.count()) * factor));
}

// The more peers look, the less often each has to: what a bootstrap node hears stays the same.
Duration Bootstrap::check_interval() const {
  const double size = core_.plugin()->overlay_size_estimate();
  const double seconds = std::max(
      60.0, core_.context().topology.update_interval_s * std::clamp(size / 256, 1.0, 1000.0));
  return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

void Bootstrap::start(Now now) {
  if (need() == Need::check) {  // a member already
    deadline_ = now.monotonic + jittered(check_interval());
  } else {
    act(now);
  }
}

void Bootstrap::stop() {
  deadline_ = never;
  attempts_.clear();
  contacts_.clear();
}

void Bootstrap::set_addresses(Now now, std::vector<SocketAddress> addresses) {
  addresses_ = std::move(addresses);
  if (addresses_.size() > bootstrap_max) addresses_.resize(bootstrap_max);
  tried_ = 0;
  if (core_.phase() == Phase::stopped) return;
  if (need() == Need::member || need() == Need::merge) deadline_ = now.monotonic;
}

void Bootstrap::join_through(Now now, const NodeId& member) {
  if (core_.connections().find(member) != nullptr) ask(now, member);
}

Bootstrap::Need Bootstrap::need() const {
  if (core_.role() == Role::client) return client_peer_ ? Need::none : Need::member;
  switch (core_.plugin()->phase()) {
    case topology::Phase::idle:
    case topology::Phase::isolated:
      return Need::member;
    case topology::Phase::ring:
      return core_.has_members() ? Need::check : Need::merge;
    default:
      return Need::none;
  }
}

void Bootstrap::act(Now now) {
  switch (need()) {
    case Need::none:
      deadline_ = never;
      if (core_.role() != Role::client) return;
      // Is it still the right peer?
      deadline_ = now.monotonic + jittered(client_check_interval);
      if (client_peer_ && !client_attaching_) contacted(now, *client_peer_);
      return;
    case Need::member:
    case Need::merge:
      if (core_.role() == Role::client && !client_attaching_ && !core_.connections().empty()) {
        // Another peer still knows the way to the one that is responsible.
        const auto& all = core_.connections().all();
        deadline_ = now.monotonic + jittered(round_interval_first);
        return contacted(now, all[core_.environment().rng.below(all.size())].node);
      }
      if (try_next(now)) {
        deadline_ = now.monotonic + attempt_interval;
      } else if (trying()) {
        deadline_ = now.monotonic + attempt_interval / 2;
      } else {
        end_round(now);
      }
      return;
    case Need::check:
      deadline_ = now.monotonic + jittered(check_interval());
      if (!addresses_.empty() && !trying()) {
        (void)try_address(now, addresses_[core_.environment().rng.below(addresses_.size())]);
      }
      return;
  }
}

bool Bootstrap::try_next(Now now) {
  if (tried_ == 0 && !addresses_.empty()) {
    offset_ = static_cast<std::uint16_t>(core_.environment().rng.below(addresses_.size()));
  }
  while (tried_ < addresses_.size()) {
    const SocketAddress address = addresses_[(offset_ + tried_) % addresses_.size()];
    ++tried_;
    if (try_address(now, address)) return true;
  }
  return false;
}

bool Bootstrap::try_address(Now now, const SocketAddress& address) {
  for (const forwarding::Connection& connection : core_.connections().all()) {
    if (core_.environment().links.info(connection.link).remote != address) continue;
    ask(now, connection.node);
    return true;
  }
  const auto link = core_.environment().links.connect(now, address, std::nullopt);
  if (!link) {
    note_failed(address, link.error());
    return false;
  }
  attempts_.push_back({*link, address, now.monotonic + handshake_limit});
  return true;
}

SocketAddress Bootstrap::address_of(const NodeId& node) const {
  const forwarding::Connection* connection = core_.connections().find(node);
  return connection == nullptr ? SocketAddress{}
                               : core_.environment().links.info(connection->link).remote;
}

void Bootstrap::note_failed(const SocketAddress& address, const Error& why) {
  failed_ = address;
  why_ = why;
  Log& log = core_.environment().log;
  if (!log.enabled(LogLevel::info)) return;
  log.write({LogLevel::info, "overlay", "bootstrap_failed", {{"address", address}, {"why", why}}});
}

void Bootstrap::on_join_failed(const NodeId& admitting, const Error& why) {
  note_failed(address_of(admitting), why);
}

void Bootstrap::end_round(Now now) {
  tried_ = 0;
  const Duration pause =
      std::min(round_interval_first * (1 << std::min<unsigned>(round_, 6)), round_interval_max);
  if (round_ < 255) ++round_;
  deadline_ = addresses_.empty() ? never : now.monotonic + jittered(pause);
  // Nobody there. §6.4.2.1: an ordinary node shall not take the whole overlay for its own. It does
  // so here for itself alone, so that what is behind it is served while the way out is down: as
  // long as no other member is linked its phase is `isolated`, and it goes on looking.
  if (core_.role() == Role::peer && core_.plugin()->phase() == topology::Phase::idle) {
    core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
      plugin.start_first(now, intents);
    });
  }
}

bool Bootstrap::connecting(link::LinkId link) const {
  return std::any_of(attempts_.begin(), attempts_.end(),
                     [link](const Attempt& a) { return a.link == link; });
}

bool Bootstrap::uses(const NodeId& node) const {
  return client_peer_ == node || std::any_of(contacts_.begin(), contacts_.end(),
                                             [&](const Contact& c) { return c.node == node; });
}

void Bootstrap::on_link_up(Now now, link::LinkId link, const NodeId& node) {
  if (std::erase_if(attempts_, [link](const Attempt& a) { return a.link == link; }) == 0) return;
  if (forwarding::Connection* connection = core_.connections().find(node)) {
    if (connection->link == link) connection->bootstrap = true;
    ask(now, node);
  }
}

void Bootstrap::ask(Now now, const NodeId& node) {
  if (uses(node) && client_peer_ != node) return;
  const wire::Destination destination[] = {wire::Destination::of(wildcard_node_id)};
  const wire::ProbeInformationType asked[] = {wire::ProbeInformationType::responsible_set};
  const Bytes body =
      wire::body_of(wire::ProbeReq{std::span<const wire::ProbeInformationType>(asked)});
  const std::uint64_t reference = core_.next_reference();
  transport::Outgoing probe;
  probe.destinations = destination;
  probe.code = wire::MessageCode::probe_req;
  probe.body = body;
  probe.first_hop = node;
  probe.adjacent = true;
  probe.purpose = purpose(What::first_contact, reference);
  contacts_.push_back({reference, node});
  if (!core_.transport().request(now, probe)) {
    std::erase_if(contacts_, [&](const Contact& c) { return c.reference == reference; });
  }
}

void Bootstrap::on_first_contact(Now now, std::uint64_t reference,
                                 const transport::Answer* answer) {
  const auto at = std::find_if(contacts_.begin(), contacts_.end(),
                               [&](const Contact& c) { return c.reference == reference; });
  if (at == contacts_.end()) return;
  const NodeId node = at->node;
  contacts_.erase(at);
  if (answer != nullptr && is_member(answer->contents)) return contacted(now, node);
  note_failed(address_of(node),
              answer != nullptr
                  ? Error{ErrorKind::unavailable, "node", 0, "is no member of the overlay itself"}
                  : Error{ErrorKind::unavailable, "node", 0, "does not answer over its link"});
  // Two that look for the overlay have found each other: nobody to join.
  if (need() == Need::member || need() == Need::merge) deadline_ = now.monotonic;
}

void Bootstrap::contacted(Now now, const NodeId& node) {
  const Need why = need();
  if (why == Need::member || why == Need::merge) entry_ = address_of(node);
  if (core_.role() == Role::client) {
    if (client_attaching_) return;
    client_attaching_ = true;
    return core_.attachments().start_for_client(now, node);
  }
  core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    if (why == Need::member) plugin.start_joining(now, node, intents);
    if (why == Need::merge || why == Need::check) plugin.check_partition(now, node, intents);
  });
  if (why == Need::merge) deadline_ = now.monotonic + jittered(round_interval_first);
}

void Bootstrap::on_client_attached(Now now, const NodeId* linked) {
  client_attaching_ = false;
  if (linked == nullptr) {
    deadline_ = std::min(deadline_, now.monotonic + jittered(round_interval_first));
    return;
  }
  client_peer_ = *linked;
  round_ = 0;
  tried_ = 0;
  deadline_ = now.monotonic + jittered(client_check_interval);
}

void Bootstrap::on_client_updated(Now now) {
  if (client_peer_) deadline_ = std::min(deadline_, now.monotonic + jittered(attempt_interval));
}

void Bootstrap::on_link_lost(Now now, const NodeId& node) {
  if (client_peer_ != node) return;
  client_peer_.reset();
  deadline_ = now.monotonic + jittered(attempt_interval / 4);
}

void Bootstrap::on_phase(Now now) {
  if (core_.role() == Role::client) return;
  switch (core_.plugin()->phase()) {
    case topology::Phase::idle:
    case topology::Phase::isolated:
      tried_ = 0;
      deadline_ = std::min(deadline_, now.monotonic + jittered(attempt_interval));
      return;
    case topology::Phase::ring:
      if (!core_.has_members()) return;  // alone: end_round has set the time of the next round
      round_ = 0;
      tried_ = 0;
      deadline_ = now.monotonic + jittered(check_interval());
      return;
    default:
      return;
  }
}

void Bootstrap::on_handshake_failed(Now now, link::LinkId link, const Error& why) {
  const auto at = std::find_if(attempts_.begin(), attempts_.end(),
                               [link](const Attempt& a) { return a.link == link; });
  if (at == attempts_.end()) return;
  const SocketAddress address = at->address;
  attempts_.erase(at);
  note_failed(address, why);
  if (need() == Need::member || need() == Need::merge) deadline_ = now.monotonic;
}

void Bootstrap::on_timer(Now now) {
  std::vector<link::LinkId> late;
  for (const Attempt& attempt : attempts_) {
    if (attempt.deadline <= now.monotonic) late.push_back(attempt.link);
  }
  for (const link::LinkId link : late) {
    core_.environment().links.close(now, link);
    on_handshake_failed(now, link, {ErrorKind::unavailable, "address", 0, "nobody answers there"});
  }
  if (deadline_ <= now.monotonic) act(now);
}

MonotonicTime Bootstrap::next_timer() const {
  MonotonicTime next = deadline_;
  for (const Attempt& attempt : attempts_)
    next = std::min(next, attempt.deadline);
  return next;
}

std::size_t Bootstrap::memory_bytes() const {
  return addresses_.capacity() * sizeof(SocketAddress) + attempts_.capacity() * sizeof(Attempt) +
         contacts_.capacity() * sizeof(Contact);
}

}  // namespace chordial::overlay
