#include "overlay/store_service.h"

#include <algorithm>

#include "overlay/core.h"

namespace chordial::overlay {

void StoreService::give(Now now, const transport::ReplyTo& reply, const storage::Answer& answer) {
  if (answer.ok()) {
    core_.transport().answer(now, reply, answer.body, answer.signers);
  } else {
    core_.transport().refuse(now, reply, answer.error, answer.body);
  }
}

storage::StoreRights StoreService::rights(const transport::Request& request,
                                          const ResourceId& resource, bool original,
                                          const std::vector<NodeId>& replicas) const {
  const topology::Plugin& plugin = *core_.plugin();
  const bool responsible = plugin.responsible(resource.position);
  storage::StoreRights rights;
  rights.sender = {&request.signer, request.from};
  // Deviation (§7.4.1.1: only from a plausible replica): who is responsible takes values from every
  // member that hands them over. After a merge the sender's former place cannot be known here, and
  // a refusal would lose the values; they prove themselves, by their owner's signature and
  // storage_time.
  rights.accepted =
      responsible || (!original && plugin.accepts_replica(resource.position, request.from));
  if (original) rights.replicas = replicas;
  return rights;
}

void StoreService::on_store(Now now, transport::Request& request) {
  const auto store = wire::parse_body<wire::StoreReq>(request.contents);
  const auto resource = store ? store->resource.id() : std::nullopt;
  if (!resource) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::invalid_message);
  }
  if (core_.plugin() == nullptr) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::forbidden);
  }
  if (pending_.size() >= pending_max) return core_.transport().drop(request.reply);
  const bool original = store->replica_number == 0;
  std::vector<NodeId> replicas;
  core_.plugin()->replica_set(replicas);
  storage::StoreOutcome outcome =
      core_.storage().store(now, *store, rights(request, *resource, original, replicas));
  if (!outcome.answer.ok()) return give(now, request.reply, outcome.answer);

  Pending pending;
  pending.reference = core_.next_reference();
  pending.reply = std::move(request.reply);
  pending.answer = std::move(outcome.answer.body);
  pending.resource = *resource;
  pending.replicated = !original || !outcome.changed;
  if (!outcome.writes.empty()) {
    const ports::RequestId id = core_.persist(std::move(outcome.writes), outcome.refresh_only);
    // An expiry that is on disk a little late loses nothing that was acknowledged.
    if (!outcome.refresh_only) pending.commit = id;
  }
  const std::uint64_t reference = pending.reference;
  pending_.push_back(std::move(pending));
  if (!pending_.back().replicated) ask_replicas(now, pending_.back());
  // Values handed over to this peer as their new owner need replicas of their own.
  if (!original && outcome.changed && core_.plugin()->responsible(resource->position)) {
    core_.replication().replicate(now, *resource);
  }
  settle(now, reference);
}

void StoreService::ask_replicas(Now now, Pending& pending) {
  std::vector<NodeId> replicas;
  core_.plugin()->replica_set(replicas);
  const std::uint64_t reference = pending.reference;
  const ResourceId resource = pending.resource;
  std::uint8_t number = 0;
  for (const NodeId& node : replicas) {
    ++number;
    Pending* here = find(reference);
    if (here == nullptr) return;
    if (std::find(here->asked.begin(), here->asked.end(), node) != here->asked.end()) continue;
    here->asked.push_back(node);
    const std::vector<storage::Transfer> transfers =
        core_.storage().transfers(now, resource, number, core_.context().max_message_bytes / 2);
    if (transfers.empty()) here->replicated = true;  // its values have ended already
    for (const storage::Transfer& transfer : transfers) {
      const wire::Destination destination[] = {wire::Destination::of(node)};
      transport::Outgoing request;
      request.destinations = destination;
      request.code = wire::MessageCode::store_req;
      request.body = transfer.body;
      request.certificates = transfer.signers;
      request.transmissions = replica_transmissions;
      request.purpose = purpose(What::replica, reference);
      const auto sent = core_.transport().request(now, request);
      here = find(reference);
      if (here == nullptr) return;
      if (sent) ++here->outstanding;
    }
  }
}

StoreService::Pending* StoreService::find(std::uint64_t reference) {
  const auto at = std::find_if(pending_.begin(), pending_.end(),
                               [&](const Pending& p) { return p.reference == reference; });
  return at == pending_.end() ? nullptr : &*at;
}

void StoreService::on_replica_outcome(Now now, std::uint64_t reference,
                                      const transport::Failed* failed) {
  Pending* pending = find(reference);
  if (pending == nullptr) return;
  if (pending->outstanding > 0) --pending->outstanding;
  // A replica that has newer values has these, as far as keeping them goes.
  if (failed == nullptr || failed->code == wire::ErrorCode::data_too_old ||
      failed->code == wire::ErrorCode::generation_counter_too_low) {
    pending->replicated = true;
  }
  if (!pending->replicated && pending->outstanding == 0) ask_replicas(now, *pending);
  settle(now, reference);
}

bool StoreService::on_persisted(Now now, const ports::PersistCompletion& completion) {
  const auto at = std::find_if(pending_.begin(), pending_.end(),
                               [&](const Pending& p) { return p.commit == completion.id; });
  if (at == pending_.end()) return false;
  if (!completion.result) {
    const transport::ReplyTo reply = std::move(at->reply);
    pending_.erase(at);
    core_.transport().refuse(now, reply, transport::code_of(completion.result.error().kind),
                             as_bytes("not written to disk"));
    return true;
  }
  at->commit.reset();
  settle(now, at->reference);
  return true;
}

void StoreService::settle(Now now, std::uint64_t reference) {
  Pending* pending = find(reference);
  if (pending == nullptr || pending->commit) return;
  if (!pending->replicated && pending->outstanding > 0) return;
  std::vector<NodeId> replicas;
  core_.plugin()->replica_set(replicas);
  const bool acknowledged = pending->replicated || replicas.empty();
  Pending done = std::move(*pending);
  pending_.erase(pending_.begin() + (pending - pending_.data()));
  if (pending_.empty()) pending_.shrink_to_fit();
  if (acknowledged) {
    core_.transport().answer(now, done.reply, done.answer);
  } else {
    core_.transport().refuse(now, done.reply, wire::ErrorCode::request_timeout,
                             as_bytes("no replica has answered"));
  }
}

void StoreService::on_fetch(Now now, transport::Request& request) {
  const auto fetch = wire::parse_body<wire::FetchReq>(request.contents);
  if (!fetch) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::invalid_message);
  }
  give(now, request.reply, core_.storage().fetch(now, *fetch));
}

void StoreService::on_stat(Now now, transport::Request& request) {
  const auto stat = wire::parse_body<wire::FetchReq>(request.contents);
  if (!stat) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::invalid_message);
  }
  give(now, request.reply, core_.storage().stat(now, *stat));
}

void StoreService::on_find(Now now, transport::Request& request) {
  const auto find_request = wire::parse_body<wire::FindReq>(request.contents);
  const auto resource = find_request ? find_request->resource.id() : std::nullopt;
  if (!resource) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::invalid_message);
  }
  if (core_.plugin() == nullptr || !core_.plugin()->responsible(resource->position)) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::not_found);
  }
  give(now, request.reply, core_.storage().find(now, *find_request));
}

}  // namespace chordial::overlay
