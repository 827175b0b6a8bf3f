#include "overlay/replication.h"

#include <algorithm>

#include "overlay/core.h"

namespace chordial::overlay {

namespace {

constexpr RingPosition one{0, 1};

}  // namespace

Replication::Job* Replication::find(std::uint64_t reference) {
  const auto at = std::find_if(jobs_.begin(), jobs_.end(),
                               [&](const Job& job) { return job.reference == reference; });
  return at == jobs_.end() ? nullptr : &*at;
}

void Replication::add(Now now, Job job) {
  if (core_.storage().resources() == 0 && job.work != Work::admit) return;
  // The same work anew goes over the stretches of both.
  for (Job& other : jobs_) {
    if (other.work != job.work || other.node != job.node || job.work == Work::admit) continue;
    if (other.begun || other.after != job.after || other.until != job.until) {
      other.after = other.until = core_.self().position;
    }
    other.begun = other.walked = false;
    return;
  }
  if (jobs_.size() >= jobs_max) return;  // the sweep repairs what is left undone
  job.reference = core_.next_reference();
  jobs_.push_back(job);
  if (next_sweep_ == never) next_sweep_ = now.monotonic + sweep_interval;
}

void Replication::admit(Now now, const NodeId& joining) {
  Job job;
  job.work = Work::admit;
  job.node = joining;
  job.after = core_.self().position;
  job.until = joining.position;
  if (jobs_.size() >= jobs_max) return;  // it asks again
  add(now, job);
  pump(now);
}

void Replication::to_all_replicas(Now now, RingPosition after, RingPosition until) {
  std::vector<NodeId> nodes;
  core_.plugin()->replica_set(nodes);
  std::uint8_t number = 0;
  for (const NodeId& node : nodes) {
    Job job;
    job.work = Work::replicate;
    job.node = node;
    job.replica_number = ++number;
    job.after = after;
    job.until = until;
    add(now, job);
  }
}

void Replication::replicate(Now now, const ResourceId& resource) {
  to_all_replicas(now, resource.position - one, resource.position);
  pump(now);
}

void Replication::hand_to_successor(Now now) {
  std::vector<NodeId> nodes;
  core_.plugin()->replica_set(nodes);
  if (nodes.empty()) return;
  Job job;
  job.work = Work::replicate;
  job.node = nodes.front();
  job.after = job.until = core_.self().position;
  add(now, job);
  pump(now);
}

void Replication::on_responsibility_changed(Now now) {
  std::vector<NodeId> nodes;
  core_.plugin()->predecessors(nodes);
  const std::optional<NodeId> before = predecessor_;
  predecessor_ = nodes.empty() ? std::nullopt : std::optional(nodes.front());
  if (before == predecessor_) return;
  const RingPosition self = core_.self().position;
  if (!predecessor_) {
    to_all_replicas(now, self, self);
  } else if (!before || in_open(before->position, predecessor_->position, self)) {
    // The stretch that is another's now; all that is not ours where it is not known how it was.
    Job job;
    job.work = Work::hand_over;
    job.after = before ? before->position : self;
    job.until = predecessor_->position;
    add(now, job);
  } else {
    to_all_replicas(now, predecessor_->position, before->position);
  }
  pump(now);
}

void Replication::on_replica_set_changed(Now now) {
  std::vector<NodeId> nodes;
  core_.plugin()->replica_set(nodes);
  std::uint8_t number = 0;
  for (const NodeId& node : nodes) {
    ++number;
    if (std::find(replicas_.begin(), replicas_.end(), node) != replicas_.end()) continue;
    Job job;
    job.work = Work::replicate;
    job.node = node;
    job.replica_number = number;
    job.after = job.until = core_.self().position;
    add(now, job);
  }
  replicas_ = std::move(nodes);
  pump(now);
}

bool Replication::concerns(Now now, const Job& job, const ResourceId& resource) const {
  const topology::Plugin& plugin = *core_.plugin();
  switch (job.work) {
    case Work::admit:
      return true;
    case Work::replicate:
      return plugin.responsible(resource.position);
    case Work::hand_over: {
      if (plugin.responsible(resource.position)) return false;
      const topology::NextHop hop = plugin.next_hop(resource.position);
      // §10.7.3: not to who is known to have it.
      return !(hop.kind == topology::NextHop::Kind::node && admitted_ == hop.node &&
               now.monotonic < admitted_until_);
    }
  }
  return false;
}

// Sending may end a link, and that may add jobs: a job is looked up again after every request.
bool Replication::send(Now now, std::uint64_t reference, const ResourceId& resource) {
  const Job job = *find(reference);
  const std::vector<storage::Transfer> transfers = core_.storage().transfers(
      now, resource, job.replica_number, core_.context().max_message_bytes / 2);
  const wire::Destination destination[] = {job.work == Work::hand_over
                                               ? wire::Destination::of(resource)
                                               : wire::Destination::of(job.node)};
  for (const storage::Transfer& transfer : transfers) {
    transport::Outgoing request;
    request.destinations = destination;
    request.code = wire::MessageCode::store_req;
    request.body = transfer.body;
    request.certificates = transfer.signers;
    const std::uint64_t number = core_.next_reference();
    request.purpose = purpose(What::transfer, number);
    sent_.push_back({number, reference, resource});
    ++find(reference)->outstanding;
    if (core_.transport().request(now, request)) continue;
    std::erase_if(sent_, [number](const Sent& sent) { return sent.reference == number; });
    --find(reference)->outstanding;
    return false;
  }
  return true;
}

// One resource further. False when there is nothing to do for now.
bool Replication::advance(Now now, std::uint64_t reference) {
  Job& job = *find(reference);
  if (job.walked || sent_.size() >= stores_at_once_max) return false;
  std::vector<ResourceId> next;
  if (!job.begun || job.after != job.until) {
    core_.storage().resources_in(job.after, job.until, 1, next);
  }
  job.begun = true;
  if (next.empty()) {
    job.walked = true;
    return false;
  }
  const ResourceId resource = next.front();
  const bool concerned = concerns(now, job, resource);
  if (!concerned && job.work == Work::hand_over) let_go(resource);
  if (concerned && !send(now, reference, resource)) return false;
  find(reference)->after = resource.position;
  return true;
}

void Replication::pump(Now now) {
  if (pumping_ || core_.plugin() == nullptr) return;
  pumping_ = true;
  for (std::size_t i = 0; i < jobs_.size();) {
    const std::uint64_t reference = jobs_[i].reference;
    while (advance(now, reference)) {}
    if (!jobs_[i].walked || jobs_[i].outstanding > 0) {
      ++i;
      continue;
    }
    const Job job = jobs_[i];
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
    finish(now, job);
  }
  if (jobs_.empty()) jobs_.shrink_to_fit();
  if (sent_.empty()) sent_.shrink_to_fit();
  pumping_ = false;
}

void Replication::finish(Now now, const Job& job) {
  if (job.work != Work::admit) return;
  admitted_ = job.node;
  admitted_until_ = now.monotonic + admission_memory;
  core_.with_plugin(now, [&](topology::Plugin& plugin, topology::Intents& intents) {
    plugin.on_join_transferred(now, job.node, intents);
  });
}

// §10.7.3: what this peer shall not keep any more.
void Replication::let_go(const ResourceId& resource) {
  if (core_.plugin()->keeps(resource.position)) return;
  auto writes = core_.storage().remove(resource);
  if (!writes.empty()) core_.persist(std::move(writes), true);
}

void Replication::on_outcome(Now now, std::uint64_t reference, const transport::Failed* failed) {
  const auto at = std::find_if(sent_.begin(), sent_.end(),
                               [&](const Sent& sent) { return sent.reference == reference; });
  if (at == sent_.end()) return;
  const Sent sent = *at;
  sent_.erase(at);
  Job* job = find(sent.job);
  const Work work = job != nullptr ? job->work : Work::replicate;
  if (job != nullptr) --job->outstanding;
  if (failed != nullptr && (failed->code == wire::ErrorCode::data_too_old ||
                            failed->code == wire::ErrorCode::generation_counter_too_low)) {
    fetch_newer(now, sent.resource, failed->from);
  } else if (work == Work::hand_over && failed == nullptr) {
    let_go(sent.resource);
  } else if (failed != nullptr && failed->code != wire::ErrorCode::data_too_large) {
    // A replica that has not yet noticed the same deaths as this peer refuses; it will not later.
    next_sweep_ = std::min(next_sweep_, now.monotonic + jittered(repair_interval));
  }
  pump(now);
}

void Replication::fetch_newer(Now now, const ResourceId& resource, const NodeId& from) {
  if (newer_.size() >= stores_at_once_max) return;
  std::vector<wire::StoredDataSpecifier> specifiers;
  for (const storage::Transfer& transfer :
       core_.storage().transfers(now, resource, 1, core_.context().max_message_bytes)) {
    const auto store = wire::parse_value<wire::StoreReq>(transfer.body);
    if (!store) continue;
    for (const wire::StoreKindData& data : store->kind_data) {
      wire::StoredDataSpecifier specifier;
      specifier.kind = data.kind;
      const bool there = std::any_of(
          specifiers.begin(), specifiers.end(),
          [&](const wire::StoredDataSpecifier& other) { return other.kind == data.kind; });
      if (!there) specifiers.push_back(specifier);
    }
  }
  if (specifiers.empty()) return;
  // All indices, all keys.
  static const wire::ArrayRange everything[] = {{0, wire::array_end}};
  const Bytes indices = wire::encode_specifier(
      wire::List<wire::ArrayRange>(std::span<const wire::ArrayRange>(everything)));
  const Bytes keys = wire::encode_specifier(wire::List<wire::DictionaryKey>());
  for (wire::StoredDataSpecifier& specifier : specifiers) {
    const auto model = core_.context().kinds->model(specifier.kind);
    if (model == wire::DataModel::array) specifier.model_specifier = indices;
    if (model == wire::DataModel::dictionary) specifier.model_specifier = keys;
  }
  const Bytes body = wire::body_of(wire::FetchReq{wire::WireResourceId(resource), specifiers});
  const wire::Destination destination[] = {wire::Destination::of(from)};
  transport::Outgoing request;
  request.destinations = destination;
  request.code = wire::MessageCode::fetch_req;
  request.body = body;
  const std::uint64_t reference = core_.next_reference();
  request.purpose = purpose(What::newer_values, reference);
  if (core_.transport().request(now, request)) newer_.push_back({reference, resource});
}

void Replication::on_newer_values(Now now, std::uint64_t reference,
                                  const transport::Answer& answer) {
  const auto at = std::find_if(newer_.begin(), newer_.end(),
                               [&](const Newer& newer) { return newer.reference == reference; });
  if (at == newer_.end()) return;
  const ResourceId resource = at->resource;
  newer_.erase(at);
  const auto fetched = wire::parse_body<wire::FetchAns>(answer.contents);
  if (!fetched) return;
  const crypto::Certificate* const candidates[] = {&answer.signer};
  storage::StoreOutcome outcome =
      core_.storage().merge(now, resource, *fetched, storage::Certificates(candidates));
  if (!outcome.writes.empty()) core_.persist(std::move(outcome.writes), true);
  if (outcome.changed && core_.plugin()->responsible(resource.position)) replicate(now, resource);
}

void Replication::on_no_newer_values(std::uint64_t reference) {
  std::erase_if(newer_, [&](const Newer& newer) { return newer.reference == reference; });
}

Duration Replication::jittered(Duration around) const {
  const double factor = 0.75 + 0.5 * core_.environment().rng.fraction();
  return Duration(static_cast<std::int64_t>(static_cast<double>(around.count()) * factor));
}

void Replication::on_timer(Now now) {
  if (next_sweep_ > now.monotonic) return;
  next_sweep_ = never;
  if (core_.storage().resources() == 0) return;
  next_sweep_ = now.monotonic + jittered(sweep_interval);
  const RingPosition self = core_.self().position;
  to_all_replicas(now, self, self);
  // What this peer neither answers for nor holds a copy of.
  std::vector<ResourceId> all;
  core_.storage().resources_in(self, self, core_.storage().resources(), all);
  for (const ResourceId& resource : all) {
    if (core_.plugin()->keeps(resource.position)) continue;
    Job job;
    job.work = Work::hand_over;
    job.after = job.until = self;
    add(now, job);
    break;
  }
  pump(now);
}

std::size_t Replication::memory_bytes() const {
  return jobs_.capacity() * sizeof(Job) + sent_.capacity() * sizeof(Sent) +
         newer_.capacity() * sizeof(Newer) + replicas_.capacity() * sizeof(NodeId);
}

}  // namespace chordial::overlay
