#include "overlay/core.h"

#include <algorithm>

namespace chordial::overlay {

namespace {

constexpr Duration hand_over_limit{3'000'000};
constexpr Duration goodbye_limit{1'500'000};
constexpr unsigned settle_rounds_max = 8;

}  // namespace

Core::Core(const SharedContext& context, const PeerOptions& options,
           std::unique_ptr<topology::Plugin> plugin, const PeerEnvironment& environment)
    : context_(&context),
      environment_(environment),
      role_(options.role),
      first_(options.first),
      judges_{context.kinds, context.certificates, context.verifier},
      plugin_(std::move(plugin)),
      forwarder_(rules_, connections_, *this, environment.links, transport_),
      transport_(settings_, forwarder_, connections_, environment.signer, environment.timers,
                 environment.rng, *this),
      storage_(judges_, context.storage_limits, environment.timers, *this),
      runner_(*this),
      attachments_(*this),
      bootstrap_(*this, options.bootstrap),
      upkeep_(*this),
      stores_(*this),
      replication_(*this),
      usages_(*this),
      app_attachments_(*this),
      documents_(*this),
      timer_(*this, 0) {
  rules_.self = settings_.self = options.self;
  rules_.routes = role_ == Role::peer;
  use(context);
}

void Core::use(const SharedContext& context) {
  context_ = &context;
  rules_.overlay_hash = settings_.overlay_hash = context.overlay_hash;
  rules_.initial_ttl = settings_.initial_ttl = context.initial_ttl;
  rules_.max_message_bytes = settings_.max_message_bytes = context.max_message_bytes;
  settings_.sequence = context.sequence;
  settings_.tunnel_extension = context.tunnel_extension;
  settings_.reliability_timer = context.reliability_timer;
  settings_.certificates = context.certificates;
  settings_.verifier = context.verifier;
  judges_ = {context.kinds, context.certificates, context.verifier};
}

void Core::restore(Now now, const std::vector<ports::PersistedRecord>& records) {
  std::vector<ports::PersistWrite> useless;
  for (const ports::PersistedRecord& record : records) {
    if (record.space != ports::PersistSpace::stored_resources) continue;  // not ours to judge
    if (auto deletion = storage_.restore(now, record)) useless.push_back(std::move(*deletion));
  }
  if (!useless.empty()) persist(std::move(useless), true);
}

void Core::start(Now now) {
  if (life_ != Life::new_born) return;
  life_ = Life::started;
  started_at_ = now.monotonic;
  bootstrap_.start(now);
  settle(now);
}

void Core::adopt(Now now, const SharedContext& context) {
  const bool other = context.sequence != context_->sequence;
  use(context);
  auto writes = storage_.adopt(now, judges_);
  if (!writes.empty()) persist(std::move(writes), true);
  if (other) documents_.on_adopted(now);
  settle(now);
}

void Core::leave(Now now) {
  if (life_ == Life::new_born) life_ = Life::stopped;
  if (life_ != Life::started) return;
  life_ = Life::handing_over;
  leave_deadline_ = now.monotonic + hand_over_limit;
  bootstrap_.stop();
  if (plugin_) replication_.hand_to_successor(now);
  leave_step(now);
  settle(now);
}

void Core::leave_step(Now now) {
  const bool late = leave_deadline_ <= now.monotonic;
  if (life_ == Life::handing_over && (late || replication_.idle())) {
    life_ = Life::saying_goodbye;
    leave_deadline_ = now.monotonic + goodbye_limit;
    with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
      plugin.start_leaving(now, intents);
    });
  } else if (life_ == Life::saying_goodbye && (late || runner_.pending() == 0)) {
    stop(now);
  }
}

void Core::stop(Now now) {
  life_ = Life::stopped;
  leave_deadline_ = never;
  const std::vector<forwarding::Connection> all = connections_.all();
  for (const forwarding::Connection& connection : all) {
    environment_.links.close(now, connection.link);
    connections_.remove(connection.node);
  }
  for (const ClosingLink& closing : closing_)
    environment_.links.close(now, closing.link);
  closing_.clear();
}

bool Core::handle_completion(Now now, const ports::PersistCompletion& completion) {
  const bool ours = stores_.on_persisted(now, completion);
  if (ours) settle(now);
  return ours;
}

ports::RequestId Core::persist(std::vector<ports::PersistWrite> writes, bool lazy) {
  const ports::RequestId id = environment_.outbox.next_request_id();
  environment_.outbox.persist({id, std::move(writes), lazy});
  return id;
}

bool Core::has_members() const {
  const auto& all = connections_.all();
  return std::any_of(all.begin(), all.end(),
                     [](const forwarding::Connection& c) { return c.member; });
}

std::uint32_t Core::uptime_s(Now now) const {
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(now.monotonic - started_at_);
  return static_cast<std::uint32_t>(std::max<std::int64_t>(0, up.count()));
}

Phase Core::compute_phase() const {
  switch (life_) {
    case Life::new_born:
    case Life::stopped:
      return Phase::stopped;
    case Life::handing_over:
    case Life::saying_goodbye:
      return Phase::leaving;
    case Life::started:
      break;
  }
  if (role_ == Role::client) {
    if (bootstrap_.client_peer()) return Phase::ring;
    return connections_.empty() ? Phase::isolated : Phase::joining;
  }
  switch (plugin_->phase()) {
    case topology::Phase::idle:
    case topology::Phase::joining:
      return Phase::joining;
    case topology::Phase::leaving:
      return Phase::leaving;
    case topology::Phase::isolated:
      return Phase::isolated;
    case topology::Phase::ring:
      break;
  }
  if (!has_members() && !first_) return Phase::isolated;
  return plugin_->mesh() ? Phase::mesh : Phase::ring;
}

void Core::settle(Now now) {
  latest_ = now;
  if (settling_) return;
  settling_ = true;
  for (unsigned round = 0; round < settle_rounds_max; ++round) {
    bool quiet = true;
    if (plugin_ && plugin_->phase() != plugin_phase_) {
      plugin_phase_ = plugin_->phase();
      if (life_ == Life::started) bootstrap_.on_phase(now);
      quiet = false;
    }
    const Phase phase = compute_phase();
    if (phase != phase_) {
      phase_ = phase;
      note(LogLevel::info, phase_name(phase), self());
      environment_.handler.on_phase_changed(now, phase);
      quiet = false;
    }
    if (neighbours_changed_) {
      neighbours_changed_ = false;
      environment_.handler.on_neighbours_changed(now);
      quiet = false;
    }
    if (quiet) break;
  }
  settling_ = false;
  const MonotonicTime next = next_deadline();
  if (next == never) {
    timer_.cancel();
  } else if (!timer_.armed() || timer_.deadline() != next) {
    environment_.timers.arm(timer_, std::max(next, now.monotonic));
  }
}

MonotonicTime Core::next_deadline() const {
  if (life_ == Life::stopped || life_ == Life::new_born) return usages_.next_timer();
  MonotonicTime next =
      std::min({attachments_.next_timer(), bootstrap_.next_timer(), upkeep_.next_timer(),
                replication_.next_timer(), usages_.next_timer(), app_attachments_.next_timer(),
                leave_deadline_});
  if (plugin_) next = std::min(next, plugin_->next_timer());
  for (const ClosingLink& closing : closing_)
    next = std::min(next, closing.deadline);
  return next;
}

void Core::on_timer(Now now, std::uint32_t) {
  if (life_ == Life::started || life_ == Life::handing_over) {
    if (plugin_ && plugin_->next_timer() <= now.monotonic) {
      with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
        plugin.on_timer(now, intents);
      });
    }
    attachments_.on_timer(now);
    bootstrap_.on_timer(now);
    upkeep_.on_timer(now);
    if (plugin_) replication_.on_timer(now);
  }
  usages_.on_timer(now);
  app_attachments_.on_timer(now);
  if (leave_deadline_ <= now.monotonic) leave_step(now);
  std::vector<link::LinkId> due;
  std::erase_if(closing_, [&](const ClosingLink& closing) {
    if (closing.deadline > now.monotonic) return false;
    due.push_back(closing.link);
    return true;
  });
  for (const link::LinkId link : due)
    environment_.links.close(now, link);
  settle(now);
}

bool Core::responsible_for(const ResourceId& resource) const {
  return plugin_ && plugin_->responsible(resource.position);
}

void Core::on_values_dropped(Now, std::vector<ports::PersistWrite> writes) {
  if (!writes.empty()) persist(std::move(writes), true);
}

Sizes Core::sizes() const {
  Sizes sizes;
  sizes.links = connections_.size();
  sizes.transactions = transport_.transactions();
  sizes.resources = storage_.resources();
  sizes.stored_bytes = storage_.bytes();
  sizes.memory_bytes = sizeof(Peer) + sizeof(Core) - sizeof(storage_) + storage_.memory_bytes() +
                       connections_.memory_bytes() + transport_.memory_bytes() +
                       runner_.memory_bytes() + attachments_.memory_bytes() +
                       bootstrap_.memory_bytes() + stores_.memory_bytes() +
                       replication_.memory_bytes() + usages_.memory_bytes() +
                       app_attachments_.memory_bytes() + closing_.capacity() * sizeof(ClosingLink);
  if (plugin_) sizes.memory_bytes += plugin_->memory_bytes();
  return sizes;
}

void Core::links(std::vector<LinkState>& links) const {
  links.clear();
  for (const forwarding::Connection& connection : connections_.all()) {
    links.push_back(
        {connection.node, environment_.links.info(connection.link), !connection.member});
  }
}

void Core::count(CounterVisitor& visitor) const {
  forwarder_.count(visitor);
  transport_.count(visitor);
  storage_.count(visitor);
  visitor.gauge("overlay_links", connections_.size());
  visitor.gauge("overlay_attaches_pending", attachments_.pending());
  visitor.gauge("overlay_stores_pending", stores_.pending());
  visitor.gauge("overlay_memory_bytes", sizes().memory_bytes);
}

}  // namespace chordial::overlay
